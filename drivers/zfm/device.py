"""A module as a reader of single fingers: for the lock of a session and for verifying, never for enrolment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from drivers.serial_line import is_port_there
from drivers.transport import POLL_S, Deadline, pause
from drivers.zfm.dialogue import is_finger_of, learn_finger, take_print
from drivers.zfm.line import Line
from drivers.zfm.packets import EVERYBODY
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    FingerEncoder,
    FingerTemplate,
    GreyImage,
    PreviewSink,
    ProtocolError,
    TransportBrokenError,
)

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
