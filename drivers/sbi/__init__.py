"""Secure Biometric Interface (MDS/SBI): certified slap scanners, iris and face cameras over HTTP on the loopback."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.sbi.driver import SbiDriver


def driver(context: DriverContext) -> SbiDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return SbiDriver(context)
