"""Domain values in the catalogue's words: each enumeration has its room of keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import overload

from fieldkit.domain.recording.capture import StepKind, Verdict
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import CatalogMessage, Message, message

# Lines of short lists: to be ticked, or to be put in order.


@dataclass(frozen=True, slots=True)
class Line:
    """A line; `is_on` None has no tick box. `name` comes back when it is ticked or moved."""

    name: str
    words: Message
    detail: Message = ""
    is_on: bool | None = None
    tag: Tag | None = None
    is_alone: bool = False  # chosen in place of the others


def _no_line(_at: int) -> Line:
    raise IndexError


@dataclass(frozen=True, slots=True)
class LinesOnDemand(Sequence[Line]):
    """Thousands of lines of which a few are seen: `make(i)` makes the i-th; `said` is all they tell besides names."""

    names: tuple[str, ...] = ()
    make: Callable[[int], Line] = field(default=_no_line, compare=False)
    said: object = None

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.names)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Line, ...]: ...
    def __getitem__(self, at: int | slice) -> Line | tuple[Line, ...]:
        """Make a line, or some."""
        places = range(len(self.names))[at]
        return self.make(places) if isinstance(places, int) else tuple(self.make(place) for place in places)


NO_LINES = LinesOnDemand()


def names_of(lines: Sequence[Line]) -> Sequence[str]:
    """Return the names of lines without making those that nobody sees."""
    return lines.names if isinstance(lines, LinesOnDemand) else [line.name for line in lines]


TONE_OF: dict[Verdict, Tone] = {Verdict.GOOD: Tone.GOOD, Verdict.ENOUGH: Tone.CAUTION, Verdict.REPEAT: Tone.BAD}


def step_words(kind: StepKind) -> CatalogMessage:
    """Return the short name of a step for the rail."""
    return message(f"step.{kind.value}")


def position_words(position: Position) -> CatalogMessage:
    """Return the full name of a position: "telunjuk kanan"."""
    return message(f"position.{position.value.lower()}")


def verdict_tag(verdict: Verdict | None) -> Tag:
    """Return how a score reads, as a tag; nothing captured reads as missing."""
    if verdict is None:
        return Tag(message("common.missing"), Tone.NEUTRAL)
    return Tag(message(f"verdict.{verdict.value}"), TONE_OF[verdict])


def comparison_words(comparison: IndexComparison) -> CatalogMessage:
    """Return what the verification of the index fingers said."""
    return message(f"comparison.{comparison.name.lower()}")


def tone_of_comparison(comparison: IndexComparison | None) -> Tone:
    """Return how it stands; a comparison that did not match asks for a second look, it forbids nothing."""
    tones: Mapping[IndexComparison | None, Tone] = {
        IndexComparison.MATCHED: Tone.GOOD,
        IndexComparison.NOT_MATCHED: Tone.BAD,
        IndexComparison.NOT_COMPARABLE: Tone.CAUTION,
        IndexComparison.DOUBTED: Tone.CAUTION,
        IndexComparison.DOUBTED_TWICE: Tone.CAUTION,
    }
    return tones.get(comparison, Tone.NEUTRAL)
