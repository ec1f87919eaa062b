"""The program cannot start: what happened, what is safe, what to do, and trying once more."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.parts import Bar, Stage, ViewState
from ui.presenters.presenter import Presenter

_LANGUAGE = Command("language", message("act.language"), Action.LANGUAGE, Weight.PLAIN, runs=Action.LANGUAGE)
_LOST = frozenset({"kit.not_enrolled", "vault.slots_missing", "vault.slots_damaged"})  # others are in the way of any


class StartProblemPresenter(Presenter[ViewState]):
    """Shows one problem; `decided` hears whether the person wants to try once more."""

    def __init__(self, problem: Problem, decided: Callable[[bool], None], ways_back: Callable[[], None]) -> None:
        """`ways_back` leads to what may bring the kit back."""
        ways = Command("ways_back", message("common.restore_kit"), runs=ways_back)
        close = Command("back", message("common.close"), Action.BACK, Weight.PLAIN, runs=self.back)
        again = Command("accept", message("common.try_again"), Action.ACCEPT, Weight.PRIMARY, runs=self.accept)
        actions = (_LANGUAGE, *((ways,) if problem.code in _LOST else ()), again)
        super().__init__(ViewState(stage=Stage.ERROR, problem=problem, bar=Bar(close, actions)))
        self._decided = decided

    def accept(self) -> None:
        """Try once more."""
        self._decided(True)

    def back(self) -> None:
        """Close the program."""
        self._decided(False)
