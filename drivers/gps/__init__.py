"""Satellite receivers through gpsd or on a serial line."""

from __future__ import annotations

from collections.abc import Sequence

from drivers.gps.receiver import Receiver
from drivers.serial_line import listed_ports
from fieldkit.ports.devices import Cancel, NotConnectedError
from fieldkit.ports.laptop import Fix

GPSD = "gpsd://127.0.0.1:2947"
_U_BLOX = 0x1546
_MEDIATEK = (0x0E8D, 0x3329)


class FirstReceiver:
    """The port `Whereabouts` over several addresses: the first that is there answers."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self.addresses = tuple(addresses)

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        """Return the first position that comes."""
        for address in self.addresses:
            try:
                return Receiver(address).fix(cancel, timeout_ms)
            except NotConnectedError:
                continue
        raise NotConnectedError("device.gps.none", address=", ".join(self.addresses))


def whereabouts(given: Sequence[str] = ()) -> FirstReceiver:
    """Return the receivers given (`gpsd://host:port`, `/dev/ttyACM0#9600`), else gpsd and USB receivers."""
    return FirstReceiver(given or (GPSD, *(port.device for port in listed_ports() if is_receiver(port.vid, port.pid))))


def is_receiver(vendor: int | None, product: int | None) -> bool:
    """Return whether a USB port is a satellite receiver by its numbers."""
    return vendor == _U_BLOX or (vendor, product) == _MEDIATEK
