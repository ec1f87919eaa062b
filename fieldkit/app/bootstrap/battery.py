"""How full the battery is, where anybody can say."""

from __future__ import annotations

import psutil


def percent_left() -> int | None:
    """Return the charge in percent; None without a battery, or where the system does not tell."""
    if not hasattr(psutil, "sensors_battery"):
        return None
    try:
        found = psutil.sensors_battery()
    except OSError:  # no /sys, as in a container
        return None
    return None if found is None else round(found.percent)
