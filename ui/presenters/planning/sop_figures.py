"""What the timeline of an SOP and the panel beside it show. A presenter makes them, a widget draws them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ui.presenters.commands import Command
from ui.presenters.figures import StepMark
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone, ViewState


@dataclass(frozen=True, slots=True)
class TimelineStep:
    """A line of the timeline; `details` stand below the words, divided by dots."""

    no: int
    words: Message
    mark: StepMark
    details: tuple[Message, ...] = ()
    tag: Tag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineState(ViewState):
    """Head and timeline of a screen that goes along an SOP; `sop` says which and how far."""

    tag: Tag | None = None
    title: Message = ""
    subtitle: Message = ""
    sop: Message = ""
    steps: tuple[TimelineStep, ...] = ()
    cursor: int = 0  # number of the step


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the panel: something that is there, missing, or simply said."""

    words: Message
    tone: Tone = Tone.NEUTRAL
    head: Message = ""  # begins a new group


def group(key: str, facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return facts as a group: the phrase `key` stands above its first."""
    return tuple(replace(fact, head=message(key)) if at == 0 else fact for at, fact in enumerate(facts))


@dataclass(frozen=True, slots=True)
class StepPanel:
    """Everything about the step under the cursor, and what can be done there."""

    title: Message
    words: str
    tag: Tag | None
    now: Message
    facts: tuple[Fact, ...]
    ways: tuple[Command, ...]
