"""What the pages behind the door are made of, handed to each room as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from fieldkit.domain.typed import DraftName
from fieldkit.services.context.app_context import AppContext, Door
from fieldkit.services.devices import PAPER_PX
from ui.presenters.form import Drafting, Form, FormPresenter
from ui.presenters.lists import ListScreen
from ui.presenters.presenter import Navigator, Presenter, Spoken
from ui.presenters.printing import Printing
from ui.presenters.tasks import Tasks
from ui.presenters.viewfinder import Sight, Viewfinder
from ui.presenters.work_form import WorkForm, WorkFormPresenter
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.form import FormView, ReadingFormView, WorkFormView
from ui.views.screen import Screen
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]
Build: TypeAlias = Callable[[AppContext, Params], Form]
T = TypeVar("T")
P = TypeVar("P", bound=Presenter[Any])


@dataclass(frozen=True, slots=True)
class PageParts:
    """`context` gives that of whoever is signed in at this moment."""

    door: Door
    tasks: Tasks
    navigator: Navigator
    theming: ThemeContext
    printing: Printing
    context: Callable[[], AppContext]

    @property
    def spoken(self) -> Spoken:
        """Return the messages in the language in force."""
        return Spoken(self.theming.catalog.say, self.theming.catalog.explain)

    def page(self, presenter: P, view: Callable[[ThemeContext, P], Screen[Any]]) -> Page:
        """Return the page of a presenter; its view is given it and calls it."""
        return page_of(presenter, view(self.theming, presenter))

    def listed(self, screen: ListScreen[T]) -> Page:
        """Return the page of a list."""
        return list_page(screen, self.tasks, self.navigator, self.theming)

    def lists(self, builds: Mapping[str, Callable[[AppContext, Params], ListScreen[Any]]]) -> dict[str, Factory]:
        """Return a factory for each list by the name of its screen."""

        def factory(build: Callable[[AppContext, Params], ListScreen[Any]]) -> Factory:
            return lambda params: self.listed(build(self.context(), params))

        return {screen: factory(build) for screen, build in builds.items()}

    def forms(self, builds: Mapping[str, Build]) -> dict[str, Factory]:
        """Return a factory for each form by the name of its screen."""

        def factory(screen: str, build: Build) -> Factory:
            return lambda params: self.form_page(screen, params, build(self.context(), params))

        return {screen: factory(screen, build) for screen, build in builds.items()}

    def form_page(self, screen: str, params: Params, form: Form) -> Page:
        """Return the page of one form, whose draft is kept under the name and the parameters of its screen.

        What kind of form it is tells how it looks.
        """
        context, tasks = self.context(), self.tasks
        drafting = Drafting(context, tasks, DraftName(screen, params))
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
