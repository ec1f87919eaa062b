"""The clock of the tests: it stands still until a hand moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.trusted_time import Running

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass
class HandClock:
    """A `Clock` of a dinas in western Indonesia."""

    at: datetime = NOW  # what the laptop says
    correction: timedelta = timedelta(0)
    boot: str = ""  # "" = the machine cannot tell one start from another
    ran_s: float = 0.0

    def now(self) -> datetime:
        return self.at + self.correction

    def wall(self) -> datetime:
        return self.at

    def running(self) -> Running:
        return Running(self.boot, self.ran_s)

    def today(self) -> date:
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        return at.astimezone(WIB)

    def advance(self, **span: float) -> None:
        """Let time pass."""
        self.at += timedelta(**span)
        self.ran_s += timedelta(**span).total_seconds()

    def jump(self, **span: float) -> None:
        """Set the clock without any time passing."""
        self.at += timedelta(**span)


def true_clock() -> HandClock:
    """Return a clock that was set by the true time, as TLS needs it."""
    return HandClock(datetime.now(UTC).replace(microsecond=0))
