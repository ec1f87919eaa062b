"""One finger twice is the same, another is not, and too little is neither."""

from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject.presented import Condition, Image
from drivers.simulators.subject.synthetic import SyntheticSubject
from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Position
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.minutiae import ReadPrints, Template, read_print
from fieldkit.matching.search import ALGORITHM, DIFFERENT_BELOW, SAME_FROM, MinutiaeMatcher, judge
from fieldkit.ports.recording import MatchVerdict
from tests.unit.fieldkit.matching.scattered import scattered, template


def _verdict(reference: Image, probe: Image) -> MatchVerdict:
    one, other = read_print((reference, 500)), read_print((probe, 500))
    return judge(one, other, liken(one, other))


def test_another_capture_of_the_finger_is_the_same(first: Image, again: Image) -> None:
    assert _verdict(first, again) is MatchVerdict.SAME


@pytest.mark.days
def test_another_finger_is_different(first: Image, again: Image, stranger: Image) -> None:
    assert _verdict(first, stranger) is MatchVerdict.DIFFERENT
    assert _verdict(stranger, again) is MatchVerdict.DIFFERENT


def test_a_worn_finger_is_not_said_to_be_another(subject: SyntheticSubject, first: Image) -> None:
    assert _verdict(first, subject.finger(Position.RIGHT_INDEX, 2, Condition.WORN)) is not MatchVerdict.DIFFERENT


@pytest.mark.parametrize("condition", [Condition.BANDAGED, Condition.MISSING])
def test_what_shows_no_ridges_cannot_be_compared(subject: SyntheticSubject, first: Image, condition: Condition) -> None:
    assert _verdict(first, subject.finger(Position.RIGHT_INDEX, 0, condition)) is MatchVerdict.UNCLEAR


def test_a_corner_of_the_finger_proves_nothing(first: Image) -> None:
    corner = np.full_like(first, 246)
    corner[100:180, 80:150] = first[100:180, 80:150]
    assert _verdict(first, corner) is MatchVerdict.UNCLEAR


RICH, POOR, CROWDED = template(scattered(1)), template(scattered(1, 12)), template(scattered(1, 230))


@pytest.mark.parametrize(
    ("one", "found", "verdict"),
    [
        (RICH, Likeness(20, 30.0, 15.0, 0.97), MatchVerdict.SAME),
        (RICH, Likeness(20, 30.0, 15.0, 0.78), MatchVerdict.UNCLEAR),  # the ridges run otherwise
        (RICH, Likeness(7, 7.0, 6.0, 0.99), MatchVerdict.UNCLEAR),  # a small overlap
        (RICH, Likeness(12, 40.0, 6.0, 0.97), MatchVerdict.UNCLEAR),
        (RICH, Likeness(3, 40.0, 2.0, 0.97, 60.0), MatchVerdict.UNCLEAR),  # 0.09: one finger in 200 is less alike
        (RICH, Likeness(3, 40.0, 1.7, 0.97, 60.0), MatchVerdict.DIFFERENT),  # 0.064
        (RICH, Likeness(3, 40.0, 1.7, 0.97, 59.9), MatchVerdict.UNCLEAR),  # too small a common place
        (POOR, Likeness(3, 40.0, 1.7, 0.97, 90.0), MatchVerdict.UNCLEAR),  # too little to say so
        (POOR, Likeness(12, 12.0, 11.0, 0.97), MatchVerdict.SAME),
        (CROWDED, Likeness(30, 40.0, 30.0, 0.97), MatchVerdict.UNCLEAR),  # more than skin has
    ],
)
def test_the_thresholds(one: Template, found: Likeness, verdict: MatchVerdict) -> None:
    assert judge(one, RICH, found) is verdict
    assert judge(RICH, one, found) is verdict


@pytest.fixture
def matcher(first: Image, again: Image) -> tuple[MinutiaeMatcher, list[bytes]]:
    """A matcher, and what it read so far."""
    images, seen = {b"reference": first, b"probe": again}, []

    def read(sample: Sample) -> tuple[Image, int]:
        seen.append(sample.data)
        return images[sample.data], 500

    return MinutiaeMatcher(ReadPrints(read)), seen


def _sample(data: bytes) -> Sample:
    return Sample(Position.RIGHT_INDEX, SampleFormat.ISO_19794_4, data, QualityScore(80, "uji"))


REFERENCE, PROBE = _sample(b"reference"), _sample(b"probe")


def test_the_port_says_what_it_used(matcher) -> None:
    match = matcher[0].compare(REFERENCE, PROBE)
    assert (match.verdict, match.algorithm, match.version) == (MatchVerdict.SAME, ALGORITHM, "2")
    assert match.score > SAME_FROM > DIFFERENT_BELOW


def test_prints_read_ahead_are_read_once(matcher) -> None:
    ahead, seen = matcher
    ahead.prepare(REFERENCE)
    ahead.prepare(PROBE)
    assert seen == [b"reference", b"probe"]
    found = ahead.compare(REFERENCE, PROBE)
    assert ahead.compare(REFERENCE, PROBE) == found
    assert seen == [b"reference", b"probe"]


def test_a_sample_without_an_image_is_refused() -> None:
    def read(_sample: Sample) -> tuple[Image, int]:
        raise InputError("format.length", declared=1, actual=2)

    matcher = MinutiaeMatcher(ReadPrints(read))
    for act in (lambda: matcher.prepare(REFERENCE), lambda: matcher.compare(REFERENCE, PROBE)):
        with pytest.raises(InputError):
            act()
