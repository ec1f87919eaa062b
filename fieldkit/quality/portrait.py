"""Makes the portrait sample of the chosen frame."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import cv2
import numpy as np

from fieldkit.domain.recording.portrait import Preparation
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.quality.face import PortraitJudge, upright
from fieldkit.quality.face_cut import Pixels
from fieldkit.quality.portrait_crop import crop_middle, crop_upright

PORTRAIT_WIDTH_PX = 720  # 3:4, inter-eye distance 180 px

WriteRecord = Callable[[Pixels, QualityScore, datetime, Preparation], bytes]


class PortraitEncoder:
    """The port `FrameEncoder` for the photo camera: crops upright to 3:4 and writes an ISO/IEC 19794-5 record.

    `write_record` lays out (pixels, quality, time, preparation). A frame without a face gives its middle part with a
    low score.
    """

    def __init__(self, judge: PortraitJudge, write_record: WriteRecord) -> None:
        self._judge = judge
        self._write_record = write_record

    def encode(self, jpeg: bytes, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` when it is no image or no portrait is asked for."""
        if position is not Position.PORTRAIT:
            raise ValueError(f"{position} is no portrait")
        frame = self._judge.pixels(jpeg)
        review = self._judge.review(frame)
        frame = upright(frame, review.quarter_turns)
        if review.eyes is None:
            middle = crop_middle(frame)
            portrait = _at_most(middle, PORTRAIT_WIDTH_PX)
            is_rotated, is_reduced = review.quarter_turns > 0, portrait.shape != middle.shape
        else:  # never enlarged: invented pixels are no detail
            width = min(PORTRAIT_WIDTH_PX, int(review.eyes.distance * 4) // 3 * 3)
            portrait = crop_upright(frame, review.eyes, width)
            is_rotated = True  # laid upright by the eyes, be it by a part of a degree
            is_reduced = width + 3 < review.eyes.distance * 4
        made = Preparation(review.is_full_frontal, is_rotated, is_reduced)
        record = self._write_record(portrait, review.score, at, made)
        hints = (*review.hints, *review.looks)
        return Sample(position, SampleFormat.ISO_19794_5, record, review.score, hints=hints)


def _at_most(pixels: Pixels, width: int) -> Pixels:
    if pixels.shape[1] <= width:
        return pixels
    height = round(pixels.shape[0] * width / pixels.shape[1])
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
