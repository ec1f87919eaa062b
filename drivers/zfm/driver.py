"""Modules at given ports (`/dev/ttyUSB0#0000BEEF@12345678`: password, own address) and behind usual USB adapters."""

from __future__ import annotations

from collections.abc import Sequence

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from drivers.context import DriverContext
from drivers.serial_line import is_port_there
from drivers.transport import NeverCancelled
from drivers.zfm.device import ZfmReader, identity_at
from drivers.zfm.line import BAUDS, PROBE_S, Line
from drivers.zfm.packets import EVERYBODY
from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    PermissionDeniedError,
)

# CH340 and CP210x: what these modules are soldered to. Anything may hang on them: a module must answer to be listed.
ADAPTERS = frozenset({(0x1A86, 0x7523), (0x1A86, 0x55D4), (0x10C4, 0xEA60)})


class ZfmDriver:
    """Fingerprint modules on serial lines."""

    name = "zfm"

    def __init__(self, context: DriverContext) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._asked: dict[tuple[str, str], bool] = {}  # port and adapter → whether a module answered

    def scan(self) -> Sequence[DeviceStatus]:
        """List given ports and adapters behind which a module answered; each adapter is asked once when it appears."""
        given = self._context.given(self.name)
        return [self._status(address) for address in (*given, *self._searched())]

    def connect(self, status: DeviceStatus) -> ZfmReader:
        """Return the module behind a status."""
        port, password, own = parse_address(status.address)
        return ZfmReader(port, password, self._context.finger_encoder, self._context.monotonic, own)

    def _searched(self) -> list[str]:
        if not self._context.may_search(self.name):
            return []
        taken = {a.partition("#")[0] for addresses in self._context.addresses.values() for a in addresses}
        found = {
            (p.device, p.serial_number or p.location or ""): p
            for p in list_ports.comports()
            if (p.vid, p.pid) in ADAPTERS and p.device not in taken
        }
        self._asked = {key: answer for key, answer in self._asked.items() if key in found}
        for key, port in found.items():
            if key not in self._asked and (answer := self._ask(port)) is not None:
                self._asked[key] = answer
        return [device for (device, _), is_module in self._asked.items() if is_module]

    def _ask(self, port: ListPortInfo) -> bool | None:
        """Return whether a module answers behind an adapter; None when it cannot be asked now."""
        line = Line(port.device, self._context.monotonic)
        try:
            line.open(0, NeverCancelled(), bauds=BAUDS[:1], drain_s=PROBE_S)
        except DeviceBusyError:
            return None
        except PermissionDeniedError as error:
            return error.code in ("device.zfm.password", "device.zfm.other_address") or None
        except DeviceError:
            return False
        finally:
            line.close()
        return True

    def _status(self, address: str) -> DeviceStatus:
        try:
            port, _, _ = parse_address(address)
        except InputError as error:
            params = dict(error.problem.params)
            kind, state = DeviceKind.FINGERPRINT, DeviceState.NOT_READY
            return DeviceStatus(self.name, address, kind, state, None, error.code, params, may_enrol=False)
        is_there = is_port_there(port)
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.FINGERPRINT,
            state=DeviceState.READY if is_there else DeviceState.ABSENT,
            identity=identity_at(port),
            detail="device.zfm.grey16" if is_there else "device.not_connected",
            params={} if is_there else {"address": port},
            is_simulated=address in self._context.simulated or port in self._context.simulated,
            may_enrol=False,
        )


def parse_address(address: str) -> tuple[str, int, int]:
    """Return port, password (0 from the factory) and the module's own address. Raise `InputError` for what is none."""
    port, _, rest = address.partition("#")
    password, _, own = rest.partition("@")
    try:
        numbers = int(password or "0", 16), int(own, 16) if own else EVERYBODY
    except ValueError as error:
        raise InputError("device.zfm.address", address=address, reason=str(error)) from error
    if not all(0 <= number <= 0xFFFFFFFF for number in numbers):
        raise InputError("device.zfm.address", address=address, reason="0…FFFFFFFF")
    return port, *numbers
