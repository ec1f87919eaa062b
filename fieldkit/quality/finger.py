"""Quality of a single print by the clarity of its ridges.

After the features of ISO/IEC 29794-4: the certainty of the ridge direction (structure tensor) over the area that shows
ridges at all. It is no NFIQ 2: a score for readers that bring none, to tell a usable print from a bad one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.ports.devices import GreyImage

Pixels = NDArray[np.uint8]
WriteRecord = Callable[[Pixels, Position, QualityScore, datetime, int], bytes]

ALGORITHM, VERSION = "fieldkit-ridge-clarity", "1"
_BLOCK_MM = 1.6  # three to four ridges
_FULL_AREA_MM2 = 110.0  # of a plain print; less is not worse than it must be
_UNCLEAR, _CLEAR = 0.40, 0.85  # certainty of the direction in woven cloth and in a clean print
_FLAT = 14.0  # grey levels of deviation below which nothing lies on the glass


class PrintEncoder:
    """The port `FingerEncoder`; `write_record` lays out (pixels, position, quality, time, ppi)."""

    def __init__(self, write_record: WriteRecord) -> None:
        self._write_record = write_record

    def encode(self, image: GreyImage, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` for another size than told, or for no finger."""
        if position not in FINGERS:
            raise ValueError(f"{position} is no finger")
        pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
        quality = ridge_clarity(pixels, image.ppi)
        hints = () if quality.value >= 40 else ("finger.unclear",)
        record = self._write_record(pixels, position, quality, at, image.ppi)
        return Sample(position, SampleFormat.ISO_19794_4, record, quality, hints=hints)


def ridge_clarity(pixels: Pixels, ppi: int = 500) -> QualityScore:
    """Return how clear the ridges are and how much of them there is, 0–100."""
    grey = cv2.GaussianBlur(pixels, (0, 0), 1.0).astype(np.float32)
    block = max(3, round(_BLOCK_MM * ppi / 25.4))
    size = (block, block)
    mean = cv2.boxFilter(grey, -1, size)
    deviation = np.sqrt(np.maximum(cv2.boxFilter(grey * grey, -1, size) - mean * mean, 0))
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *step) for step in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.boxFilter(part, -1, size) for part in (across * across, down * down, across * down))
    certainty = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1e-3)
    is_ridged = deviation > _FLAT
    if not is_ridged.any():
        return QualityScore(0, ALGORITHM, VERSION)
    clarity = float(np.clip((certainty[is_ridged].mean() - _UNCLEAR) / (_CLEAR - _UNCLEAR), 0, 1))
    area_mm2 = float(is_ridged.sum()) * (25.4 / ppi) ** 2
    return QualityScore(round(100 * clarity * min(1.0, area_mm2 / _FULL_AREA_MM2)), ALGORITHM, VERSION)
