"""What is left on a screen whose content could not be read: trying again and going back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.parts import Bar, Stage, ViewState

V = TypeVar("V", bound=ViewState)


class Leavable(Protocol):
    """A presenter that reads its content anew and goes back."""

    def refresh(self) -> None:
        """Read the content anew."""

    def back(self) -> None:
        """Go back."""


def leave(back: Callable[[], None]) -> Command:
    """Return the command at the left end of the bar."""
    return Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=back)


def unread(state: V, problem: Problem, screen: Leavable) -> V:
    """Return the state of a screen that says what went wrong instead of its content."""
    again = Command("refresh", message("act.refresh"), Action.REFRESH, Weight.PRIMARY, runs=screen.refresh)
    return replace(state, stage=Stage.ERROR, problem=problem, retry=again, bar=Bar(leave(screen.back)))
