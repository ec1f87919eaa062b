"""Time, ids and chance, injected everywhere so that a test can hold them still."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Protocol

from fieldkit.domain.trusted_time import Running


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


class KitClock(Clock, Protocol):
    """The clock of a kit: the laptop's, with a correction that everything on the kit follows at once."""

    correction: timedelta

    def wall(self) -> datetime:
        """Return what the laptop itself says, aware UTC."""
        ...

    def running(self) -> Running:
        """Return how long the machine has been running; no clock setting moves it."""
        ...


class Ids(Protocol):
    """The only source of new ids."""

    def new(self) -> str:
        """Return a UUIDv7 as text; later ids sort later."""
        ...
