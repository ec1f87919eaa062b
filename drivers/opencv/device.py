"""A camera that does not judge: frames are scored while they come and the best one is kept."""

from __future__ import annotations

import time
from collections.abc import Callable

from drivers.opencv.live import LiveCamera
from drivers.opencv.source import FrameSource
from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    FrameEncoder,
    FrameScorer,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
)


class PhotoCamera(LiveCamera):
    """Captures the portrait from a `FrameSource`."""

    def __init__(
        self,
        source: FrameSource,
        identity: DeviceIdentity,
        scorer: FrameScorer,
        encoder: FrameEncoder,
        look: Callable[[], DeviceState],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source, identity, look, (Position.PORTRAIT,), monotonic)
        self._scorer = scorer
        self._encoder = encoder

    @property
    def capabilities(self) -> Capabilities:
        """Portraits with preview, unsigned."""
        return Capabilities(DeviceKind.CAMERA, self._positions, may_preview=True)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Return the first frame that reaches the threshold, or the best usable one when the time is up."""
        self._expect(request.positions)
        best = self._best_frame(request, preview, cancel)
        try:
            sample = self._encoder.encode(best, Position.PORTRAIT, request.at)
        except ValueError as error:
            raise ProtocolError("device.stream_not_jpeg") from error
        return CaptureResult((sample,), last_hash=request.previous_hash)

    def _best_frame(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> bytes:
        best, best_quality = b"", 0
        for frame in self._frames(request, preview, cancel):
            quality = self._quality(frame)
            if quality > best_quality:
                best, best_quality = frame, quality
            if best_quality >= request.threshold:
                break
        if not best:
            self._source.stop()
            raise NothingPresentedError("device.no_face")
        return best

    def _quality(self, frame: bytes) -> int:
        try:
            return self._scorer.score(frame).quality
        except ValueError:  # a torn frame: the next one comes
            return 0
