from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.kept import NOW, biodata, session
from support.recording import RecordingKit
from support.room import LEAD, PETUGAS, STORES
from support.steps import attempt, good, mark

from fieldkit.domain.recording.capture_policy import CAPTURED_AT, ExceptionInk, StepKind
from fieldkit.domain.recording.exception_ink import InkGiven
from fieldkit.domain.recording.exception_mark import ExceptionMark, ExceptionReason
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.recording.find_again import OperatorsFinger, RecordedBefore
from ui.presenters.messages import CatalogMessage, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.recording.completeness import (
    checks_of,
    counted,
    first_marks,
    found_problem,
    found_row,
    others_who_may_allow,
)
from ui.presenters.wording import position_words

NO_TWIN = message("tinjau.twins"), Tag(message("tinjau.no_twin"), Tone.GOOD)


def line(session: CaptureSession, kit: RecordingKit, key: str) -> Tag:
    """Return what stands behind a line of the review."""
    lines = checks_of(session, kit.context.clock.today(), NO_TWIN)
    return next(tag for words, tag in lines if words == message(key))


def test_the_card_of_a_16_year_old_waits_for_the_birthday(context_kit: RecordingKit) -> None:
    who = context_kit.context.visits.target("target-1").biodata
    young = replace(who, birth_date=date(2010, 8, 7), marital_status=type(who.marital_status)(1))
    session = context_kit.room.complete(context_kit.context.recording.confirm_biodata(context_kit.session_id, young))
    assert line(session, context_kit, "tinjau.age").words == message("tinjau.card_from", day="07-08-2027")


def test_signatures_of_witnesses_are_counted_only_where_there_are_exceptions(context_kit: RecordingKit) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata)
    day = context_kit.context.clock.today()
    assert message("tinjau.inks") not in [words for words, _ in checks_of(run.find(sid), day, NO_TWIN)]
    for step in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
        run.mark_exceptions(sid, step, [Position.SIGNATURE], ExceptionReason.CANNOT_SIGN, "Bu Siti")
    session = run.find(sid)
    assert len(first_marks(session)) == 1
    tag = line(session, context_kit, "tinjau.inks")
    assert (tag.words, tag.tone) == (message("tinjau.inks_of", given=0, wanted=1), Tone.CAUTION), "not demanded here"


PERSON = replace(session(), biodata=biodata())
LITTLE = mark(Position.RIGHT_LITTLE, ExceptionReason.WORN)
THUMB = mark(Position.LEFT_THUMB, ExceptionReason.WORN)
NO_INK = mark(Position.SIGNATURE, ExceptionReason.CANNOT_SIGN)


def closed(*kinds: StepKind, failed: tuple[StepKind, ...] = ()) -> CaptureSession:
    """Return the person with good samples of some steps, and others that failed."""
    after = PERSON
    for kind in kinds:
        after = after._with_step(after.step(kind).with_attempt(good(kind)).accepted(after.policy))
    for kind in failed:
        step = after.step(kind)
        for number in range(1, 5):
            step = step.with_attempt(attempt(number, dict.fromkeys(CAPTURED_AT[kind], 20)))
        after = after._with_step(step.failed(after.policy, LEAD.user_id))
    return after


def excepted(person: CaptureSession, kind: StepKind, *marks: ExceptionMark) -> CaptureSession:
    step = person.step(kind)
    for each in marks:
        step = step.with_exception(each)
    return person._with_step(step)


def lines_of(person: CaptureSession) -> dict[str, Tag]:
    found = checks_of(person, date(2026, 11, 21), NO_TWIN)
    return {words.key: tag for words, tag in found if isinstance(words, CatalogMessage)}


FOUR, THUMBS, PHOTO = StepKind.RIGHT_FOUR, StepKind.THUMBS, StepKind.PHOTO


@pytest.mark.parametrize(
    ("person", "kinds", "words", "tone"),
    [
        (closed(PHOTO), [PHOTO], message("common.complete"), Tone.GOOD),
        (closed(failed=(PHOTO,)), [PHOTO], message("verdict.failed"), Tone.BAD),
        (
            excepted(PERSON, StepKind.SIGNATURE, NO_INK),
            [StepKind.SIGNATURE],
            message("common.exception"),
            Tone.CAUTION,
        ),
        (
            closed(FOUR, failed=(THUMBS,)),
            [FOUR, THUMBS],
            message("tinjau.with_failed", taken=4, failed=2, excepted=0),
            Tone.BAD,
        ),
        (
            excepted(closed(FOUR, failed=(THUMBS,)), FOUR, LITTLE),
            [FOUR, THUMBS],
            message("tinjau.with_failed", taken=3, failed=2, excepted=1),
            Tone.BAD,
        ),
        (
            excepted(closed(FOUR, THUMBS), THUMBS, THUMB),
            [FOUR, THUMBS],
            message("tinjau.with_exceptions", taken=5, excepted=1),
            Tone.CAUTION,
        ),
        (excepted(closed(FOUR, THUMBS), THUMBS, THUMB), [FOUR], message("common.complete"), Tone.GOOD),
    ],
)
def test_what_came_is_counted_beside_what_was_excepted_and_what_failed(
    person: CaptureSession, kinds: list[StepKind], words: object, tone: Tone
) -> None:
    assert counted(person, *kinds) == Tag(words, tone)


@pytest.mark.parametrize(
    ("seconds", "given", "ink", "words", "tone"),
    [
        (("u2",), 0, ExceptionInk.NOBODY, message("tinjau.inks_of", given=0, wanted=2), Tone.CAUTION),
        (("u2",), 0, ExceptionInk.WITNESS, message("tinjau.inks_of", given=0, wanted=2), Tone.BAD),
        (("u2",), 1, ExceptionInk.WITNESS, message("tinjau.inks_of", given=1, wanted=2), Tone.CAUTION),
        (("u2",), 1, ExceptionInk.BOTH, message("tinjau.inks_of", given=1, wanted=2), Tone.BAD),
        (("u2",), 2, ExceptionInk.BOTH, message("common.complete"), Tone.GOOD),
        ((), 1, ExceptionInk.NOBODY, message("common.complete"), Tone.GOOD),
    ],
)
def test_the_line_of_signatures_says_how_many_are_here_and_whether_one_is_demanded(
    seconds: tuple[str, ...], given: int, ink: ExceptionInk, words: object, tone: Tone
) -> None:
    seen = replace(LITTLE, attendants=("u1", *seconds))
    person = excepted(replace(PERSON, policy=replace(PERSON.policy, exception_ink=ink)), FOUR, seen)
    inks = [InkGiven(each, each.who, "s", "0", NOW, "Pad 1", "u1") for each in person.inks_open[:given]]
    assert lines_of(replace(person, inks=tuple(inks)))["tinjau.inks"] == Tag(words, tone)


def test_the_comparison_is_a_line_once_it_was_noted_and_a_grown_up_gets_the_card_at_once() -> None:
    assert "tinjau.index" not in lines_of(PERSON)
    assert lines_of(PERSON)["tinjau.age"] == Tag(message("tinjau.card_at_once", age=47), Tone.GOOD)
    matched = lines_of(replace(PERSON, index_comparison=IndexComparison.MATCHED))
    assert matched["tinjau.index"] == Tag(message("comparison.matched"), Tone.GOOD)


BEFORE = RecordedBefore("r-1", "MI***", "3505************", NOW, False, 6, 18.2)
OPERATORS = OperatorsFinger("rina", "Rina Wulandari", FINGERS[1], 9.0)


def test_the_second_person_is_not_the_one_who_records() -> None:
    assert others_who_may_allow([LEAD], PETUGAS) == (LEAD,)
    assert others_who_may_allow([LEAD, STORES], LEAD) == (STORES,)


@pytest.mark.parametrize(
    ("is_same", "has_second", "code"),
    [
        (False, True, "recording.found_again_other_nik"),
        (True, True, "recording.found_again_same_nik"),
        (True, False, "recording.found_again_alone"),
    ],
)
def test_the_banner_names_day_record_and_whose_nik(is_same: bool, has_second: bool, code: str) -> None:
    problem = found_problem(replace(BEFORE, is_same_nik=is_same), lambda at: at, has_second)
    assert problem.code == code
    assert problem.params == {
        "day": "21-11-2026",
        "record": "r-1",
        "name": "MI***",
        "nik": "3505************",
        "fingers": 6,
    }


def test_the_row_says_how_far_it_is() -> None:
    said = [found_row(*each)[1] for each in ((None, False), ((), True), ((BEFORE,), False), ((BEFORE,), True))]
    assert [tag.tone for tag in said] == [Tone.NEUTRAL, Tone.GOOD, Tone.BAD, Tone.CAUTION]
    assert said[0].words == message("tinjau.comparing")


@pytest.mark.parametrize(("has_second", "suffix"), [(True, ""), (False, "_alone")])
def test_of_an_operators_finger_whose_and_which_is_told(has_second: bool, suffix: str) -> None:
    problem = found_problem(OPERATORS, lambda at: at, has_second)
    assert (problem.code, problem.params) == (f"recording.operators_finger{suffix}", {"name": "Rina Wulandari"})
    assert found_row((OPERATORS, BEFORE), False)[1] == Tag(position_words(FINGERS[1]), Tone.BAD)
