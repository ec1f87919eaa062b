"""Fingerprint readers of libfprint (Linux, optional), asked in a process of the system's own Python."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.libfprint.driver import LibfprintDriver


def driver(context: DriverContext) -> LibfprintDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return LibfprintDriver(context)
