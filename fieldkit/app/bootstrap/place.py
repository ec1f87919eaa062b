"""The satellite receiver of this kit, as its `devices.toml` says; looked for only when somebody asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fieldkit.ports.devices import Cancel, NotConnectedError
from fieldkit.ports.laptop import Fix

if TYPE_CHECKING:  # the place of the file is all that is needed of it
    from fieldkit.app.bootstrap.home import Home


class KitPlace:
    """The port `Whereabouts` over the receivers that the file names, else over those that are found."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        """Return the first position that comes. Raise `DeviceError`, `InputError` for a file that is wrong."""
        # Serial ports are listed only when somebody wants to know.
        from drivers.gps import whereabouts
        from fieldkit.app.bootstrap.devices import GPS, NAME, read_device_file

        told = read_device_file(self._home.path / NAME).get(GPS)
        return whereabouts(told.addresses if told else ()).fix(cancel, timeout_ms)


class NoReceiver:
    """The port `Whereabouts` of a kit without a receiver."""

    def fix(self, _cancel: Cancel, _timeout_ms: int) -> Fix:
        """Raise `NotConnectedError`: the time is typed."""
        raise NotConnectedError("device.gps.none", address="")
