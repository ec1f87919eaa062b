from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import biodata, session
from support.steps import attempt, good, mark

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.biodata import ALGORITHM, PortraitCheck
from fieldkit.domain.recording.capture import CAPTURED_AT, Fault, QualityScore, StepKind
from fieldkit.domain.recording.capture import Attempt as CaptureAttempt
from fieldkit.domain.recording.positions import EYES, FINGERS, RIGHT_FOUR, THUMBS, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession
from ui.presenters.figures import FingerMark, StepMark
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message
from ui.presenters.recording.state import (
    RecordingState,
    advice,
    at_new_step,
    attempt_lines,
    best_of,
    elapsed,
    judged_by,
    needs_nothing,
    next_step,
    pictures,
    quality_rows,
    rail,
    recorded_indexes,
)

LOW = {Position.RIGHT_INDEX: 72, Position.RIGHT_MIDDLE: 31, Position.RIGHT_RING: 66, Position.RIGHT_LITTLE: 58}


def tried(*attempts: CaptureAttempt, step: StepKind = StepKind.RIGHT_FOUR) -> CaptureSession:
    person = session()
    after = person.step(step)
    for one in attempts:
        after = after.with_attempt(one)
    return person._with_step(after)


def test_the_rail_shows_what_is_done_missing_and_excepted() -> None:
    person = tried(attempt(1, LOW))
    irises = person.step(StepKind.IRIS)
    for eye in EYES:
        irises = irises.with_exception(mark(eye, ExceptionReason.CATARACT))
    marks = {step.name: step.mark for step in rail(person._with_step(irises), StepKind.PHOTO)}
    assert marks["photo"] is StepMark.CURRENT
    assert marks["right_four"] is StepMark.MISSING
    assert marks["iris"] is StepMark.EXCEPTED
    assert marks["left_four"] is StepMark.PENDING


def test_the_next_step_is_the_next_missing_one_and_then_from_the_start() -> None:
    assert next_step(session(), StepKind.PHOTO) is StepKind.SIGNATURE
    assert next_step(session(), StepKind.INDEX_VERIFICATION) is StepKind.BIODATA
    confirmed = replace(session(), biodata=biodata())
    assert next_step(confirmed, StepKind.INDEX_VERIFICATION) is StepKind.PHOTO
    assert next_step(done(confirmed, StepKind.SIGNATURE), StepKind.PHOTO) is StepKind.RIGHT_FOUR
    assert next_step(done(confirmed, *CAPTURED_AT), StepKind.PHOTO) is StepKind.INDEX_VERIFICATION
    whole = replace(done(confirmed, *CAPTURED_AT), index_comparison=IndexComparison.NOT_COMPARED)
    assert next_step(whole, StepKind.PHOTO) is None
    assert {step.mark for step in rail(whole, StepKind.PHOTO)} == {StepMark.CURRENT, StepMark.DONE}
    assert rail(session(), StepKind.PHOTO)[-1].mark is rail(session(), StepKind.PHOTO)[0].mark is StepMark.PENDING


def done(person: CaptureSession, *kinds: StepKind) -> CaptureSession:
    for kind in kinds:
        person = person._with_step(person.step(kind).with_attempt(good(kind)).accepted(person.policy))
    return person


def failed(person: CaptureSession, kind: StepKind, score: int | None = 20) -> CaptureSession:
    step = person.step(kind)
    for number in range(1, 5):
        step = step.with_attempt(attempt(number, dict.fromkeys(CAPTURED_AT[kind], score)))
    return person._with_step(step.failed(person.policy, "lead"))


def test_hands_show_what_is_asked_scored_excepted_and_failed() -> None:
    policy = session().policy
    spent = tried(*(attempt(n, dict.fromkeys(THUMBS, 20)) for n in range(1, 5)), step=StepKind.THUMBS)
    person = spent._with_step(spent.step(StepKind.THUMBS).failed(policy, "lead"))
    step = person.step(StepKind.RIGHT_FOUR).with_attempt(attempt(1, {**LOW, Position.RIGHT_INDEX: None}))
    step = step.with_exception(mark(Position.RIGHT_LITTLE, ExceptionReason.STIFF))
    fingers = {f.position: f for f in pictures(person._with_step(step), StepKind.RIGHT_FOUR, FINGERS)}
    assert tuple(fingers) == FINGERS
    assert fingers[Position.RIGHT_THUMB].mark is FingerMark.FAILED
    assert fingers[Position.RIGHT_INDEX].mark is FingerMark.WANTED
    assert fingers[Position.LEFT_INDEX].mark is FingerMark.PENDING
    assert fingers[Position.RIGHT_LITTLE].mark is FingerMark.EXCEPTED
    assert (fingers[Position.RIGHT_MIDDLE].quality, fingers[Position.RIGHT_MIDDLE].tone) == (31, Tone.BAD)
    for score in (20, None):
        thumb = pictures(failed(session(), StepKind.THUMBS, score), StepKind.PHOTO, FINGERS)[0]
        assert (thumb.mark, thumb.quality, thumb.tone) == (FingerMark.FAILED, score, Tone.BAD)


def test_rows_tell_each_position_with_its_best_score() -> None:
    rows = quality_rows(tried(attempt(1, LOW), attempt(2, {Position.RIGHT_MIDDLE: 45})), StepKind.RIGHT_FOUR)
    assert [(row.value, row.tag.tone) for row in rows] == [
        ("72", Tone.GOOD),
        ("45", Tone.CAUTION),
        ("66", Tone.GOOD),
        ("58", Tone.CAUTION),
    ]
    assert quality_rows(session(), StepKind.RIGHT_FOUR)[0].tag.words == message("common.missing")


NOTHING_OF_IT = session()
TREMOR = mark(Position.SIGNATURE, ExceptionReason.TREMOR)
EXCEPTED_INK = NOTHING_OF_IT._with_step(NOTHING_OF_IT.step(StepKind.SIGNATURE).with_exception(TREMOR))


@pytest.mark.parametrize(
    ("person", "kind", "value", "words", "tone"),
    [
        (done(session(), StepKind.PHOTO), StepKind.PHOTO, "80", "verdict.good", Tone.GOOD),
        (done(session(), StepKind.SIGNATURE), StepKind.SIGNATURE, "", "verdict.accepted", Tone.GOOD),
        (tried(good(StepKind.SIGNATURE), step=StepKind.SIGNATURE), StepKind.SIGNATURE, "", "verdict.good", Tone.GOOD),
        (EXCEPTED_INK, StepKind.SIGNATURE, "", "verdict.excepted", Tone.CAUTION),
        (failed(session(), StepKind.IRIS), StepKind.IRIS, "20", "verdict.failed", Tone.BAD),
        (failed(session(), StepKind.IRIS, None), StepKind.IRIS, "", "verdict.failed", Tone.BAD),
    ],
)
def test_a_row_says_how_it_ended(person: CaptureSession, kind: StepKind, value: str, words: str, tone: Tone) -> None:
    row = quality_rows(person, kind)[0]
    assert (row.value, row.tag, row.beside) == (value, Tag(message(words), tone), "")


def photo(score: int, *hints: str) -> CaptureSession:
    one = attempt(1, {Position.PORTRAIT: score})
    own = replace(one.samples[0].quality, algorithm=ALGORITHM)
    hinted = replace(one, samples=(replace(one.samples[0], hints=hints, quality=own),))
    return tried(hinted, step=StepKind.PHOTO)


def test_a_photo_shows_what_failed_what_a_person_has_to_look_at_and_how_many_checks_hold() -> None:
    assert [row.label for row in quality_rows(photo(90), StepKind.PHOTO)] == [
        message("rekam.all_checks", count=len(PortraitCheck))
    ]
    unseen = quality_rows(photo(90, "face.look.level"), StepKind.PHOTO)
    assert [(row.label, row.tag.tone) for row in unseen] == [
        (message("face.check.level"), Tone.CAUTION),
        (message("rekam.other_checks", count=len(PortraitCheck) - 1), Tone.GOOD),
    ]
    rows = quality_rows(photo(30, "face.too_far", "face.too_dark"), StepKind.PHOTO)
    assert [row.label for row in rows] == [
        message("face.check.distance"),
        message("face.check.exposure"),
        message("rekam.other_checks", count=len(PortraitCheck) - 2),
    ]
    assert advice(photo(30, "face.too_far", "face.too_dark"), StepKind.PHOTO)[1] == message("face.too_far")
    nobody = quality_rows(photo(0, "face.no_face"), StepKind.PHOTO)
    assert [(row.label, row.tag.tone) for row in nobody] == [(message("face.check.one_face"), Tone.BAD)]


def test_a_photo_of_a_device_that_judges_has_its_score_beside_our_checks() -> None:
    one = attempt(1, {Position.PORTRAIT: 90})
    ours = replace(one.samples[0].quality, algorithm=ALGORITHM)
    measured = replace(one, samples=(replace(one.samples[0], quality=ours, device_quality=QualityScore(71, "SBI")),))
    rows = quality_rows(tried(measured, step=StepKind.PHOTO), StepKind.PHOTO)
    assert [(row.label, row.beside) for row in rows] == [
        (message("rekam.all_checks", count=len(PortraitCheck)), message("rekam.device_score", score=71))
    ]


def test_a_photo_that_a_device_judged_shows_no_checks_that_nobody_made() -> None:
    rows = quality_rows(tried(attempt(1, {Position.PORTRAIT: 90}), step=StepKind.PHOTO), StepKind.PHOTO)
    assert [(row.value, row.tag.tone) for row in rows] == [("90", Tone.GOOD)]


def test_attempts_tell_how_many_were_enough_and_which_was_best() -> None:
    better = {**LOW, Position.RIGHT_MIDDLE: 50}
    lines = attempt_lines(tried(attempt(1, LOW), attempt(2, better), attempt(3, LOW)), StepKind.RIGHT_FOUR)
    assert [line.tag.words for line in lines] == [message("rekam.attempt_result", enough=n, asked=4) for n in (3, 4, 3)]
    assert [bool(line.note) for line in lines] == [False, True, False]
    both = dict.fromkeys(THUMBS, 20)
    scores = (both, {**both, THUMBS[0]: 50}, {**both, THUMBS[1]: 50}, dict.fromkeys(THUMBS, 80))
    for count, best in ((1, ""), (2, "2"), (3, "2"), (4, "4")):
        told = attempt_lines(tried(*map(attempt, range(1, 5), scores[:count]), step=StepKind.THUMBS), StepKind.THUMBS)
        assert "".join(str(line.title.params["number"]) for line in told if line.note) == best
        assert [line.tag.tone for line in told] == [Tone.BAD, Tone.CAUTION, Tone.CAUTION, Tone.GOOD][:count][-3:]
    hopeless = tried(attempt(1, both), attempt(2, both), step=StepKind.THUMBS)
    assert [line.note for line in attempt_lines(hopeless, StepKind.THUMBS)] == ["", ""]
    missed = attempt_lines(tried(attempt(1, {**LOW, Position.RIGHT_INDEX: None})), StepKind.RIGHT_FOUR)
    assert (missed[0].tag.words, missed[0].note) == (message("rekam.attempt_result", enough=2, asked=4), "")
    many = tried(*(attempt(n, LOW) for n in range(1, 7)))
    assert [line.title for line in attempt_lines(many, StepKind.RIGHT_FOUR)] == [
        message("rekam.attempt", number=n) for n in (4, 5, 6)
    ]


def test_advice_is_about_the_worst_and_says_nothing_when_nothing_lacks() -> None:
    assert advice(session(), StepKind.RIGHT_FOUR) == ("", "")
    assert advice(tried(good(StepKind.RIGHT_FOUR)), StepKind.RIGHT_FOUR) == ("", "")
    title, hint = advice(tried(attempt(1, {**LOW, Position.RIGHT_RING: 12})), StepKind.RIGHT_FOUR)
    assert title == message("position.right_ring")
    assert hint == message("rekam.hint.finger_1", score=12, enough=40)
    assert advice(failed(session(), StepKind.THUMBS), StepKind.THUMBS) == ("", ""), "it is closed"
    absent = {**LOW, Position.RIGHT_RING: None, Position.RIGHT_LITTLE: None}
    assert advice(tried(attempt(1, absent)), StepKind.RIGHT_FOUR)[0] == message("position.right_ring")
    told = replace(
        attempt(1, absent),
        faults=(Fault(Position.RIGHT_LITTLE, "sample.broken"), Fault(Position.RIGHT_RING, "finger.no_ridges")),
    )
    assert advice(tried(told), StepKind.RIGHT_FOUR)[1] == message("finger.no_ridges")


@pytest.mark.parametrize(
    ("first", "hint"), [({}, ""), ({Position.RIGHT_LITTLE: None}, message("rekam.not_seen.finger"))]
)
def test_of_a_finger_whose_exception_was_taken_back_only_what_was_tried_is_told(
    first: dict[Position, int | None], hint: object
) -> None:
    step = session().step(StepKind.RIGHT_FOUR)
    if first:
        step = step.with_attempt(attempt(1, first))
    step = step.with_exception(mark(Position.RIGHT_LITTLE, ExceptionReason.WORN))
    step = step.with_attempt(attempt(2, dict.fromkeys(RIGHT_FOUR[:3], 80))).without_exception(Position.RIGHT_LITTLE)
    assert advice(session()._with_step(step), StepKind.RIGHT_FOUR)[1] == hint


def test_advice_is_from_the_last_attempt_at_that_finger() -> None:
    others = attempt(2, {Position.RIGHT_INDEX: 80})
    assert advice(tried(attempt(1, LOW), others), StepKind.RIGHT_FOUR) == (
        message("position.right_middle"),
        message("rekam.hint.finger_1", score=31, enough=40),
    )
    own = {Position.RIGHT_INDEX: "finger.wet", Position.RIGHT_MIDDLE: "finger.dry"}
    one = attempt(1, LOW)
    one = replace(one, samples=tuple(replace(s, hints=(own.get(s.position, "finger.wet"),)) for s in one.samples))
    assert advice(tried(one), StepKind.RIGHT_FOUR)[1] == message("finger.dry")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("device.not_seen", message("rekam.not_seen.finger")),
        ("device.sbi.missing", message("rekam.not_seen.finger")),
        ("device.sbi.101", message("rekam.not_seen.finger")),
        ("device.sbi.102", Problem("device.sbi.102")),
        ("device.sbi.vendor", message("rekam.not_seen.finger")),
        ("sample.broken", message("sample.broken")),
        ("finger.no_ridges", message("finger.no_ridges")),
    ],
)
def test_a_finger_that_did_not_come_says_why(code: str, words: object) -> None:
    one = attempt(1, {**dict.fromkeys(RIGHT_FOUR, 80), Position.RIGHT_INDEX: None})
    one = replace(one, faults=(Fault(Position.RIGHT_INDEX, code),))
    assert advice(tried(one), StepKind.RIGHT_FOUR)[1] == words


def hinted(number: int, *hints: str) -> CaptureAttempt:
    one = attempt(number, {**LOW, Position.RIGHT_MIDDLE: 31})
    return replace(one, samples=tuple(replace(s, hints=hints) for s in one.samples))


def test_the_reason_of_a_poor_print_comes_before_what_is_tried_in_turn() -> None:
    assert advice(tried(hinted(1, "finger.dry")), StepKind.RIGHT_FOUR)[1] == message("finger.dry")
    ways = [tried(*(hinted(n, "finger.unclear") for n in range(1, count + 1))) for count in (1, 2)]
    assert [advice(way, StepKind.RIGHT_FOUR)[1] for way in ways] == [
        message(f"rekam.hint.finger_{n}", score=31, enough=40) for n in (1, 2)
    ]


def test_after_the_last_attempt_an_exception_is_advised_whatever_it_lacks() -> None:
    third = tried(*(hinted(n, "finger.dry") for n in range(1, 4)))
    assert advice(third, StepKind.RIGHT_FOUR)[1] == message("finger.dry")
    shut = attempt(1, dict.fromkeys(EYES, 20))
    shut = replace(shut, samples=tuple(replace(s, hints=("iris.lids",)) for s in shut.samples))
    eyes = tried(*(replace(shut, number=n) for n in range(1, 5)), step=StepKind.IRIS)
    assert advice(eyes, StepKind.IRIS)[1] == message("iris.lids"), "eyes are not worn"
    blind = tried(*(attempt(n, dict.fromkeys(EYES, 20)) for n in range(1, 5)), step=StepKind.IRIS)
    assert advice(blind, StepKind.IRIS)[1] == message("rekam.hint.iris_2", score=20, enough=60)
    spent = tried(*(hinted(n, "finger.dry") for n in range(1, 5)))
    assert advice(spent, StepKind.RIGHT_FOUR)[1] == message("rekam.hint.finger_3", score=31, enough=40)


def test_the_devices_own_score_stands_beside_ours_and_the_screen_says_whose_they_are() -> None:
    one = attempt(1, LOW)
    own = QualityScore(91, "SBI:Acme S4")
    measured = replace(one, samples=tuple(replace(s, device_quality=own) for s in one.samples))
    rows = quality_rows(tried(measured), StepKind.RIGHT_FOUR)
    assert [(row.value, row.beside) for row in rows][:2] == [
        ("72", message("rekam.device_score", score=91)),
        ("31", message("rekam.device_score", score=91)),
    ]
    assert judged_by(tried(measured), StepKind.RIGHT_FOUR) == message("rekam.judged_by")
    assert judged_by(tried(one), StepKind.RIGHT_FOUR) == ""
    assert judged_by(tried(attempt(1, {Position.RIGHT_INDEX: None})), StepKind.RIGHT_FOUR) == ""


def test_the_clock_turns_to_caution_beyond_the_standard_time() -> None:
    assert elapsed(702_900, 30) == ("11:42", Tone.NEUTRAL)
    assert elapsed(1_800_999, 30) == ("30:00", Tone.NEUTRAL)
    assert elapsed(1_801_000, 30)[1] is Tone.CAUTION
    assert elapsed(-1, 30)[0] == "00:00"


@pytest.mark.parametrize(
    ("person", "needs", "best"),
    [
        (session(), True, []),
        (tried(attempt(1, {**LOW, Position.RIGHT_INDEX: None})), True, list(RIGHT_FOUR[1:])),
        (tried(good(StepKind.RIGHT_FOUR)), False, list(RIGHT_FOUR)),
        (done(session(), StepKind.RIGHT_FOUR), False, list(RIGHT_FOUR)),
        (failed(session(), StepKind.RIGHT_FOUR, None), False, []),
    ],
)
def test_a_step_needs_its_device_until_all_is_good_enough_or_closed(
    person: CaptureSession, needs: bool, best: list[Position]
) -> None:
    assert needs_nothing(person, StepKind.RIGHT_FOUR) is not needs
    assert [ref.position for ref in best_of(person, StepKind.RIGHT_FOUR)] == best


def test_index_fingers_are_compared_where_they_were_kept() -> None:
    assert recorded_indexes(session()) == ()
    assert recorded_indexes(done(session(), StepKind.LEFT_FOUR, StepKind.THUMBS)) == (Position.LEFT_INDEX,)


def test_a_new_step_begins_without_what_the_one_before_left() -> None:
    left = RecordingState(
        is_capturing=True, is_away=True, trouble=Problem("device.busy", {"address": "x"}), ink_round=3
    )
    assert at_new_step(left) == RecordingState(ink_round=4)
