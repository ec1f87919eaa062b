"""Pads at given ports, each with its model (`/dev/ttyUSB0#siglite-1x5`), and FTDI adapters that may be one.

A pad says nothing until a pen comes near, and its adapter is a common part: only a port that was given with its model
is ready. A found adapter is a line that says what is missing; it is not opened, for it may be anybody's.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.context import DriverContext
from drivers.serial_line import is_port_there
from drivers.topaz.device import TopazPad, identity_of
from drivers.topaz.models import MODELS
from drivers.topaz.packets import PadNumbers
from fieldkit.ports.devices import DeviceError, DeviceIdentity, DeviceKind, DeviceState, DeviceStatus

FTDI = (0x0403, 0x6001)


class TopazDriver:
    """Signature pads of Topaz on serial lines."""

    name = "topaz"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._numbers: dict[str, PadNumbers] = {}  # of the pads that told them, by port
        self._pads: dict[str, TopazPad] = {}  # by address

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and found adapters."""
        given = self._context.given(self.name)
        taken = {a.partition("#")[0] for addresses in self._context.addresses.values() for a in addresses}
        found: list[ListPortInfo] = []
        if self._context.may_search(self.name):
            found = [p for p in list_ports.comports() if (p.vid, p.pid) == FTDI and p.device not in taken]
        return [*map(self._given, given), *map(self._found, found)]

    def connect(self, status: DeviceStatus) -> TopazPad:
        """Return the pad behind a status, the same for the same address: two would want the port at once.

        Its serial number changes with the first signature. Raise a `DeviceError` for one whose model is not named or
        not known.
        """
        port, name = parse_address(status.address)
        if (refused := _refusal(port, name)) is not None:
            raise refused
        if status.address not in self._pads:
            heard = partial(self._keep, port)
            self._pads[status.address] = TopazPad(port, MODELS[name], self._context.monotonic, heard)
        return self._pads[status.address]

    def _keep(self, port: str, numbers: PadNumbers) -> None:
        self._numbers[port] = numbers

    def _given(self, address: str) -> DeviceStatus:
        port, name = parse_address(address)
        state, detail = DeviceState.READY, ""
        params: dict[str, str | int] = {}
        if not is_port_there(port):
            state, detail, params = DeviceState.ABSENT, "device.not_connected", {"address": port}
            self._numbers.pop(port, None)
        if (refused := _refusal(port, name)) is not None:
            state, detail, params = DeviceState.NOT_READY, refused.code, dict(refused.problem.params)
        elif state is DeviceState.READY and len(MODELS[name].formats) > 1:
            detail, params = "device.topaz.untried", {"model": name}
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.SIGNATURE_PAD,
            state=state,
            identity=identity_of(port, name, self._numbers.get(port)),
            detail=detail,
            params=params,
            is_simulated=address in self._context.simulated or port in self._context.simulated,
        )

    def _found(self, adapter: ListPortInfo) -> DeviceStatus:
        told = " ".join(filter(None, (adapter.manufacturer, adapter.product, adapter.serial_number)))
        refused = _which_model(adapter.device) if "topaz" in told.lower() else _which_device(adapter.device)
        # Named as a pad only where its descriptor says so.
        identity = DeviceIdentity("Topaz", told, adapter.device) if refused.code == _WHICH_MODEL else None
        return DeviceStatus(
            driver=self.name,
            address=adapter.device,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.NOT_READY,
            identity=identity,
            detail=refused.code,
            params=dict(refused.problem.params),
        )


_WHICH_MODEL = "device.topaz.which_model"


def parse_address(address: str) -> tuple[str, str]:
    """Return port and name of the model, "" where none is named."""
    port, _, name = address.partition("#")
    return port, name


def _refusal(port: str, name: str) -> DeviceError | None:
    """Another model's speed and range would give a signature of the wrong shape."""
    if not name:
        return _which_model(port)
    if name not in MODELS:
        return DeviceError("device.topaz.unknown_model", model=name, models=", ".join(MODELS))
    return None


def _which_model(port: str) -> DeviceError:
    return DeviceError(_WHICH_MODEL, address=port, models=", ".join(MODELS))


def _which_device(port: str) -> DeviceError:
    return DeviceError("device.topaz.adapter", address=port, models=", ".join(MODELS))
