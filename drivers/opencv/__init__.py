"""Photo and infrared cameras: MJPEG over HTTP, UVC and files."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.opencv.driver import OpenCvDriver


def driver(context: DriverContext) -> OpenCvDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return OpenCvDriver(context)
