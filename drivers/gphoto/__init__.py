"""Digital cameras over PTP through libgphoto2 (extra `dslr`)."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.gphoto.driver import GphotoDriver


def driver(context: DriverContext) -> GphotoDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return GphotoDriver(context)
