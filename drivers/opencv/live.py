"""What the cameras of this driver have in common: a source of frames that somebody watches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from drivers.opencv.source import FrameSource
from drivers.transport import Deadline, check
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import (
    Cancel,
    CaptureRequest,
    DeviceError,
    DeviceIdentity,
    DeviceState,
    PreviewSink,
    ProtocolError,
    TimedOutError,
)


class LiveCamera:
    """Shows the frames of a `FrameSource`; `positions` are what it can see."""

    def __init__(
        self,
        source: FrameSource,
        identity: DeviceIdentity,
        look: Callable[[], DeviceState],
        positions: Sequence[Position],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._identity = identity
        self._look = look
        self._positions = frozenset(positions)
        self._monotonic = monotonic

    @property
    def identity(self) -> DeviceIdentity:
        """Where the camera is; cameras of this kind do not name themselves further."""
        return self._identity

    def open(self, cancel: Cancel) -> None:
        """Connect to the camera."""
        self._source.start(cancel)

    def health(self) -> DeviceState:
        """Look without disturbing a running stream."""
        return self._look()

    def close(self) -> None:
        """Let go of the camera."""
        self._source.stop()

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        """Show frames until cancelled."""
        self._expect(positions)
        try:
            self._source.start(cancel)
            while not cancel.is_cancelled():
                frame = self._source.latest()
                if frame is not None:
                    preview.offer(frame)
        except DeviceError:
            self._source.stop()
            if not cancel.is_cancelled():
                raise

    def _expect(self, positions: Sequence[Position]) -> None:
        if not positions or not self._positions.issuperset(positions):
            raise ProtocolError("device.position", positions=", ".join(positions))

    def _frames(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> Iterator[bytes]:
        """Yield the frames of one capture until its time is up. Raise `TimedOutError` when none came."""
        seen = 0
        try:
            self._source.start(cancel)
            deadline = Deadline(request.timeout_ms / 1000, self._monotonic)
            while not deadline.is_over:
                check(cancel)
                frame = self._source.latest()
                if frame is not None:
                    seen += 1
                    preview.offer(frame)
                    yield frame
            if not seen:
                raise TimedOutError("device.timed_out", address=self._identity.serial)
        except DeviceError:
            self._source.stop()
            raise
