"""Long lists a page at a time: what a query brings is cut, and the page knows whether there is more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROWS, _MOST_PAGES = 50, 200


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of a list. `name` is what the address calls the number of the page, from 0."""

    rows: Sequence[Any]
    name: str
    number: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class PageOf:
    """Which page somebody asks for; what is no number of a page is the first."""

    name: str
    number: int

    @classmethod
    def asked(cls, query: Mapping[str, str], name: str = "page") -> PageOf:
        """Read it from an address."""
        text = query.get(name, "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        return cls(name, min(number, _MOST_PAGES))

    @property
    def first(self) -> int:
        """Return how many rows lie before the page."""
        return self.number * ROWS

    @property
    def needed(self) -> int:
        """Return how many rows a query must bring: one more than is shown."""
        return ROWS + 1

    def of(self, rows: Sequence[Any]) -> Paged:
        """Return the page of rows that begin at `first`."""
        return Paged(rows[:ROWS], self.name, self.number, len(rows) > ROWS and self.number < _MOST_PAGES)
