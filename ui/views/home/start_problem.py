"""A window for a program that cannot start, since nobody looks on a console, and the page of the ways back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import Messages
from fieldkit.ports.ways_back import WaysBack
from ui.presenters.home.start_problem import StartProblemPresenter
from ui.presenters.home.ways_back import WaysBackPresenter
from ui.presenters.messages import Message
from ui.presenters.parts import ViewState
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Page
from ui.runtime.qt_application import qt_application
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import Theme
from ui.runtime.theme_context import Catalog, ThemeContext
from ui.views.form import FormView
from ui.views.screen import Screen
from ui.views.shell import Shell
from ui.views.wiring import page_of


class StartProblemView(Screen[ViewState]):
    """The card of a problem, and below it the two ways: closing, and trying once more."""

    def show_state(self, state: ViewState) -> None:
        """Nothing but the problem is ever shown."""


class StartWindow:
    """A window before the program's own: one page, the ways back behind it, and what the person decided at the end."""

    def __init__(self, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self.qt = qt_application()
        self.theming = ThemeContext(Theme(self.qt), Catalog(messages))
        self.theming.catalog.choose(language)
        self._is_again = False
        self.shell = Shell(self.theming)
        self.tasks = ExecutorTasks(on_bug=self.shell.show_bug)
        navigation = self.shell.navigation
        navigation.register("start", lambda _: self._page())
        navigation.register(
            "ways_back", lambda _: ways_back_page(ways, self.tasks, self.theming, self._brought_back, navigation.back)
        )
        navigation.restart("start")

    def exec(self) -> bool:
        """Serve until it is closed; return whether the start is tried once more."""
        self.shell.show()
        self.qt.exec()
        self.tasks.shutdown()
        return self._is_again

    def _page(self) -> Page:
        raise NotImplementedError

    def _brought_back(self, _told: Message) -> None:
        self._decide(is_again=True)  # the sign-in screen that comes says it best

    def _decide(self, is_again: bool) -> None:
        self._is_again = is_again
        self.shell.close()


class StartProblemWindow(StartWindow):
    """Shows one problem until the person decides."""

    def __init__(self, problem: Problem, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self._problem = problem
        super().__init__(messages, language, ways)

    def _page(self) -> Page:
        view = StartProblemView(self.theming)
        presenter = StartProblemPresenter(self._problem, self._decide, lambda: self.shell.navigation.push("ways_back"))
        return page_of(presenter, view)


def ways_back_page(
    ways: WaysBack, tasks: Tasks, theming: ThemeContext, ended: Callable[[Message], None], leave: Callable[[], None]
) -> Page:
    """Return the page of the ways back, before anybody has signed in."""
    presenter, view = WaysBackPresenter(ways, tasks, ended, leave), FormView(theming)
    view.choose.connect(presenter.type)
    view.type.connect(presenter.type)
    return page_of(presenter, view)
