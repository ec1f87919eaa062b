"""Topaz signature pads on a serial line."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.topaz.driver import TopazDriver


def driver(context: DriverContext) -> TopazDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return TopazDriver(context)
