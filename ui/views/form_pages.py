"""The pages of forms: each keeps what is typed on it as a draft, under the name and the parameters of its screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from fieldkit.domain.drafts import DraftName
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.take_photo import PAPER_PX
from ui.presenters.drafted import Drafting
from ui.presenters.form import Form, FormPresenter
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks
from ui.presenters.viewfinder import Sight, Viewfinder
from ui.presenters.work_form import WorkForm, WorkFormPresenter
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.views.reading_form import ReadingFormView
from ui.views.wiring import page_of
from ui.views.work_form import WorkFormView

Params = Mapping[str, str]
Build: TypeAlias = Callable[[AppContext, Params], Form]


@dataclass(frozen=True, slots=True)
class FormPages:
    """Builds factories of forms from what each form is made of."""

    tasks: Tasks
    navigator: Navigator
    theming: ThemeContext
    context: Callable[[], AppContext]

    def factories(self, builds: Mapping[str, Build]) -> dict[str, Factory]:
        """Return a factory for each form by the name of its screen."""
        return {screen: self._factory(screen, build) for screen, build in builds.items()}

    def page(self, screen: str, params: Params, form: Form) -> Page:
        """Return the page of one form; what kind of form it is tells how it looks."""
        drafting = Drafting(self.context(), self.tasks, DraftName(screen, params))
        context, tasks = self.context(), self.tasks
        is_work = isinstance(form, WorkForm)
        view = (WorkFormView if is_work else ReadingFormView if form.beside else FormView)(self.theming, form.wide)

        def camera(changed: Callable[[Sight], None]) -> Viewfinder:
            return Viewfinder(context, tasks, lambda: view.frames, changed, PAPER_PX)

        if isinstance(form, WorkForm):
            presenter: FormPresenter = WorkFormPresenter(form, tasks, self.navigator, drafting)
        else:
            presenter = FormPresenter(form, tasks, self.navigator, drafting, camera)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.choose)
        view.photograph.connect(presenter.photograph)
        view.accept.connect(presenter.accept)
        return page_of(presenter, view)

    def _factory(self, screen: str, build: Build) -> Factory:
        return lambda params: self.page(screen, params, build(self.context(), params))
