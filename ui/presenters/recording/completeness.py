"""What the review says is there: a line per part of the record, and whether it is whole. Pure."""

from __future__ import annotations

from datetime import date

from fieldkit.domain.ages import age_gate
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.capture_step import Excepted, FailedToAcquire
from fieldkit.domain.recording.exception_mark import ExceptionMark
from fieldkit.domain.recording.session import CaptureSession
from ui.presenters.amounts import day_text
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.wording import comparison_words, tone_of_comparison


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
        (message("tinjau.biodata"), Tag(message("tinjau.complete"), Tone.GOOD)),
        (message("tinjau.photo"), counted(session, StepKind.PHOTO)),
        (message("tinjau.fingers"), counted(session, StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR, StepKind.THUMBS)),
        (message("tinjau.irises"), counted(session, StepKind.IRIS)),
        (message("tinjau.signature"), counted(session, StepKind.SIGNATURE)),
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
    words = message("tinjau.inks_of", given=given, wanted=given + wanted) if wanted else message("tinjau.complete")
    return ((message("tinjau.inks"), Tag(words, tone)),)


def counted(session: CaptureSession, *kinds: StepKind) -> Tag:
    """Return how much of some steps is there, excepted or failed."""
    outcomes = [outcome for kind in kinds for outcome in session.step(kind).outcomes.values()]
    excepted = sum(isinstance(outcome, Excepted) for outcome in outcomes)
    failed = sum(isinstance(outcome, FailedToAcquire) for outcome in outcomes)
    taken = len(outcomes) - excepted - failed
    if not excepted and not failed:
        return Tag(message("tinjau.complete"), Tone.GOOD)
    if len(outcomes) == 1:
        return Tag(message("tinjau.excepted"), Tone.CAUTION) if excepted else Tag(message("verdict.failed"), Tone.BAD)
    if failed:
        return Tag(message("tinjau.with_failed", taken=taken, failed=failed, excepted=excepted), Tone.BAD)
    return Tag(message("tinjau.with_exceptions", taken=taken, excepted=excepted), Tone.CAUTION)
