"""A reader of libfprint: single fingers, compared by the library or inside the reader."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence

import cv2
import numpy as np

from drivers.libfprint.answers import Reader, content_of, image_of
from drivers.libfprint.process import OutsideProcess
from drivers.transport import POLL_S, check, pause
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    FingerEncoder,
    FingerTemplate,
    GreyImage,
    NotConnectedError,
    PreviewSink,
    ProtocolError,
    TransportBrokenError,
)

OPEN_MS = 10_000


class LibfprintReader:
    """Implements `BiometricCaptureDevice` and `FingerVerifier`; built for logins, so it may not enrol."""

    def __init__(
        self,
        address: str,
        reader: Reader,
        encoder: FingerEncoder,
        look: Callable[[], DeviceState],
        virtual_socket: str = "",
    ) -> None:
        self._address = address
        self._reader = reader
        self._encoder = encoder
        self._look = look
        self._virtual_socket = virtual_socket
        self._process: OutsideProcess | None = None

    @property
    def identity(self) -> DeviceIdentity:
        """The library's name of the reader; the address stands for a serial number."""
        return DeviceIdentity("libfprint", self._reader.name, self._address)

    @property
    def capabilities(self) -> Capabilities:
        """One finger at a time; readers that compare inside give no images."""
        positions = frozenset(FINGERS) if self._reader.may_capture else frozenset[Position]()
        return Capabilities(DeviceKind.FINGERPRINT, positions, may_enrol=False)

    @property
    def template_kind(self) -> str:
        """Templates are those of one driver of the library."""
        return f"libfprint:{self._reader.driver}"

    def open(self, cancel: Cancel) -> None:
        """Start the outside process and claim the reader."""
        check(cancel)
        if self._process is not None and self._process.is_alive:
            return
        self.close()
        self._process = OutsideProcess(self._address, self._virtual_socket)
        try:
            self._process.ask("open", cancel, OPEN_MS, driver=self._reader.driver, id=self._reader.device_id)
        except DeviceError:
            self.close()
            raise

    def health(self) -> DeviceState:
        """Look whether the library lists it."""
        return self._look()

    def close(self) -> None:
        """Let go of the reader."""
        if self._process is not None:
            self._process.close()
        self._process = None

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:  # noqa: ARG002 – the port's
        """Show nothing until cancelled: the library gives no live frames."""
        while not cancel.is_cancelled():
            if self._process is None or not self._process.is_alive:
                raise TransportBrokenError("device.transport_broken", address=self._address)
            pause(POLL_S, cancel)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Capture the one finger asked for; its print is the only frame."""
        wanted = [p for p in request.positions if p not in request.exceptions]
        if len(wanted) != 1 or wanted[0] not in FINGERS:
            raise ProtocolError("device.position", positions=", ".join(wanted))
        if not self._reader.may_capture:
            raise ProtocolError("device.libfprint.no_image")
        image = image_of(self._ask("capture", cancel, request.timeout_ms))
        preview.offer(_jpeg(image))
        return CaptureResult((self._encoder.encode(image, wanted[0], request.at),), last_hash=request.previous_hash)

    def learn_finger(self, cancel: Cancel, timeout_ms: int) -> FingerTemplate:
        """Take one finger as often as the reader wants it."""
        return FingerTemplate(self.template_kind, content_of(self._ask("learn", cancel, timeout_ms), "template"))

    def is_finger_of(self, template: FingerTemplate, cancel: Cancel, timeout_ms: int) -> bool:
        """Compare the next finger with a template."""
        if template.kind != self.template_kind:
            raise ProtocolError("device.other_template", kind=template.kind)
        kept = base64.b64encode(template.content).decode()
        return self._ask("compare", cancel, timeout_ms, template=kept).get("same") is True

    def _ask(self, do: str, cancel: Cancel, timeout_ms: int, **fields: str) -> dict[str, object]:
        if self._process is None:
            raise NotConnectedError("device.not_open", model=self._reader.name)
        try:
            return self._process.ask(do, cancel, timeout_ms, **fields)
        except TransportBrokenError:
            self.close()
            raise


def _jpeg(image: GreyImage) -> bytes:
    pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
    return cv2.imencode(".jpg", pixels)[1].tobytes()
