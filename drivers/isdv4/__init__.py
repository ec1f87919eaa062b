"""Wacom pen displays and tablets that speak ISDv4 on a serial line."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.isdv4.driver import Isdv4Driver


def driver(context: DriverContext) -> Isdv4Driver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return Isdv4Driver(context)
