"""Time, ids and chance, injected everywhere so that a test can hold them still."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of the time."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        ...

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        ...

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas, for people and papers."""
        ...


class Ids(Protocol):
    """The only source of new ids."""

    def new(self) -> str:
        """Return a UUIDv7 as text; later ids sort later."""
        ...
