"""Pads at given ports (`/dev/ttyUSB0#siglite-1x5`) and behind FTDI adapters of the kind Topaz builds in."""

from __future__ import annotations

from collections.abc import Sequence

from serial.tools import list_ports

from drivers.context import DriverContext
from drivers.serial_line import is_port_there
from drivers.topaz.device import TopazPad
from drivers.topaz.models import DEFAULT, MODELS
from fieldkit.ports.devices import DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

FTDI = (0x0403, 0x6001)


class TopazDriver:
    """Signature pads of Topaz on serial lines."""

    name = "topaz"

    def __init__(self, context: DriverContext) -> None:
        self._context = context

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and found adapters."""
        given = self._context.given(self.name)
        ports = {address.partition("#")[0] for address in given}
        searched: list[str] = []
        if self._context.may_search(self.name):
            searched = [p.device for p in list_ports.comports() if (p.vid, p.pid) == FTDI and p.device not in ports]
        return [self._status(address) for address in (*given, *searched)]

    def connect(self, status: DeviceStatus) -> TopazPad:
        """Return the pad behind a status."""
        port, name = parse_address(status.address)
        return TopazPad(port, MODELS.get(name, DEFAULT), self._context.monotonic)

    def _status(self, address: str) -> DeviceStatus:
        port, name = parse_address(address)
        state, detail = DeviceState.READY, ""
        params: dict[str, str | int] = {}
        if name not in MODELS:
            # Another model's speed and range would give a signature of the wrong shape.
            state, detail = DeviceState.NOT_READY, "device.topaz.unknown_model"
            params = {"model": name, "models": ", ".join(MODELS)}
        elif not is_port_there(port):
            state, detail, params = DeviceState.ABSENT, "device.not_connected", {"address": port}
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.SIGNATURE_PAD,
            state=state,
            identity=DeviceIdentity("Topaz", name, port),
            detail=detail,
            params=params,
            is_simulated=address in self._context.simulated or port in self._context.simulated,
        )


def parse_address(address: str) -> tuple[str, str]:
    """Return port and name of the model; where none is named, the most common pad is meant."""
    port, _, name = address.partition("#")
    return port, name or DEFAULT.name
