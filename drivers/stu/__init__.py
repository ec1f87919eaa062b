"""Wacom STU signature pads on USB."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.stu.driver import StuDriver


def driver(context: DriverContext) -> StuDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return StuDriver(context)
