"""A camera with a shutter: it takes a picture, the picture is judged, and the best of a few is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYetError
from dataclasses import replace
from typing import TypeVar

from drivers.gphoto.library import Shutter
from drivers.serial_executor import SerialExecutor
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
    FrameEncoder,
    FrameScorer,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
    TimedOutError,
)

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
