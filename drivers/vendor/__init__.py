"""Devices that only a vendor's own library can drive, through a program of their own: docs/vendor-adapter.md."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.vendor.driver import VendorDriver


def driver(context: DriverContext) -> VendorDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return VendorDriver(context)
