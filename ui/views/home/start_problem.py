"""A window for a program that cannot start: nobody looks for the reason on a console."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication

from fieldkit.domain.errors import Problem
from fieldkit.ports.messages import Messages
from ui.presenters.acts import Act
from ui.presenters.home.start_problem import StartProblemPresenter
from ui.presenters.parts import ViewState
from ui.runtime.i18n import Phrases
from ui.runtime.look import Look
from ui.runtime.navigation import Page
from ui.runtime.theme import Theme
from ui.views.screen import Screen
from ui.views.shell import Shell
from ui.views.wiring import wired

_STYLE = "Fusion"


class StartProblemView(Screen[ViewState]):
    """The card of a problem, and below it the two ways: closing, and trying once more."""

    accept = Signal()
    language = Signal()

    def show_state(self, state: ViewState) -> None:
        """Nothing but the problem is ever shown."""


class StartProblemWindow:
    """Shows one problem until the person decides; `wants_again` says what."""

    def __init__(self, problem: Problem, messages: Mapping[str, Messages], language: str) -> None:
        self.qt = QApplication.instance() or QApplication([*sys.argv[:1], "-style", _STYLE])
        assert isinstance(self.qt, QApplication)
        look = Look(Theme(self.qt), Phrases(messages))
        look.phrases.choose(language)
        self.wants_again = False
        self.shell = Shell(look)
        self.shell.navigation.register("start_problem", lambda _: self._page(problem, look))
        self.shell.navigation.restart("start_problem")

    def exec(self) -> bool:
        """Serve until it is closed; return whether to try once more."""
        self.shell.show()
        self.qt.exec()
        return self.wants_again

    def _page(self, problem: Problem, look: Look) -> Page:
        view = StartProblemView(look)
        view.language.connect(lambda: self.shell.perform(Act.LANGUAGE))
        return wired(StartProblemPresenter(problem, self._decide), view, "accept", "back")

    def _decide(self, is_again: bool) -> None:
        self.wants_again = is_again
        self.shell.close()
