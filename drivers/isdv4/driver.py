"""Tablets at given ports (`/dev/ttyS4`, `COM4`, `socket://host:port`) and built into laptops."""

from __future__ import annotations

from collections.abc import Sequence

from serial.tools import list_ports

from drivers.context import DriverContext
from drivers.isdv4.device import Isdv4Tablet
from drivers.serial_line import is_port_there
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

PNP_MARK = "WACF"  # how firmware names a serial port with such a tablet behind it: WACF004 …


class Isdv4Driver:
    """Wacom tablets on serial lines."""

    name = "isdv4"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and built-in tablets."""
        given = self._context.given(self.name)
        found: list[str] = []
        if self._context.may_search(self.name):
            found = [p.device for p in list_ports.comports() if is_tablet(p.hwid) and p.device not in given]
        return [self._status(port) for port in (*given, *found)]

    def connect(self, status: DeviceStatus) -> Isdv4Tablet:
        """Return the tablet behind a status."""
        return Isdv4Tablet(status.address, self._context.monotonic)

    def _status(self, port: str) -> DeviceStatus:
        is_there = is_port_there(port)
        return DeviceStatus(
            driver=self.name,
            address=port,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.READY if is_there else DeviceState.ABSENT,
            identity=DeviceIdentity("Wacom", "ISDv4", port),
            detail="" if is_there else "device.not_connected",
            params={} if is_there else {"address": port},
            is_simulated=port in self._context.simulated,
        )


def is_tablet(hardware_id: str | None) -> bool:
    """Return whether a port's hardware id is of a tablet."""
    return PNP_MARK in (hardware_id or "").upper()
