"""Card readers over PC/SC, and the KTP-el chip."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.pcsc.driver import PcscDriver


def driver(context: DriverContext) -> PcscDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return PcscDriver(context)
