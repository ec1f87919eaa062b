"""Readers that libfprint lists, and its virtual reader at a given address (`virtual:/path/of/socket`)."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np

from drivers.context import DriverContext
from drivers.libfprint.answers import PYTHON, OutsideProcess, Reader, content_of, image_of, list_readers
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
    DeviceStatus,
    FingerEncoder,
    FingerTemplate,
    GreyImage,
    NotConnectedError,
    PreviewSink,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)

# A reader of libfprint: single fingers, compared by the library or inside the reader.

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


VIRTUAL = "virtual:"
VIRTUAL_READER = Reader("virtual_image", "0", "Virtual image device", may_capture=True)
USB = Path("/dev/bus/usb")
LOOK_AGAIN_S = 60.0  # packages may have been installed meanwhile


class LibfprintDriver:
    """Asks the library only when something was plugged in or out: each asking is a process of its own."""

    name = "libfprint"

    def __init__(self, context: DriverContext, python: Path = PYTHON, usb: Path = USB) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._python, self._usb = python, usb
        self._readers: dict[str, Reader] = {}
        self._missing: SdkMissingError | None = None
        self._seen: tuple[str, ...] | None = None
        self._looked_at = 0.0

    def scan(self) -> Sequence[DeviceStatus]:
        """List given and found readers; a missing library is one line with the packages to install."""
        given = self._context.given(self.name)
        if not sys.platform.startswith("linux") or not (given or self._context.may_search(self.name)):
            return []
        self._look()
        if self._missing is not None:
            problem = self._missing.problem
            return [self._status(self.name, None, DeviceState.SDK_MISSING, problem.code, dict(problem.params))]
        found = self._readers if self._context.may_search(self.name) else {}
        return [self._listed(address) for address in (*given, *(a for a in found if a not in given))]

    def connect(self, status: DeviceStatus) -> LibfprintReader:
        """Return the reader behind a status."""
        address = status.address
        reader = self._reader_at(address) or VIRTUAL_READER
        return LibfprintReader(
            address, reader, self._context.finger_encoder, lambda: self._state(address), _socket_of(address)
        )

    def _look(self) -> None:
        seen = tuple(sorted(str(node) for node in self._usb.glob("*/*")))
        now = self._context.monotonic()
        if seen == self._seen and now - self._looked_at < LOOK_AGAIN_S:
            return
        self._seen, self._looked_at = seen, now
        try:
            readers = list_readers(python=self._python)
            self._missing = None
        except SdkMissingError as error:
            readers, self._missing = [], error
        except DeviceError:  # the library crashed over somebody's reader: nothing is usable
            readers = []
        self._readers = {f"{reader.driver}:{reader.device_id}": reader for reader in readers}

    def _reader_at(self, address: str) -> Reader | None:
        return VIRTUAL_READER if address.startswith(VIRTUAL) else self._readers.get(address)

    def _state(self, address: str) -> DeviceState:
        self._look()
        if self._missing is not None:
            return DeviceState.SDK_MISSING
        if address.startswith(VIRTUAL):
            is_there = Path(_socket_of(address)).parent.is_dir()
        else:
            is_there = address in self._readers
        return DeviceState.READY if is_there else DeviceState.ABSENT

    def _listed(self, address: str) -> DeviceStatus:
        state = self._state(address)
        if state is DeviceState.READY:
            return self._status(address, self._reader_at(address), state, "device.libfprint.not_for_recording", {})
        return self._status(address, self._reader_at(address), state, "device.not_connected", {"address": address})

    def _status(
        self,
        address: str,
        reader: Reader | None,
        state: DeviceState,
        detail: str,
        params: dict[str, str | int],
    ) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=address,
            kind=DeviceKind.FINGERPRINT,
            state=state,
            identity=DeviceIdentity("libfprint", reader.name, address) if reader else None,
            detail=detail,
            params=params,
            is_simulated=address in self._context.simulated,
            may_enrol=False,
        )


def _socket_of(address: str) -> str:
    return address.removeprefix(VIRTUAL) if address.startswith(VIRTUAL) else ""
