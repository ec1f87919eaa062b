from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from support.tries import some_of

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.formats.finger import print_record
from fieldkit.formats.pictures import opened_image
from fieldkit.matching.minutiae import ReadPrints
from fieldkit.matching.search import FingerDoubles

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
THUMB, INDEX, MIDDLE = FINGERS[:3]


def laid(subject: SyntheticSubject, position: Position, finger: Position, impression: int) -> Sample:
    pixels = np.asarray(subject.finger(finger, impression, Condition.GOOD), np.uint8)
    score = QualityScore(70, "test")
    return Sample(position, SampleFormat.ISO_19794_4, print_record(pixels, position, score, AT, 500), score)


def opened(sample: Sample) -> tuple[Sample, np.ndarray, int]:
    return sample, *opened_image(sample)


@pytest.mark.days
@pytest.mark.parametrize("seed", [60, 61, 62])
def test_no_finger_is_taken_for_another(seed: int) -> None:
    person = SyntheticSubject(seed)
    once, again = ([laid(person, at, at, impression) for at in FINGERS] for impression in (0, 1))
    assert FingerDoubles(ReadPrints(opened_image)).find([opened(sample) for sample in again], once) == {}


@pytest.mark.days
@pytest.mark.parametrize("seed", some_of([60, 61, 62, 63], 2))
def test_a_finger_under_another_name_is_found(seed: int) -> None:
    person = SyntheticSubject(seed)
    known = [laid(person, THUMB, THUMB, 0), laid(person, INDEX, INDEX, 0)]
    assert FingerDoubles(ReadPrints(opened_image)).find([opened(laid(person, MIDDLE, INDEX, 1))], known) == {
        MIDDLE: INDEX
    }


def test_what_cannot_be_read_is_nobodys() -> None:
    broken = Sample(INDEX, SampleFormat.ISO_19794_4, b"FIR", QualityScore(0, "test"))
    eye = Sample(Position.EYE_LEFT, SampleFormat.ISO_19794_6, b"IIR", QualityScore(0, "test"))
    line = np.zeros((1, 300), np.uint8)
    assert FingerDoubles(ReadPrints(opened_image)).find([(broken, line, 500), (eye, line, 0)], [broken]) == {}


def test_a_print_is_read_once() -> None:
    read: list[Position] = []

    def counted(sample: Sample) -> tuple[np.ndarray, int]:
        read.append(sample.position)
        return opened_image(sample)

    doubles, person = FingerDoubles(ReadPrints(counted)), SyntheticSubject(60)
    known = [laid(person, THUMB, THUMB, 0)]
    for _ in range(2):
        doubles.find([], known)
    assert read == [THUMB]
