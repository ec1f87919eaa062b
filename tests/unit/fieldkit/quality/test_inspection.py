"""A sample is what the kit itself could open and measure, whatever the device says about it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from support.samples import sample

from drivers.simulators.subject import Condition, SyntheticSubject
from drivers.simulators.subject.presented import BLUE
from fieldkit.domain.recording.biodata import ALGORITHM as PORTRAIT
from fieldkit.domain.recording.biodata import Background
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import EYES, FINGERS, LEFT_FOUR, RIGHT_FOUR, THUMBS, Position
from fieldkit.formats.finger import FingerRecord, encode_finger_record, print_record
from fieldkit.formats.images import decode_colour, encode_jp2_lossless
from fieldkit.formats.iris import iris_record
from fieldkit.formats.iso19794 import ImageCoding
from fieldkit.formats.pictures import checked_pixels, opened_image
from fieldkit.matching.minutiae import ReadPrints
from fieldkit.matching.search import FingerDoubles
from fieldkit.ports.devices import CaptureResult, SampleFault
from fieldkit.quality.face import PortraitJudge
from fieldkit.quality.finger_blocks import Pixels
from fieldkit.quality.finger_estimate import ALGORITHM
from fieldkit.quality.inspection import BROKEN, ESTIMATED, OTHER_POSITION, Opened, SampleInspection
from fieldkit.quality.iris import ALGORITHM as IRIS

AT = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
INDEX, MIDDLE = Position.RIGHT_INDEX, Position.RIGHT_MIDDLE
THEIRS = QualityScore(100, "SBI:Acme S4", "1.2")
PERSON = SyntheticSubject(5)
SIGHTED = SyntheticSubject(5, conditions=dict.fromkeys(EYES, Condition.GOOD))
Y, X = np.mgrid[0:400, 0:300].astype(float)


def given(pixels: np.ndarray, position: Position = INDEX, inside: Position = INDEX) -> Sample:
    record = print_record(np.asarray(pixels, np.uint8), inside, THEIRS, AT, 500)
    return Sample(position, SampleFormat.ISO_19794_4, record, THEIRS)


def looked_at(*samples: Sample) -> CaptureResult:
    return SampleInspection(checked_pixels).inspect(CaptureResult(samples, (), "A" * 64))


def test_the_score_is_ours_and_the_devices_own_stands_beside_it() -> None:
    result = looked_at(given(PERSON.finger(INDEX, 0, Condition.GOOD)))
    (found,) = result.samples
    assert found.quality.algorithm == ALGORITHM
    assert 60 <= found.quality.value < 100
    assert (found.device_quality, found.hints, result.last_hash) == (THEIRS, (), "A" * 64)


def eye(position: Position, inside: Position, impression: int = 0, person: SyntheticSubject = SIGHTED) -> Sample:
    record = iris_record(person.iris(inside, impression), position, THEIRS, AT)
    return Sample(position, SampleFormat.ISO_19794_6, record, THEIRS)


@pytest.mark.days
def test_the_same_eye_under_both_names_is_a_failed_attempt() -> None:
    right, left = EYES
    result = looked_at(eye(right, right), eye(left, right, 1))
    assert [s.position for s in result.samples] == [right]
    assert [(f.position, f.code) for f in result.faults] == [(left, "iris.same_eye")]
    assert looked_at(eye(right, right), eye(left, left)).faults == ()


@pytest.mark.days
def test_eyes_that_changed_their_names_between_two_attempts_are_said() -> None:
    right, left = EYES
    before = (eye(right, right), eye(left, left))
    result = SampleInspection(checked_pixels).inspect(CaptureResult((eye(right, left, 1), eye(left, right, 1))), before)
    assert (result.samples, {f.code for f in result.faults}) == ((), {"iris.swapped"})
    again = SampleInspection(checked_pixels).inspect(CaptureResult((eye(right, right, 1), eye(left, left, 1))), before)
    assert (len(again.samples), again.faults) == (2, ())


@pytest.mark.days
def test_an_eye_that_is_closed_is_named_and_kept_for_a_person_to_look_at() -> None:
    blind = SyntheticSubject(5, conditions=dict.fromkeys(EYES, Condition.WORN))
    result = looked_at(eye(EYES[0], EYES[0], person=blind), eye(EYES[1], EYES[1]))
    assert [s.hints for s in result.samples] == [("iris.closed",), ()]
    closed, seen = (s.quality for s in result.samples)
    assert (closed.value, closed.algorithm) == (0, IRIS)
    assert seen.value >= 60


@pytest.mark.days
def test_a_portrait_is_judged_as_its_device_laid_it_out() -> None:
    judge = PortraitJudge(decode_colour, expected=Background.RED)
    upright = SIGHTED.portrait()
    good, lying, blue = (
        judge.judge(np.ascontiguousarray(each)) for each in (upright, np.rot90(upright), SIGHTED.portrait(BLUE))
    )
    assert (good[0].value >= 60, good[0].algorithm) == (True, PORTRAIT)
    assert (lying[0].value, lying[1]) == (0, ("face.no_face",))
    assert blue[0].value < 60


def test_what_the_kit_scored_from_the_whole_frame_is_not_scored_again() -> None:
    ours = replace(eye(EYES[0], EYES[0]), quality=QualityScore(61, IRIS, "1"), hints=("iris.too_far",))
    face = replace(sample(Position.PORTRAIT, 88), quality=QualityScore(88, PORTRAIT, "2"))
    inspection = SampleInspection(checked_pixels, judge_portrait=PortraitJudge(decode_colour).judge)
    assert inspection.inspect(CaptureResult((ours, face))).samples == (ours, face)


def test_a_worn_finger_is_not_good_because_its_device_says_so() -> None:
    (found,) = looked_at(given(PERSON.finger(INDEX, 0, Condition.WORN))).samples
    assert found.quality.value < 40
    assert found.hints


def test_a_print_that_was_measured_here_has_the_score_of_its_device_where_that_told_one() -> None:
    ours = replace(given(PERSON.finger(INDEX, 0, Condition.GOOD)), quality=QualityScore(70, ALGORITHM, "1"))
    assert looked_at(ours).samples[0].device_quality is None
    assert looked_at(replace(ours, device_quality=THEIRS)).samples[0].device_quality == THEIRS


def empty() -> bytes:
    return encode_finger_record(FingerRecord(INDEX, 300, 400, b""))


def cut() -> bytes:
    return given(PERSON.finger(INDEX)).data[:-900]


def damaged() -> bytes:
    image = bytearray(encode_jp2_lossless(PERSON.finger(INDEX)))
    image[:60] = bytes(60)
    return encode_finger_record(FingerRecord(INDEX, 300, 400, bytes(image)))


def line() -> bytes:
    return encode_finger_record(FingerRecord(INDEX, 300, 1, bytes(300), ImageCoding.RAW))


@pytest.mark.parametrize("record", [lambda: b"FIR\0", empty, cut, damaged, line])
def test_a_broken_record_is_a_fault_that_keeps_what_came(record) -> None:
    broken = replace(given(PERSON.finger(INDEX)), data=record())
    result = looked_at(broken, given(PERSON.finger(MIDDLE, 0, Condition.GOOD), MIDDLE, MIDDLE))
    assert [kept.position for kept in result.samples] == [MIDDLE]
    assert result.faults == (SampleFault(INDEX, BROKEN, broken),)


def test_the_record_of_another_finger_is_a_fault() -> None:
    swapped = given(PERSON.finger(INDEX, 0, Condition.GOOD), INDEX, MIDDLE)
    assert looked_at(swapped).faults == (SampleFault(INDEX, OTHER_POSITION, swapped),)


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (128 + 80 * np.sin(2 * np.pi * X / 9), "finger.too_regular"),
        (128 + 40 * np.sin(2 * np.pi * X / 9) + 40 * np.sin(2 * np.pi * Y / 9), "finger.no_direction"),
        (np.full(X.shape, 246.0), "finger.nothing"),
    ],
)
def test_what_is_no_finger_is_refused_with_its_reason(image: np.ndarray, reason: str) -> None:
    assert [(fault.position, fault.code) for fault in looked_at(given(image)).faults] == [(INDEX, reason)]


@pytest.mark.days
def test_drawn_rings_are_refused_where_minutiae_are_read() -> None:
    oval = 128 + 70 * np.sin(2 * np.pi * np.hypot(X - 150, 0.65 * (Y - 200)) / 9)
    image = np.clip(oval + 25 * np.random.default_rng(7).standard_normal(X.shape), 0, 255)
    taken = SampleInspection(checked_pixels).inspect(CaptureResult((given(image),)))
    assert taken.samples[0].quality.value > 40, "the measures alone take it for a finger"
    looked = SampleInspection(checked_pixels, is_drawn=ReadPrints(opened_image).is_drawn)
    refused = looked.inspect(CaptureResult((given(image), given(PERSON.finger(MIDDLE), MIDDLE, MIDDLE))))
    assert [(fault.position, fault.code) for fault in refused.faults] == [(INDEX, "finger.too_regular")]
    assert len(refused.samples) == 1


def test_faults_of_the_device_stay() -> None:
    before = SampleFault(MIDDLE, "device.sbi.101")
    result = SampleInspection(checked_pixels).inspect(CaptureResult((), (before,)))
    assert result.faults == (before,)


def test_an_eye_and_a_face_that_a_device_praises_have_our_score_and_its_own_beside() -> None:
    eye, face = sample(EYES[0], 71), sample(Position.PORTRAIT, 88)  # noise
    noise = SampleInspection(checked_pixels, judge_portrait=PortraitJudge(decode_colour).judge)
    blind, nobody = noise.inspect(CaptureResult((eye, face))).samples
    assert blind == replace(eye, quality=QualityScore(0, IRIS, "2"), hints=("iris.closed",), device_quality=eye.quality)
    assert (nobody.quality.value, nobody.quality.algorithm, nobody.hints) == (0, PORTRAIT, ("face.no_face",))
    assert nobody.device_quality == face.quality


def test_broken_eyes_and_eyes_of_another_name_are_faults() -> None:
    eye = sample(EYES[0], 71)
    assert [fault.code for fault in looked_at(replace(eye, data=b"IIR\0")).faults] == [BROKEN]
    assert [fault.code for fault in looked_at(replace(eye, position=EYES[1])).faults] == [OTHER_POSITION]


def scored(score: QualityScore | None) -> Future[QualityScore | None]:
    done: Future[QualityScore | None] = Future()
    done.set_result(score)
    return done


GOOD_PRINT = given(PERSON.finger(INDEX, 0, Condition.GOOD))
DRY_PRINT = given(PERSON.finger(INDEX, 0, Condition.DRY))


@pytest.mark.parametrize(
    ("print_", "nist", "hints"),
    [
        (GOOD_PRINT, 60, ()),
        (GOOD_PRINT, 59, ("finger.unclear",)),  # the estimate alone would advise nothing
        (DRY_PRINT, 59, ("finger.dry",)),
        (DRY_PRINT, 63, ()),  # nobody cleans a finger whose score is good
    ],
)
def test_nfiq_2_counts_before_the_estimate_and_advice_follows_it(
    print_: Sample, nist: int, hints: tuple[str, ...]
) -> None:
    told = SampleInspection(checked_pixels, lambda _pixels, _ppi: scored(QualityScore(nist, "NFIQ2")))
    (found,) = told.inspect(CaptureResult((print_,))).samples
    assert (found.quality, found.device_quality, found.hints) == (QualityScore(nist, "NFIQ2"), THEIRS, hints)


@pytest.mark.parametrize(("print_", "hints"), [(GOOD_PRINT, ()), (DRY_PRINT, ("finger.dry",))])
def test_a_print_that_nfiq_2_gives_no_score_is_estimated_and_that_is_told(
    print_: Sample, hints: tuple[str, ...]
) -> None:
    silent = SampleInspection(checked_pixels, lambda _pixels, _ppi: scored(None))
    (found,) = silent.inspect(CaptureResult((print_,))).samples
    assert (found.quality.algorithm, found.hints) == (ALGORITHM, (*hints, ESTIMATED))


@pytest.mark.days
def test_each_print_of_a_slap_is_scored_and_eyes_are_left_alone() -> None:
    middle = given(PERSON.finger(MIDDLE, 0, Condition.GOOD), MIDDLE, MIDDLE)
    values = {checked_pixels(one)[0].tobytes(): value for one, value in ((GOOD_PRINT, 61), (middle, 62))}
    asked: list[int] = []

    def begin(pixels: Pixels, _ppi: int) -> Future[QualityScore | None]:
        asked.append(values[pixels.tobytes()])
        return scored(QualityScore(asked[-1], "NFIQ2"))

    broken = replace(given(PERSON.finger(MIDDLE)), data=b"FIR\0")
    result = SampleInspection(checked_pixels, begin).inspect(CaptureResult((GOOD_PRINT, broken, middle)))
    assert [each.quality.value for each in result.samples] == [61, 62]
    assert [fault.code for fault in result.faults] == [BROKEN]
    SampleInspection(checked_pixels, begin).inspect(CaptureResult((eye(EYES[0], EYES[0]),)))
    assert sorted(asked) == [61, 62]


def test_the_prints_of_a_slap_are_looked_at_side_by_side() -> None:
    """Each score comes only when the other print was begun too."""
    both = Barrier(2, timeout=60)

    def begin(_pixels: Pixels, _ppi: int) -> Future[QualityScore | None]:
        both.wait()
        return scored(QualityScore(61, "NFIQ2"))

    middle = given(PERSON.finger(MIDDLE, 0, Condition.GOOD), MIDDLE, MIDDLE)
    assert len(SampleInspection(checked_pixels, begin).inspect(CaptureResult((GOOD_PRINT, middle))).samples) == 2


@pytest.mark.days
def test_prints_are_compared_while_their_scores_are_computed_and_with_each_other_at_the_end() -> None:
    """One that is a known finger's is compared no further."""
    compared: list[tuple[list[Position], int]] = []

    class Score(Future[QualityScore | None]):
        def result(self, timeout: float | None = None) -> QualityScore | None:
            assert compared, "it is waited for before anything was compared"
            return QualityScore(61, "NFIQ2")

    def find(fresh: Sequence[Opened], known: Sequence[Sample]) -> dict[Position, Position]:
        compared.append(([sample.position for sample, _, _ in fresh], len(known)))
        return {MIDDLE: THUMBS[0]} if known and fresh[0][0].position is MIDDLE else {}

    middle = given(PERSON.finger(MIDDLE, 0, Condition.GOOD), MIDDLE, MIDDLE)
    inspection = SampleInspection(checked_pixels, lambda _pixels, _ppi: Score(), find)
    known = [given(PERSON.finger(THUMBS[0]), THUMBS[0], THUMBS[0])]
    result = inspection.inspect(CaptureResult((GOOD_PRINT, middle)), known)
    assert [(fault.position, fault.code) for fault in result.faults] == [(MIDDLE, "finger.is.right_thumb")]
    assert (sorted(compared[:2]), compared[2:]) == ([([INDEX], 1), ([MIDDLE], 1)], [([INDEX], 0)])
    assert {sample.quality.value for sample in result.samples} == {61}


def test_what_takes_its_time_is_started_beforehand() -> None:
    begun: list[str] = []
    SampleInspection(checked_pixels, prepare=lambda: begun.append("nfiq2")).prepare()
    assert begun == ["nfiq2"]


INSPECTION = SampleInspection(checked_pixels, None, FingerDoubles(ReadPrints(opened_image)).find)
GOOD = dict.fromkeys(FINGERS, Condition.GOOD)
WHO = SyntheticSubject(12, conditions=GOOD)


def slap(positions: tuple[Position, ...], laid: tuple[Position, ...], impression: int) -> CaptureResult:
    """Let a device take these positions while those fingers lie on its glass."""
    pairs = zip(positions, laid, strict=True)
    return CaptureResult(tuple(given(WHO.finger(on, impression), at, at) for at, on in pairs))


@cache
def right() -> CaptureResult:
    return slap(RIGHT_FOUR, RIGHT_FOUR, 0)


def reasons(result: CaptureResult) -> dict[Position, str]:
    return {fault.position: fault.code for fault in result.faults}


@pytest.mark.days
def test_four_fingers_and_then_the_other_four_are_eight() -> None:
    assert INSPECTION.inspect(right()).faults == ()
    assert INSPECTION.inspect(slap(LEFT_FOUR, LEFT_FOUR, 0), right().samples).faults == ()
    assert INSPECTION.inspect(slap(RIGHT_FOUR, RIGHT_FOUR, 1), right().samples).faults == ()  # the same once more


@pytest.mark.days
@pytest.mark.parametrize("laid", [RIGHT_FOUR, RIGHT_FOUR[::-1]])
def test_the_hand_that_was_given_before_is_named(laid: tuple[Position, ...]) -> None:
    result = INSPECTION.inspect(slap(LEFT_FOUR, laid, 1), right().samples)
    assert result.samples == ()
    assert set(reasons(result).values()) == {"finger.other_hand"}


@pytest.mark.days
def test_a_finger_under_another_name_says_which_it_is() -> None:
    moved = (RIGHT_FOUR[1], RIGHT_FOUR[1], *RIGHT_FOUR[2:])
    assert reasons(INSPECTION.inspect(slap(RIGHT_FOUR, moved, 1), right().samples)) == {
        RIGHT_FOUR[0]: "finger.is.right_middle"
    }


@pytest.mark.days
def test_one_finger_given_twice_in_one_capture() -> None:
    twice = (RIGHT_FOUR[0], RIGHT_FOUR[0], *RIGHT_FOUR[2:])
    assert reasons(INSPECTION.inspect(slap(RIGHT_FOUR, twice, 1))) == {RIGHT_FOUR[1]: "finger.is.right_index"}


@pytest.mark.days
def test_swapped_thumbs() -> None:
    before = slap(THUMBS, THUMBS, 0)
    result = INSPECTION.inspect(slap(THUMBS, THUMBS[::-1], 1), before.samples)
    assert reasons(result) == dict.fromkeys(THUMBS, "finger.thumbs_swapped")


def test_every_reason_has_its_words() -> None:
    for language in ("id", "en"):
        text = Path(str(files("assets").joinpath(f"i18n/{language}/fingerprint.toml"))).read_text("utf-8")
        told = tomllib.loads(text)
        assert {f"finger.is.{position.value.lower()}" for position in FINGERS} <= told.keys()
