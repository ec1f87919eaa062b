"""What the review says is there: a line per part of the record, whether it is whole, who was recorded before. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from fieldkit.domain.ages import age_gate
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import User
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.capture_step import Excepted, FailedToAcquire
from fieldkit.domain.recording.exception_mark import ExceptionMark
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.services.recording.find_again import Found, OperatorsFinger
from ui.presenters.amounts import day_text
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.wording import comparison_words, position_words, tone_of_comparison


def first_marks(session: CaptureSession) -> tuple[ExceptionMark, ...]:
    """Return the marks, one per position: signature and confirmation share theirs."""
    return tuple({mark.position: mark for mark in reversed(session.exceptions)}.values())[::-1]


def checks_of(session: CaptureSession, today: date, twins: tuple[Message, Tag]) -> tuple[tuple[Message, Tag], ...]:
    """Return the lines of the completeness gate."""
    who = session.biodata
    assert who is not None
    gate = age_gate(who.birth_date, who.marital_status, today)
    age = (
        Tag(message("tinjau.card_at_once", age=gate.age), Tone.GOOD)
        if gate.card_from is None
        else Tag(message("tinjau.card_from", day=day_text(gate.card_from)), Tone.CAUTION)
    )
    comparison = session.index_comparison
    index: tuple[tuple[Message, Tag], ...] = ()
    if comparison is not None:
        index = ((message("tinjau.index"), Tag(comparison_words(comparison), tone_of_comparison(comparison))),)
    return (
        (message("tinjau.biodata"), Tag(message("common.complete"), Tone.GOOD)),
        (message("common.photo"), counted(session, StepKind.PHOTO)),
        (message("tinjau.fingers"), counted(session, StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS)),
        (message("tinjau.irises"), counted(session, StepKind.IRIS)),
        (message("common.signature"), counted(session, StepKind.SIGNATURE)),
        (message("tinjau.confirmation"), counted(session, StepKind.CONFIRMATION)),
        *index,
        twins,
        *_inks(session),
        (message("tinjau.age"), age),
    )


def _inks(session: CaptureSession) -> tuple[tuple[Message, Tag], ...]:
    """Return the line of those who saw exceptions, of which there may be none."""
    given, wanted = len(session.inks), len(session.inks_open)
    if not given + wanted:
        return ()
    tone = Tone.BAD if session.inks_demanded else Tone.CAUTION if wanted else Tone.GOOD
    words = message("tinjau.inks_of", given=given, wanted=given + wanted) if wanted else message("common.complete")
    return ((message("tinjau.inks"), Tag(words, tone)),)


def counted(session: CaptureSession, *kinds: StepKind) -> Tag:
    """Return how much of some steps is there, excepted or failed."""
    outcomes = [outcome for kind in kinds for outcome in session.step(kind).outcomes.values()]
    excepted = sum(isinstance(outcome, Excepted) for outcome in outcomes)
    failed = sum(isinstance(outcome, FailedToAcquire) for outcome in outcomes)
    taken = len(outcomes) - excepted - failed
    if not excepted and not failed:
        return Tag(message("common.complete"), Tone.GOOD)
    if len(outcomes) == 1:
        return Tag(message("common.exception"), Tone.CAUTION) if excepted else Tag(message("verdict.failed"), Tone.BAD)
    if failed:
        return Tag(message("tinjau.with_failed", taken=taken, failed=failed, excepted=excepted), Tone.BAD)
    return Tag(message("tinjau.with_exceptions", taken=taken, excepted=excepted), Tone.CAUTION)


def others_who_may_allow(leads: Sequence[User], user: User) -> tuple[User, ...]:
    """Return the team leads of this kit besides the one who records: two persons decide."""
    return tuple(lead for lead in leads if lead.user_id != user.user_id)


def found_problem(before: Found, local: Callable[[datetime], datetime], has_second: bool) -> Problem:
    """Return the banner: when, which record, whose NIK, or which operator, and what to do."""
    if isinstance(before, OperatorsFinger):
        alone = "" if has_second else "_alone"
        return Problem(f"recording.operators_finger{alone}", {"name": before.name})
    kind = "same_nik" if before.is_same_nik else "other_nik"
    return Problem(
        f"recording.found_again_{kind}" if has_second else "recording.found_again_alone",
        {
            "day": day_text(local(before.sealed_at).date()),
            "record": before.record_id,
            "name": before.masked_name,
            "nik": before.masked_nik,
            "fingers": before.fingers,
        },
    )


def found_row(before: Sequence[Found] | None, is_allowed: bool) -> tuple[Message, Tag]:
    """Return the line of the completeness; None while fingers are still being compared."""
    if before is None:
        tag = Tag(message("tinjau.comparing"), Tone.NEUTRAL)
    elif not before:
        tag = Tag(message("tinjau.no_twin"), Tone.GOOD)
    elif is_allowed:
        tag = Tag(message("tinjau.found_allowed"), Tone.CAUTION)
    elif isinstance(before[0], OperatorsFinger):
        tag = Tag(position_words(before[0].position), Tone.BAD)
    else:
        tag = Tag(message("tinjau.found_again"), Tone.BAD)
    return message("tinjau.twins"), tag
