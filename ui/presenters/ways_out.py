"""What is left on a screen whose content could not be read: trying again and going back."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.parts import Bar, Stage, ViewState

BACK = Command("back", message("act.back"), Action.BACK, Weight.PLAIN)
AGAIN = Command("refresh", message("act.refresh"), Action.REFRESH, Weight.PRIMARY)

V = TypeVar("V", bound=ViewState)


def unread(state: V, problem: Problem) -> V:
    """Return the state of a screen that says what went wrong instead of its content."""
    return replace(state, stage=Stage.ERROR, problem=problem, retry=AGAIN, bar=Bar(BACK))
