from __future__ import annotations

from dataclasses import replace
from datetime import date

from support.recording import RecordingKit

from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.session import CaptureSession
from ui.presenters.messages import message
from ui.presenters.parts import Tag, Tone
from ui.presenters.recording.completeness import checks_of, first_marks

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
