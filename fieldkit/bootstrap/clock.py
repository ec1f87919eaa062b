"""The real time and real ids."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from fieldkit.ports.clock import Clock

# Indonesia knows no summer time, so fixed offsets need no time zone database, which Windows lacks.
WIB = timezone(timedelta(hours=7), "WIB")
WITA = timezone(timedelta(hours=8), "WITA")
WIT = timezone(timedelta(hours=9), "WIT")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
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


class UuidV7:
    """`fieldkit.ports.clock.Ids`: UUIDv7 that only grow, also within a millisecond and when the clock is set back."""

    def __init__(self, clock: Clock, random_bits: Callable[[int], int] = random_bits) -> None:
        self._clock, self._random_bits = clock, random_bits
        self._last = 0
        self._turn = threading.Lock()

    def new(self) -> str:
        """Return a UUIDv7 as text; later ids sort later."""
        now_ms = (self._clock.now() - _EPOCH) // timedelta(milliseconds=1)
        with self._turn:
            if now_ms > self._last >> _RANDOM_BITS:
                self._last = now_ms << _RANDOM_BITS | self._random_bits(_RANDOM_BITS)
            else:
                # RFC 9562 §6.2, method 2: go on from the last id by a random step; an overflow borrows a millisecond.
                self._last += 1 + self._random_bits(32)
            value = self._last
        rand_a, rand_b = value >> 62 & 0xFFF, value & (1 << 62) - 1
        digits = f"{value >> _RANDOM_BITS << 80 | 7 << 76 | rand_a << 64 | 2 << 62 | rand_b:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
