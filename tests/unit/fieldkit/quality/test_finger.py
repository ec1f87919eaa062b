from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.folder import read_grey
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.samples import SampleFormat
from fieldkit.formats.finger import decode_finger_record, print_record
from fieldkit.ports.devices import GreyImage
from fieldkit.quality.finger import PrintEncoder, ridge_clarity

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
INDEX = Position.RIGHT_INDEX


@pytest.fixture(scope="module")
def person() -> SyntheticSubject:
    return SyntheticSubject(5)


def test_good_before_worn_before_bandaged_before_nothing(person: SyntheticSubject) -> None:
    good, worn, bandaged, missing = (ridge_clarity(person.finger(INDEX, 0, c)).value for c in Condition)
    assert good > 80 > worn > 40 > bandaged >= missing
    assert missing == 0


def test_noise_and_a_blank_have_no_ridges() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (288, 256), dtype=np.uint8)
    assert ridge_clarity(noise).value < 10
    assert ridge_clarity(np.full((288, 256), 255, np.uint8)).value == 0


def test_a_corner_of_a_finger_is_worth_less(person: SyntheticSubject) -> None:
    whole = person.finger(INDEX)
    assert ridge_clarity(whole[150:250, 100:200]).value < ridge_clarity(whole).value / 2


def test_half_the_resolution_is_the_same_finger(person: SyntheticSubject) -> None:
    coarse = np.ascontiguousarray(person.finger(INDEX)[::2, ::2])
    assert ridge_clarity(coarse, 250).value > 60


def test_real_prints_are_usable(shared_data) -> None:
    for name in ("libfprint-arch.png", "libfprint-whorl.png", "SFinGe_Test01.pgm"):
        assert ridge_clarity(read_grey(shared_data / "fingerprints" / name)).value > 30


def test_the_sample_is_a_record_with_the_same_pixels(person: SyntheticSubject) -> None:
    pixels = person.finger(INDEX)
    image = GreyImage(pixels.shape[1], pixels.shape[0], pixels.tobytes())
    sample = PrintEncoder(print_record).encode(image, INDEX, AT)
    assert (sample.position, sample.format, sample.hints) == (INDEX, SampleFormat.ISO_19794_4, ())
    record = decode_finger_record(sample.data)
    assert (record.position, record.ppi, record.captured_at) == (INDEX, 500, AT)
    assert record.quality.score == sample.quality.value
    assert np.array_equal(record.pixels(), pixels)


def test_what_is_no_print_is_refused() -> None:
    encoder = PrintEncoder(print_record)
    with pytest.raises(ValueError, match="SIGNATURE"):
        encoder.encode(GreyImage(2, 2, bytes(4)), Position.SIGNATURE, AT)
    with pytest.raises(ValueError, match="reshape"):
        encoder.encode(GreyImage(3, 2, bytes(4)), INDEX, AT)
    assert encoder.encode(GreyImage(64, 64, bytes(4096)), INDEX, AT).hints == ("finger.unclear",)
