"""Makes the iris sample of the chosen frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.quality.circular_edge import Pixels
from fieldkit.quality.iris import IrisJudge
from fieldkit.quality.iris_metrics import crop

WriteRecord = Callable[[Pixels, Position, QualityScore, datetime], bytes]


class IrisEncoder:
    """The port `FrameEncoder` for infrared cameras: crops one eye and writes an ISO/IEC 19794-6 record."""

    def __init__(self, judge: IrisJudge, write_record: WriteRecord) -> None:
        self._judge = judge
        self._write_record = write_record

    def encode(self, jpeg: bytes, position: Position, at: datetime) -> Sample:
        """Return the sample of one eye. Raise `ValueError` when the frame does not show it."""
        if position not in EYES:
            raise ValueError(f"{position} is no eye")
        frame = self._judge.pixels(jpeg)
        review = self._judge.reviews(frame, (position,)).get(position)
        if review is None:
            raise ValueError(f"{position} is not seen")
        record = self._write_record(crop(frame, review.eye.iris), position, review.score, at)
        return Sample(position, SampleFormat.ISO_19794_6, record, review.score, hints=review.hints)
