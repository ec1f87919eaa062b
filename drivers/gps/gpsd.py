"""The JSON protocol of gpsd: after WATCH it reports each position as an object of class TPV."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from drivers.gps.lines import Lines
from fieldkit.ports.surroundings import Fix

WATCH = b'?WATCH={"enable":true,"json":true};\n'
_MODE_2D = 2


class GpsdParser:
    """Takes bytes as they come; what is damaged or of another class is passed over."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, received: bytes) -> Iterator[Fix]:
        """Yield the positions that are whole by now."""
        for line in self._lines.feed(received):
            with contextlib.suppress(ValueError, TypeError, KeyError, OverflowError, RecursionError):
                report = json.loads(line)
                if isinstance(report, dict) and report.get("class") == "TPV" and report["mode"] >= _MODE_2D:
                    yield _fix(report)


def _fix(report: dict[str, Any]) -> Fix:
    latitude, longitude = _within(report["lat"], 90), _within(report["lon"], 180)
    at = datetime.fromisoformat(report["time"])
    if at.tzinfo is None:
        raise ValueError(report["time"])
    accuracy = report.get("eph")
    return Fix(latitude, longitude, at.astimezone(UTC), None if accuracy is None else _within(accuracy, math.inf))


def _within(number: object, most: float) -> float:
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        raise TypeError(number)
    if abs(number) > most:
        raise ValueError(number)
    return float(number)
