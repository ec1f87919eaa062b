"""What is left on a screen whose content could not be read: trying again and going back."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from fieldkit.domain.errors import Problem
from ui.presenters.acts import Act
from ui.presenters.commands import Command, Weight
from ui.presenters.parts import Bar, Stage, ViewState
from ui.presenters.words import phrase

BACK = Command("back", phrase("act.back"), Act.BACK, Weight.PLAIN)
AGAIN = Command("refresh", phrase("act.refresh"), Act.REFRESH, Weight.PRIMARY)

V = TypeVar("V", bound=ViewState)


def unread(state: V, problem: Problem) -> V:
    """Return the state of a screen that says what went wrong instead of its content."""
    return replace(state, stage=Stage.ERROR, problem=problem, retry=AGAIN, bar=Bar(BACK))
