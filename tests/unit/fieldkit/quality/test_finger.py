from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.finger import decode_finger_record, print_record
from fieldkit.formats.iso19794 import QualityBlock, quality_block
from fieldkit.ports.devices import GreyImage
from fieldkit.quality.finger_estimate import ALGORITHM, PrintEncoder

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
INDEX = Position.RIGHT_INDEX


@pytest.fixture(scope="module")
def pixels() -> np.ndarray:
    return SyntheticSubject(5).finger(INDEX, 0, Condition.GOOD)


def grey(pixels: np.ndarray) -> GreyImage:
    return GreyImage(pixels.shape[1], pixels.shape[0], pixels.tobytes())


def test_the_sample_is_a_record_with_the_same_pixels(pixels: np.ndarray) -> None:
    sample = PrintEncoder(print_record).encode(grey(pixels), INDEX, AT)
    assert (sample.position, sample.format, sample.hints) == (INDEX, SampleFormat.ISO_19794_4, ())
    assert sample.quality.algorithm == ALGORITHM
    record = decode_finger_record(sample.data)
    assert (record.position, record.ppi, record.captured_at) == (INDEX, 500, AT)
    assert np.array_equal(record.pixels(), pixels)


def test_the_record_names_score_and_algorithm(pixels: np.ndarray) -> None:
    sample = PrintEncoder(print_record).encode(grey(pixels), INDEX, AT)
    block = decode_finger_record(sample.data).quality
    assert block == quality_block(sample.quality) == QualityBlock(sample.quality.value, 0xF1E1, 1)


def test_a_faint_print_says_what_helps(pixels: np.ndarray) -> None:
    faint = (240 + (pixels.astype(float) - 240) * 0.1).astype(np.uint8)
    sample = PrintEncoder(print_record).encode(grey(faint), INDEX, AT)
    assert sample.quality.value < 40
    assert "finger.light" in sample.hints


def test_what_is_no_print_is_refused() -> None:
    encoder = PrintEncoder(print_record)
    with pytest.raises(ValueError, match="SIGNATURE"):
        encoder.encode(GreyImage(2, 2, bytes(4)), Position.SIGNATURE, AT)
    with pytest.raises(ValueError, match="reshape"):
        encoder.encode(GreyImage(3, 2, bytes(4)), INDEX, AT)
    assert encoder.encode(GreyImage(64, 64, bytes(4096)), INDEX, AT).hints == ("finger.nothing",)
