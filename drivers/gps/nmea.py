"""Sentences of NMEA 0183 to positions: RMC gives place, day and time, GGA before it the precision."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import reduce

from drivers.gps.lines import Lines
from fieldkit.ports.surroundings import Fix

RANGE_ERROR_M = 5.0  # of one satellite; times HDOP it is the usual estimate for receivers that send no GST
_UNREAL = frozenset("NEMS")  # modes: no fix, dead reckoning, typed in, simulator


class NmeaParser:
    """Takes bytes as they come; what is damaged is passed over."""

    def __init__(self) -> None:
        self._lines = Lines()
        self._precision: float | None = None

    def feed(self, received: bytes) -> Iterator[Fix]:
        """Yield the positions that are whole by now."""
        for line in self._lines.feed(received):
            fields = _fields(line)
            with contextlib.suppress(ValueError, IndexError, OverflowError):
                if fields[0].endswith("GGA"):
                    self._precision = _positive(fields[8])
                elif fields[0].endswith("RMC") and fields[2] == "A" and not _UNREAL.intersection(fields[12:13]):
                    yield self._fix(fields)

    def _fix(self, fields: list[str]) -> Fix:
        at = datetime.strptime(fields[9] + fields[1][:6], "%d%m%y%H%M%S").replace(tzinfo=UTC)
        accuracy = None if self._precision is None else self._precision * RANGE_ERROR_M
        return Fix(_degrees(fields[3], fields[4], "NS", 90), _degrees(fields[5], fields[6], "EW", 180), at, accuracy)


def checksum(body: bytes) -> int:
    """Return the XOR of the bytes between `$` and `*`."""
    return reduce(lambda a, b: a ^ b, body, 0)


def _fields(line: bytes) -> list[str]:
    """Return the fields of a sentence whose checksum holds, else one empty field."""
    body, star, given = line[line.rfind(b"$") + 1 :].partition(b"*")
    try:
        if b"$" in line and star and int(given[:2], 16) == checksum(body):
            return body.decode("ascii").split(",")
    except ValueError:
        pass
    return [""]


def _degrees(text: str, side: str, sides: str, most: int) -> float:
    """Read `dddmm.mmmm`. Raise `ValueError`."""
    point = text.index(".")
    degrees, minutes = int(text[: point - 2]), _positive(text[point - 2 :])
    found = degrees + minutes / 60
    if minutes >= 60 or not 0 <= found <= most:
        raise ValueError(text)
    return -found if sides.index(side) else found


def _positive(text: str) -> float:
    number = float(text)
    if not math.isfinite(number) or number < 0:
        raise ValueError(text)
    return number
