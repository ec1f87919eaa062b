"""What a person can ask for on a screen: one value from key, click or touch to what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from ui.presenters.actions import Action
from ui.presenters.messages import Message
from ui.presenters.tasks import STORE

T = TypeVar("T")


def _nothing(_result: Any) -> None:
    """Follow a work that leads nowhere else."""


def _unsaid(_result: Any) -> Message:
    return ""


class Weight(StrEnum):
    """How strongly a button asks to be pressed; one primary per screen."""

    PRIMARY = "primary"
    SECOND = "second"
    PLAIN = "plain"
    DANGER = "danger"  # takes something away


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[T]):
    """Work away from the window. While it is under way its screen begins no other.

    What it changes the store tells by itself, so nothing need be read anew in `done`. With `undo` the toast offers
    the way back. With `then` another operation follows by itself, on its own executor, and tells for both.
    """

    work: Callable[[], T]
    told: Callable[[T], Message] = _unsaid  # the toast; "" is none
    done: Callable[[T], None] = _nothing
    then: Callable[[T], Operation[Any]] | None = None
    undo: Callable[[T], Operation[Any]] | None = None
    copies: str = ""  # what is on the clipboard afterwards
    executor: str = STORE
    busy: Message = ""  # what lies over the screen while it runs; "" lets the screen be used


class Held(NamedTuple):
    """What runs with the text that only the view holds: a passphrase, which stands in no state, or its language."""

    takes: Callable[[str], None]


Runs: TypeAlias = Callable[[], None] | Operation[Any] | Held | Action | None


@dataclass(frozen=True, slots=True)
class Command:
    """A button of the bottom bar or of a panel, with its key. `name` is unique on its screen.

    A command with `refused` is shown greyed with this reason, and says it when pressed. An act as `runs` is one of the
    window: lock, help, language, theme. Two that look the same and run
    something else are two: a button must never keep what it ran before.
    """

    name: str
    words: Message
    act: Action | None = None
    weight: Weight = Weight.SECOND
    refused: Message = ""
    runs: Runs = field(default=None, repr=False)

    def quiet(self) -> Command:
        """Return the same as a button that gives way first where the bar has no room."""
        return replace(self, weight=Weight.PLAIN)


def enter(words: Message, runs: Runs, refused: Message = "", name: str = "accept") -> Command:
    """Return the command of Enter: what its screen is there for."""
    return Command(name, words, Action.ACCEPT, Weight.PRIMARY, refused, runs)
