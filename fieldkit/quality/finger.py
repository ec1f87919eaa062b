"""Lays out the print of a reader that brings neither score nor record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import numpy as np

from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import QualityScore, Sample, SampleFormat
from fieldkit.ports.devices import GreyImage
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_estimate import review

WriteRecord = Callable[[Pixels, Position, QualityScore, datetime, int], bytes]


class PrintEncoder:
    """The port `FingerEncoder`; `write_record` lays out (pixels, position, quality, time, ppi)."""

    def __init__(self, write_record: WriteRecord) -> None:
        self._write_record = write_record

    def encode(self, image: GreyImage, position: Position, at: datetime) -> Sample:
        """Return the sample with its quality. Raise `ValueError` for another size than told, or for no finger."""
        if position not in FINGERS:
            raise ValueError(f"{position} is no finger")
        pixels = np.frombuffer(image.pixels, np.uint8).reshape(image.height, image.width)
        found = review(pixels, image.ppi)
        record = self._write_record(pixels, position, found.score, at, image.ppi)
        return Sample(position, SampleFormat.ISO_19794_4, record, found.score, hints=found.advice)
