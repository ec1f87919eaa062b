"""The clock of a scripted day: it runs like the machine's, and the script puts it ahead to the next hour that matters.

Kit, data center, signing service and devices of a demo go by it. Only TLS knows the machine's time; so such a day
begins in the past, and no certificate of the demo is younger than the machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from fieldkit.app.bootstrap.clock import WIB, CorrectedClock, SystemClock, time_running
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.trusted_time import Running
from fieldkit.ports.clock import Clock

_MACHINE = SystemClock(WIB)
_OPENS = time(7, 30)
_SATURDAY = 5


class DemoClock:
    """`fieldkit.ports.clock.Clock` that the script owns. It never goes back; `ahead` is added to the machine's."""

    def __init__(self, begins: datetime, machine: Clock = _MACHINE) -> None:
        self._machine = machine
        self.ahead = self._began_ahead = begins - machine.now()
        self._followers: list[Callable[[timedelta], None]] = []

    @classmethod
    def of_office_day(cls, machine: Clock = _MACHINE) -> DemoClock:
        """Return one that stands at the opening of the last office day before the machine's."""
        on = machine.today() - timedelta(days=1)
        while on.weekday() >= _SATURDAY:
            on -= timedelta(days=1)
        return cls(datetime.combine(on, _OPENS, WIB).astimezone(UTC), machine)

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return self._machine.now() + self.ahead

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas."""
        return self._machine.local(at)

    def running(self) -> Running:
        """Return how long the machine has been running on this clock: hours that are left out passed for it too."""
        counted = time_running()
        return Running(counted.boot, counted.seconds + (self.ahead - self._began_ahead).total_seconds())

    def follow(self, told: Callable[[timedelta], None]) -> None:
        """Tell somebody how far this clock is ahead, now and whenever it was moved."""
        self._followers.append(told)
        told(self.ahead)

    def wait_until(self, at: time, on: date | None = None) -> None:
        """Let it be this hour of the dinas, today or on a day that comes; what is past already stays."""
        wanted = datetime.combine(on or self.today(), at, WIB)
        self.pass_by(wanted - self.now())

    def pass_by(self, span: timedelta) -> None:
        """Let some time pass. Nothing happens for none or less."""
        if span <= timedelta(0):
            return
        self.ahead += span
        for told in self._followers:
            told(self.ahead)


@dataclass(frozen=True, slots=True)
class ClockedHome(Home):
    """The home of a kit whose laptop has the clock of the demo."""

    laptop: DemoClock

    def clock(self) -> CorrectedClock:
        """Return that clock with the correction that somebody gave it."""
        return CorrectedClock(self.laptop, self.read_public().correction, self.laptop.running)


class FollowedClock(SystemClock):
    """The same clock in another process, told by a file."""

    def __init__(self, file: Path) -> None:
        super().__init__(WIB)
        self._file = file

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return super().now() + timedelta(seconds=float(json.loads(self._file.read_text("ascii"))))


def tell_by_file(file: Path) -> Callable[[timedelta], None]:
    """Return what keeps such a file, replaced as a whole."""

    def tell(ahead: timedelta) -> None:
        draft = file.with_name(f"{file.name}.new")
        draft.write_text(json.dumps(ahead.total_seconds()), "ascii")
        draft.replace(file)

    return tell
