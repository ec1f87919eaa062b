"""The clock of the tests: it stands still until a hand moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fieldkit.bootstrap.clock import WIB

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A `Clock` of a dinas in western Indonesia."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.local(self.at).date()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(WIB)

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


def true_clock() -> HandClock:
    """Return a clock that was set by the true time, as TLS needs it."""
    return HandClock(datetime.now(UTC).replace(microsecond=0))
