"""Modules at given ports (`/dev/ttyUSB0#0000BEEF@12345678`: password, own address) and behind usual USB adapters."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np
from serial.tools.list_ports_common import ListPortInfo

from drivers.context import DriverContext
from drivers.serial_line import is_port_there, listed_ports
from drivers.transport import POLL_S, Deadline, NeverCancelled, pause
from drivers.zfm.dialogue import EVERYBODY, is_finger_of, learn_finger, take_print
from drivers.zfm.line import BAUDS, PROBE_S, Line
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceBusyError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    FingerEncoder,
    FingerTemplate,
    GreyImage,
    PermissionDeniedError,
    PreviewSink,
    ProtocolError,
    TransportBrokenError,
)

# A module as a reader of single fingers: for the lock of a session and for verifying, never for enrolment.

TEMPLATE_KIND = "zfm"


class ZfmReader:
    """Implements `BiometricCaptureDevice` and `FingerVerifier`. Its images have 16 grey levels."""

    def __init__(
        self,
        port: str,
        password: int,
        encoder: FingerEncoder,
        monotonic: Callable[[], float] = time.monotonic,
        address: int = EVERYBODY,
    ) -> None:
        self._port = port
        self._password = password
        self._encoder = encoder
        self._monotonic = monotonic
        self._line = Line(port, monotonic, address)

    @property
    def identity(self) -> DeviceIdentity:
        """The family; the modules do not tell a serial number, so the port stands for it."""
        return identity_at(self._port)

    @property
    def capabilities(self) -> Capabilities:
        """One finger at a time, without preview: an image takes seven seconds at the factory's speed."""
        return Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_enrol=False, resolution_ppi=500)

    @property
    def template_kind(self) -> str:
        """Modules of the family read each other's templates."""
        return TEMPLATE_KIND

    def open(self, cancel: Cancel) -> None:
        """Find the module's speed and sign in."""
        if not self._line.is_open:
            self._line.open(self._password, cancel)

    def health(self) -> DeviceState:
        """Say whether the port is there."""
        return DeviceState.READY if is_port_there(self._port) else DeviceState.ABSENT

    def close(self) -> None:
        """Close the port."""
        self._line.close()

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:  # noqa: ARG002 – the port's
        """Show nothing until cancelled: the line is too slow for live frames."""
        while not cancel.is_cancelled():
            if self.health() is not DeviceState.READY:
                raise TransportBrokenError("device.transport_broken", address=self._port)
            pause(POLL_S, cancel)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Capture the one finger asked for; its print is the only frame."""
        wanted = [p for p in request.positions if p not in request.exceptions]
        if len(wanted) != 1 or wanted[0] not in FINGERS:
            raise ProtocolError("device.position", positions=", ".join(wanted))
        image = self._line.carry_out(take_print(self._after(request.timeout_ms)), cancel)
        preview.offer(_jpeg(image))
        return CaptureResult((self._encoder.encode(image, wanted[0], request.at),), last_hash=request.previous_hash)

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        """Take one finger twice; it must be lifted in between."""
        return FingerTemplate(TEMPLATE_KIND, self._line.carry_out(learn_finger(self._after(timeout_ms)), cancel))

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        """Let the module compare the next finger with a template."""
        if template.kind != TEMPLATE_KIND or not template.content:
            raise ProtocolError("device.other_template", kind=template.kind)
        return self._line.carry_out(is_finger_of(template.content, self._after(timeout_ms)), cancel)

    def _after(self, timeout_ms: int) -> Callable[[], bool]:
        deadline = Deadline(timeout_ms / 1000, self._monotonic)
        return lambda: deadline.is_over


def _jpeg(image: GreyImage) -> bytes:
    pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
    return cv2.imencode(".jpg", pixels)[1].tobytes()


def identity_at(port: str) -> DeviceIdentity:
    """Return the identity of a module behind a port."""
    return DeviceIdentity("GROW", "ZFM", port)


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
            for p in listed_ports()
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
