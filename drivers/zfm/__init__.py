"""Fingerprint modules of the ZFM family (ZhianTec, GROW R30x, R503, AS608) on a serial line."""

from __future__ import annotations

from drivers.context import DriverContext
from drivers.zfm.driver import ZfmDriver


def driver(context: DriverContext) -> ZfmDriver:
    """Return the driver; entry point of the group `fieldkit.drivers`."""
    return ZfmDriver(context)
