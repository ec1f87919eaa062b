"""What the laptop says about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Gauges(NamedTuple):
    """Battery and disk; None is "cannot be measured"."""

    battery_percent: Callable[[], int | None]
    free_bytes: Callable[[], int | None]
