"""Cameras on USB that libgphoto2 knows."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from drivers.context import DriverContext
from drivers.gphoto import library
from drivers.gphoto.library import Shutter
from drivers.serial_line import SerialExecutor
from drivers.transport import POLL_S, Deadline, check, pause
from fieldkit.domain.recording.positions import Position
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
    FrameEncoder,
    FrameScorer,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
    TimedOutError,
)

# A camera with a shutter: it takes a picture, the picture is judged, and the best of a few is kept.

MOST_SHOTS = 3  # each one wears the shutter and takes the person's patience
CALL_TIMEOUT_S = 30.0  # focus, flash and download of a big picture
_LEAVE_S = 2.0

T = TypeVar("T")


class DslrCamera:
    """Captures the portrait. The library's calls cannot be interrupted, so they run on an executor of their own."""

    def __init__(
        self,
        camera: Shutter,
        identity: DeviceIdentity,
        scorer: FrameScorer,
        encoder: FrameEncoder,
        look: Callable[[], DeviceState],
    ) -> None:
        self._camera = camera
        self._identity = identity
        self._scorer = scorer
        self._encoder = encoder
        self._look = look
        self._executor: SerialExecutor | None = None
        self._may_preview = False

    @property
    def identity(self) -> DeviceIdentity:
        """Model and port as the bus tells them."""
        return self._identity

    @property
    def capabilities(self) -> Capabilities:
        """Portraits, unsigned; whether a viewfinder is offered is known once the camera was opened."""
        return Capabilities(DeviceKind.CAMERA, frozenset({Position.PORTRAIT}), may_preview=self._may_preview)

    def open(self, cancel: Cancel) -> None:
        """Claim the camera and look whether it offers a viewfinder."""
        if self._executor is None:
            self._executor = SerialExecutor(f"device:{self._identity.serial}")
        self._call(self._camera.connect, cancel)
        self._may_preview = self._call(self._camera.preview, cancel) is not None

    def health(self) -> DeviceState:
        """Look at the bus."""
        return self._look()

    def close(self) -> None:
        """Let go of the camera; a call that hangs in it is not waited for."""
        executor, self._executor = self._executor, None
        if executor is None:
            return
        leaving = executor.submit(self._camera.leave)
        try:
            leaving.result(timeout=_LEAVE_S)
        except NotYetError:
            return
        executor.close()

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        """Show the viewfinder until cancelled; without one, only wait."""
        _expect_portrait(positions)
        self._reopen(cancel)
        try:
            while not cancel.is_cancelled():
                if not self._may_preview:
                    pause(POLL_S, cancel)
                elif frame := self._call(self._camera.preview, cancel):
                    preview.offer(frame)
        except DeviceError:
            if not cancel.is_cancelled():
                raise

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Return the first picture that reaches the threshold, or the best of a few."""
        _expect_portrait(request.positions)
        self._reopen(cancel)
        deadline = Deadline(request.timeout_ms / 1000)
        best, best_quality, has_left_one = b"", 0, False
        for _ in range(MOST_SHOTS):
            photo, is_deleted = self._call(self._camera.shoot, cancel)
            has_left_one |= not is_deleted
            preview.offer(photo)
            quality = self._quality(photo)
            if quality > best_quality:
                best, best_quality = photo, quality
            if best_quality >= request.threshold or deadline.is_over:
                break
        if not best:
            raise NothingPresentedError("device.no_face")
        sample = self._encoder.encode(best, Position.PORTRAIT, request.at)
        if has_left_one:
            sample = replace(sample, hints=(*sample.hints, "face.left_on_camera"))
        return CaptureResult((sample,), last_hash=request.previous_hash)

    def shoot(self, cancel: Cancel) -> bytes:
        """Take one picture, whatever is on it: a paper, a thumb mark, a thing."""
        self._reopen(cancel)
        photo, _is_deleted = self._call(self._camera.shoot, cancel)
        return photo

    def _reopen(self, cancel: Cancel) -> None:
        """Claim the camera again after a broken wire; an open one is left as it is."""
        if self._executor is None:
            self.open(cancel)
        else:
            self._call(self._camera.connect, cancel)

    def _call(self, call: Callable[[], T], cancel: Cancel) -> T:
        """Run a call on the executor, and stop waiting for it when the person gives up."""
        if self._executor is None:
            raise ProtocolError("device.not_open", model=self._identity.model)
        check(cancel)
        running = self._executor.submit(call)
        deadline = Deadline(CALL_TIMEOUT_S)
        while not _is_done(running):
            if cancel.is_cancelled():
                running.cancel()
                check(cancel)
            if deadline.is_over:
                running.cancel()
                raise TimedOutError("device.timed_out", address=self._identity.serial)
        return running.result()

    def _quality(self, photo: bytes) -> int:
        try:
            return self._scorer.score(photo).quality
        except ValueError as error:
            raise ProtocolError("device.stream_not_jpeg") from error


def _is_done(running: Future[T]) -> bool:
    try:
        running.exception(timeout=POLL_S)
    except NotYetError:
        return False
    return True


def _expect_portrait(positions: Sequence[Position]) -> None:
    if tuple(positions) != (Position.PORTRAIT,):
        raise ProtocolError("device.position", positions=", ".join(positions))


USB = Path("/dev/bus/usb")
PACKAGE = "fieldkit[dslr]"


class GphotoDriver:
    """Digital cameras with a shutter; a kit without the extra says what to install."""

    name = "gphoto"

    def __init__(
        self, context: DriverContext, usb: Path = USB, is_installed: Callable[[], bool] = library.is_installed
    ) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._usb = usb
        self._is_installed = is_installed
        self._seen: tuple[tuple[str, str], ...] = ()
        self._seen_on: frozenset[Path] | None = None  # the bus as it was then

    def scan(self) -> Sequence[DeviceStatus]:
        """List the cameras on USB; while one is working, those seen before."""
        if not self._context.may_search(self.name):
            return []
        if not self._is_installed():
            return [_status("", DeviceState.SDK_MISSING, detail="device.sdk_missing.gphoto", package=PACKAGE)]
        self._look()
        return [self._describe(model, port) for model, port in self._seen]

    def connect(self, status: DeviceStatus) -> DslrCamera:
        """Return the camera behind a status."""
        identity = status.identity or DeviceIdentity("PTP", status.address, status.address)
        camera, context = library.PtpCamera(status.address), self._context
        look = partial(self._state_now, status.address)
        return DslrCamera(camera, identity, context.face_scorer, context.face_encoder, look)

    def _look(self) -> tuple[tuple[str, str], ...] | None:
        """Return models and ports; None while the library is at work.

        It is asked only when something was plugged in or out: each time it takes 105 kB that it never gives back.
        """
        if not library.in_use.acquire(blocking=False):
            return None
        try:
            bus = frozenset(self._usb.glob("*/*"))  # whatever is plugged in gets a number of its own
            if bus != self._seen_on:
                self._seen, self._seen_on = tuple(library.connected()), bus
            return self._seen
        finally:
            library.in_use.release()

    def _state_now(self, port: str) -> DeviceState:
        try:
            found = self._look()
        except DeviceError:
            return DeviceState.ABSENT
        if found is None:
            return DeviceState.BUSY
        return self._state(port) if any(port == at for _, at in found) else DeviceState.ABSENT

    def _state(self, port: str) -> DeviceState:
        node = self._usb.joinpath(*port.removeprefix("usb:").split(","))
        is_refused = node.exists() and not os.access(node, os.R_OK | os.W_OK)
        return DeviceState.PERMISSION_DENIED if is_refused else DeviceState.READY

    def _describe(self, model: str, port: str) -> DeviceStatus:
        state, identity = self._state(port), DeviceIdentity(model.split()[0], model, port)
        if state is DeviceState.PERMISSION_DENIED:
            return _status(port, state, identity, "device.permission_denied", address=port, group="plugdev")
        return replace(_status(port, state, identity), is_simulated=port in self._context.simulated)


def _status(
    port: str, state: DeviceState, identity: DeviceIdentity | None = None, detail: str = "", **params: str
) -> DeviceStatus:
    return DeviceStatus("gphoto", port, DeviceKind.CAMERA, state, identity, detail, {**params})
