"""What the pages behind the door are made of, handed to each room as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.form import Form
from ui.presenters.lists import ListScreen
from ui.presenters.navigator import Navigator
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.spoken import Spoken
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import Build, FormPages
from ui.views.screen import Screen
from ui.views.wiring import list_page, page_of

T = TypeVar("T")
P = TypeVar("P", bound=Presenter[Any])
Params = Mapping[str, str]


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
        return self._form_pages.factories(builds)

    def form_page(self, screen: str, params: Params, form: Form) -> Page:
        """Return the page of one form."""
        return self._form_pages.page(screen, params, form)

    @property
    def _form_pages(self) -> FormPages:
        return FormPages(self.tasks, self.navigator, self.theming, self.context)
