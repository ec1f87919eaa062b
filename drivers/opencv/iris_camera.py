"""An infrared camera: every frame is scored eye by eye, and each eye keeps its best frame."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from drivers.opencv.live import LiveCamera
from drivers.opencv.source import FrameSource
from drivers.transport import Deadline
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    FrameEncoder,
    IrisScorer,
    LiveScore,
    NothingPresentedError,
    PreviewSink,
    ProtocolError,
    SampleFault,
)

_SHARPER_WITHIN_S = 0.3  # a good frame is seldom alone: the sharpest of its neighbours is kept


class IrisCamera(LiveCamera):
    """Captures irises from a `FrameSource` that shows both eyes at once, or one eye held before it."""

    def __init__(
        self,
        source: FrameSource,
        identity: DeviceIdentity,
        scorer: IrisScorer,
        encoder: FrameEncoder,
        look: Callable[[], DeviceState],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source, identity, look, EYES, monotonic)
        self._scorer = scorer
        self._encoder = encoder

    @property
    def capabilities(self) -> Capabilities:
        """Both eyes with preview, unsigned."""
        return Capabilities(DeviceKind.IRIS, self._positions, may_preview=True)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Return the sharpest frame of each eye. An eye that stayed closed is a fault, none at all an error."""
        self._expect(request.positions)
        wanted = tuple(p for p in request.positions if p not in request.exceptions)
        best = self._best_frames(wanted, request, preview, cancel)
        if not best:
            self._source.stop()
            raise NothingPresentedError("device.no_eye")
        samples = tuple(self._sample(best[p][1], p, request) for p in wanted if p in best)
        faults = tuple(SampleFault(p, "device.no_eye") for p in wanted if p not in best)
        return CaptureResult(samples, faults, request.previous_hash)

    def _best_frames(
        self, wanted: Sequence[Position], request: CaptureRequest, preview: PreviewSink, cancel: Cancel
    ) -> dict[Position, tuple[int, bytes]]:
        """Return score and frame of each eye that was seen."""
        best: dict[Position, tuple[int, bytes]] = {}
        settled: Deadline | None = None
        for frame in self._frames(request, preview, cancel):
            for position, live in self._scores(frame, wanted).items():
                if position not in best or live.quality > best[position][0]:
                    best[position] = live.quality, frame
            if settled is None and all(p in best and best[p][0] >= request.threshold for p in wanted):
                settled = Deadline(_SHARPER_WITHIN_S, self._monotonic)
            if settled is not None and settled.is_over:
                break
        return best

    def _scores(self, frame: bytes, wanted: Sequence[Position]) -> Mapping[Position, LiveScore]:
        try:
            return self._scorer.score_eyes(frame, wanted)
        except ValueError:  # a torn frame: the next one comes
            return {}

    def _sample(self, frame: bytes, position: Position, request: CaptureRequest) -> Sample:
        try:
            return self._encoder.encode(frame, position, request.at)
        except ValueError as error:
            raise ProtocolError("device.stream_not_jpeg") from error
