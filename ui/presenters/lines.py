"""Lines of short lists: to be ticked, or to be put in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import overload

from ui.presenters.messages import Message
from ui.presenters.parts import Tag


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
