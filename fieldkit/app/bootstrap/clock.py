"""The real time and real ids."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from pathlib import Path

from fieldkit.domain.trusted_time import Running
from fieldkit.ports.clock import Clock

# Indonesia knows no summer time, so fixed offsets need no time zone database, which Windows lacks.
WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")
ZONES = {"WIB": WIB, "WITA": WITA, "WIT": WIT}

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = 7
_RANDOM_BITS = 74  # rand_a and rand_b of RFC 9562 §5.7


def random_bits(count: int) -> int:
    """Return unpredictable bits of the operating system; `secrets` and what it loads are not needed for that."""
    return int.from_bytes(os.urandom(-(-count // 8))) & (1 << count) - 1


class SystemClock:
    """`fieldkit.ports.clock.Clock` of this machine, with the calendar of the dinas."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas."""
        return at.astimezone(self._zone)


class CorrectedClock:
    """`fieldkit.ports.clock.KitClock`: another clock with a correction on it."""

    def __init__(
        self, laptop: Clock, correction: timedelta = timedelta(0), running: Callable[[], Running] | None = None
    ) -> None:
        self._laptop, self.correction = laptop, correction
        self._running = running or time_running

    def now(self) -> datetime:
        """Return the aware UTC time that the kit works by."""
        return self._laptop.now() + self.correction

    def today(self) -> date:
        """Return the calendar day at the place of the dinas."""
        return self.local(self.now()).date()

    def local(self, at: datetime) -> datetime:
        """Return the same moment with the wall clock of the dinas."""
        return self._laptop.local(at)

    def wall(self) -> datetime:
        """Return what the laptop itself says."""
        return self._laptop.now()

    def running(self) -> Running:
        """Return how long the machine has been running."""
        return self._running()


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_THIS_PROCESS = f"{random_bits(128):032x}"  # where the system names no boot, a process is as good


def time_running() -> Running:
    """Return how long this machine has been running, sleep included where the system counts it."""
    clock_id = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if clock_id is None else time.clock_gettime(clock_id)
    try:
        return Running(_BOOT_ID.read_text("ascii").strip(), seconds)
    except OSError:
        return Running(_THIS_PROCESS, seconds)


class UuidV7:
    """`fieldkit.ports.clock.Ids`: UUIDv7 that only grow, also within a millisecond and when the clock is set back."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = random_bits) -> None:
        self._clock, self._random_bits = clock, random_bits
        self._last = 0
        self._turn = threading.Lock()

    def rise_above(self, known: str) -> None:
        """Give only ids that sort after this one, whatever the clock says; what is no UUIDv7 changes nothing."""
        try:
            value = int(known.replace("-", ""), 16)
        except ValueError:
            return
        if value >> 76 & 0xF == _VERSION and value < 1 << 128:
            rand_a, rand_b = value >> 64 & 0xFFF, value & (1 << 62) - 1
            with self._turn:
                self._last = max(self._last, value >> 80 << _RANDOM_BITS | rand_a << 62 | rand_b)

    def new(self) -> str:
        """Return a UUIDv7 as text; later ids sort later."""
        now_ms = max(0, (self._clock.now() - _EPOCH) // timedelta(milliseconds=1))  # a dead battery may say 1969
        with self._turn:
            if now_ms > self._last >> _RANDOM_BITS:
                self._last = now_ms << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
            else:
                # RFC 9562 §6.2, method 2: go on from the last id by a random step; an overflow borrows a millisecond.
                self._last += 1 + self._random_bits(32)
            value = self._last
        rand_a, rand_b = value >> 62 & 0xFFF, value & (1 << 62) - 1
        digits = f"{value >> _RANDOM_BITS << 80 | _VERSION << 76 | rand_a << 64 | 2 << 62 | rand_b:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
