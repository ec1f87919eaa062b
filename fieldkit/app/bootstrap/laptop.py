"""Power, disk and clock of this laptop, as the sarpras checklist asks for them."""

from __future__ import annotations

import shutil

import psutil

from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.sarpras import LaptopReading
from fieldkit.ports.clock import Clock

# How full the battery is, where anybody can say.


def percent_left() -> int | None:
    """Return the charge in percent; None without a battery, or where the system does not tell."""
    if not hasattr(psutil, "sensors_battery"):
        return None
    try:
        found = psutil.sensors_battery()
    except OSError:  # no /sys, as in a container
        return None
    return None if found is None else round(found.percent)


class ThisLaptop:
    """Implements `Laptop`."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home, self._clock = home, clock

    def read(self) -> LaptopReading:
        """Measure now; a machine without a battery, as a desktop or a container, tells nothing of power."""
        skew_s = self._home.read_public().clock_skew_s
        return LaptopReading(
            self._clock.now(),
            percent_left(),
            _is_plugged(),
            self._free(),
            -float(skew_s) if isinstance(skew_s, int | float) else None,
        )

    def _free(self) -> int | None:
        try:
            return shutil.disk_usage(self._home.path).free
        except OSError:
            return None


def _is_plugged() -> bool | None:
    if not hasattr(psutil, "sensors_battery"):
        return None
    try:
        found = psutil.sensors_battery()
    except OSError:  # no /sys, as in a container
        return None
    return None if found is None else found.power_plugged
