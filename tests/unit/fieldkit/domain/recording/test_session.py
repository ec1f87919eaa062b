"""The machine as a dialogue: `<<` what happened, `>>` what the session makes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from support.clock import NOW
from support.steps import attempt, good, mark

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.nik import MaritalStatus
from fieldkit.domain.recording import session as ev
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import CAPTURED_AT, CapturePolicy, ExceptionInk, StepKind
from fieldkit.domain.recording.exceptions import InkGiven, InkWanted, SignedAct, inks_wanted
from fieldkit.domain.recording.positions import RIGHT_FOUR, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison, Notice
from fieldkit.domain.recording.session import (
    _HANDLERS,
    ENDED,
    CaptureSession,
    DropSamples,
    EraseSession,
    LogEvent,
    Phase,
)

TODAY = date(2026, 11, 21)
CATARACT = ExceptionReason.CATARACT


WORD = SignedAct("ketua", "a.b.c", "MII=")


def ink(wanted: InkWanted, sample_id: str = "i1") -> InkGiven:
    return InkGiven(wanted, wanted.who, sample_id, "ab" * 32, NOW, "Pad 1", "u1")


@pytest.fixture
def opened(now: datetime) -> CaptureSession:
    return CaptureSession("s1", "a1", "t1", "u1", now, CapturePolicy("test"))


@pytest.fixture
def capturing(opened: CaptureSession, biodata: Biodata, now: datetime) -> CaptureSession:
    session, _ = opened.handle(ev.NoticeGiven(Notice(now, "id")))
    session, _ = session.handle(ev.BiodataConfirmed(biodata, "d" * 64, TODAY))
    return session


def complete(session: CaptureSession) -> CaptureSession:
    for kind in CAPTURED_AT:
        session, _ = session.handle(ev.AttemptMade(kind, good(kind), "H"))
        session, _ = session.handle(ev.StepAccepted(kind))
    session, _ = session.handle(ev.IndexesVerified(IndexComparison.NOT_COMPARED))
    return session


def test_the_way_to_the_seal(capturing: CaptureSession) -> None:
    session, _ = complete(capturing).handle(ev.ReviewOpened())
    assert session.missing == ()
    session, commands = session.handle(ev.SealingStarted("r1"))
    assert (session.phase, session.record_id) == (Phase.SEALING, "r1")
    assert commands == (LogEvent("sealing_started", {"record": "r1"}),)
    session, commands = session.handle(ev.RecordSealed("f" * 64, 3_000_000))
    assert session.phase is Phase.SEALED
    assert EraseSession() in commands
    assert len(session.kept) == 15  # ten fingers, two eyes, face, two signatures


def test_what_the_log_says_beside_the_act_is_said_only_where_it_is_known(capturing: CaptureSession) -> None:
    _, commands = capturing.handle(ev.IndexesVerified(IndexComparison.NOT_COMPARED))
    assert commands == (LogEvent("indexes_verified", {"result": IndexComparison.NOT_COMPARED.value}),)
    scores = ((Position.RIGHT_INDEX, 0.5),)
    _, commands = capturing.handle(ev.IndexesVerified(IndexComparison.MATCHED, "sourceafis 3", scores))
    said = {
        "result": IndexComparison.MATCHED.value,
        "algorithm": "sourceafis 3",
        "scores": {Position.RIGHT_INDEX.value: 0.5},
    }
    assert commands == (LogEvent("indexes_verified", said),)
    session, _ = complete(capturing).handle(ev.ReviewOpened())
    _, commands = session.handle(ev.SealingStarted("r1", "c" * 64))
    assert commands == (LogEvent("sealing_started", {"record": "r1", "context": "c" * 64}),)


Said = IndexComparison


@pytest.mark.parametrize(
    ("touches", "noted"),
    [
        ([Said.DOUBTED], Said.DOUBTED),
        ([Said.DOUBTED, Said.DOUBTED], Said.DOUBTED_TWICE),
        ([Said.DOUBTED, Said.DOUBTED, Said.DOUBTED], Said.DOUBTED_TWICE),
        ([Said.DOUBTED, Said.MATCHED], Said.MATCHED),
        ([Said.MATCHED, Said.DOUBTED], Said.DOUBTED),
        ([Said.DOUBTED, Said.NOT_COMPARABLE], Said.NOT_COMPARABLE),
        ([Said.NOT_COMPARABLE, Said.DOUBTED], Said.DOUBTED),
        ([Said.DOUBTED, Said.DOUBTED, None], Said.NOT_MATCHED),  # None: the petugas decides
        ([Said.DOUBTED, Said.DOUBTED, None, Said.DOUBTED], Said.DOUBTED_TWICE),
        ([Said.DOUBTED, Said.DOUBTED, None, Said.MATCHED], Said.MATCHED),
    ],
)
def test_two_touches_and_a_person_make_a_mismatch(
    capturing: CaptureSession, touches: list[IndexComparison | None], noted: IndexComparison
) -> None:
    session = capturing
    for said in touches:
        session, commands = session.handle(ev.MismatchDecided() if said is None else ev.IndexesVerified(said))
    assert session.index_comparison is noted
    assert commands == (LogEvent("indexes_verified", {"result": noted.value}),)


@pytest.mark.parametrize("said", [None, *(each for each in Said if each is not Said.DOUBTED_TWICE)])
def test_nobody_decides_a_mismatch_before_two_touches(capturing: CaptureSession, said: IndexComparison | None) -> None:
    with pytest.raises(RuleError, match=r"session\.touch_again"):
        replace(capturing, index_comparison=said).handle(ev.MismatchDecided())


def test_no_capture_before_the_notice(opened: CaptureSession, biodata: Biodata) -> None:
    assert opened.missing == (StepKind.BIODATA, *CAPTURED_AT, StepKind.INDEX_VERIFICATION)
    with pytest.raises(RuleError, match=r"session\.not_now"):
        opened.handle(ev.BiodataConfirmed(biodata, "", TODAY))
    with pytest.raises(RuleError, match=r"session\.not_now"):
        opened.handle(ev.AttemptMade(StepKind.PHOTO, good(StepKind.PHOTO), ""))


def test_nothing_is_sealed_while_something_is_missing(capturing: CaptureSession) -> None:
    session = complete(capturing)
    for kind in CAPTURED_AT:
        lacking = replace(session, steps=tuple(s if s.kind is not kind else type(s).fresh(kind) for s in session.steps))
        assert lacking.missing == (kind,)
        with pytest.raises(RuleError, match=r"session\.incomplete"):
            lacking.handle(ev.ReviewOpened())
    with pytest.raises(RuleError, match=r"session\.incomplete"):
        replace(session, index_comparison=None).handle(ev.ReviewOpened())


def test_a_fact_that_an_older_program_let_pass_is_asked_before_the_review(capturing: CaptureSession) -> None:
    session = complete(capturing)
    assert session.biodata is not None
    empty = replace(session, biodata=replace(session.biodata, mother_name=""))
    with pytest.raises(InputError, match=r"biodata\.empty"):
        empty.handle(ev.ReviewOpened())
    filled, _ = empty.handle(ev.BiodataConfirmed(session.biodata, "", TODAY))
    filled.handle(ev.ReviewOpened())


def test_a_killed_seal_starts_again_with_the_same_record_id(capturing: CaptureSession) -> None:
    session, _ = complete(capturing).handle(ev.ReviewOpened())
    session, _ = session.handle(ev.SealingStarted("r1"))
    again, _ = session.handle(ev.SealingStarted("r2"))
    assert again.record_id == "r1"


def test_a_better_attempt_drops_the_bytes_of_the_worse(capturing: CaptureSession) -> None:
    session, commands = capturing.handle(
        ev.AttemptMade(StepKind.RIGHT_FOUR, attempt(1, dict.fromkeys(RIGHT_FOUR, 50)), "H1")
    )
    assert not [c for c in commands if isinstance(c, DropSamples)]
    scores = {RIGHT_FOUR[0]: 80, RIGHT_FOUR[1]: 45, RIGHT_FOUR[2]: 80, RIGHT_FOUR[3]: 50}
    session, commands = session.handle(ev.AttemptMade(StepKind.RIGHT_FOUR, attempt(2, dict(scores)), "H2"))
    (drop,) = [c for c in commands if isinstance(c, DropSamples)]
    assert set(drop.sample_ids) == {
        f"{RIGHT_FOUR[0]}-1",
        f"{RIGHT_FOUR[1]}-2",
        f"{RIGHT_FOUR[2]}-1",
        f"{RIGHT_FOUR[3]}-2",
    }
    assert session.device_hash == "H2"


def test_a_signature_pad_does_not_break_the_device_chain(capturing: CaptureSession) -> None:
    session, _ = capturing.handle(ev.AttemptMade(StepKind.THUMBS, good(StepKind.THUMBS), "H1"))
    session, _ = session.handle(ev.AttemptMade(StepKind.SIGNATURE, good(StepKind.SIGNATURE), ""))
    assert session.device_hash == "H1"


def test_repeating_an_accepted_step_reopens_it(capturing: CaptureSession) -> None:
    session = complete(capturing)
    worse = attempt(2, dict.fromkeys(RIGHT_FOUR, 10))
    session, _ = session.handle(ev.AttemptMade(StepKind.RIGHT_FOUR, worse, "H2"))
    assert session.missing == (StepKind.RIGHT_FOUR,)
    session, _ = session.handle(ev.StepAccepted(StepKind.RIGHT_FOUR))
    assert {ref.attempt for kind, ref in session.kept if kind is StepKind.RIGHT_FOUR} == {1}


def test_exceptions_are_listed_and_logged_without_a_reason(capturing: CaptureSession) -> None:
    marks = (mark(Position.EYE_LEFT, ExceptionReason.CATARACT), mark(Position.EYE_RIGHT, ExceptionReason.BLIND))
    session, commands = capturing.handle(ev.ExceptionMarked(StepKind.IRIS, marks, ()))
    assert {m.position for m in session.exceptions} == {Position.EYE_LEFT, Position.EYE_RIGHT}
    assert session.step(StepKind.IRIS).is_closed
    assert "cataract" not in str(commands)
    session, _ = session.handle(ev.ExceptionTakenBack(StepKind.IRIS, Position.EYE_LEFT))
    assert StepKind.IRIS in session.missing


@pytest.mark.parametrize("reason", [ExceptionReason.MISSING_EYE, ExceptionReason.PROSTHESIS])
def test_what_was_captured_well_is_not_noted_as_missing(capturing: CaptureSession, reason: ExceptionReason) -> None:
    gone = mark(Position.EYE_LEFT, reason)
    session, _ = capturing.handle(ev.AttemptMade(StepKind.IRIS, good(StepKind.IRIS), "H"))
    with pytest.raises(RuleError, match=r"session\.captured_position"):
        session.handle(ev.ExceptionMarked(StepKind.IRIS, (gone,), ()))
    session, _ = capturing.handle(ev.ExceptionMarked(StepKind.IRIS, (gone,), ()))
    assert session.exceptions == (gone,)


def test_what_was_tried_before_an_exception_goes_along(capturing: CaptureSession) -> None:
    assert capturing.tried == ()
    session, _ = capturing.handle(ev.AttemptMade(StepKind.IRIS, good(StepKind.IRIS), "H"))
    left = mark(Position.EYE_LEFT, CATARACT)
    session, _ = session.handle(ev.ExceptionMarked(StepKind.IRIS, (left,), ()))
    ((kind, best, why),) = session.tried
    assert (kind, best.position, why) == (StepKind.IRIS, Position.EYE_LEFT, left)
    session, _ = session.handle(ev.AttemptMade(StepKind.SIGNATURE, good(StepKind.SIGNATURE), ""))
    shaking = mark(Position.SIGNATURE, ExceptionReason.TREMOR)
    session, _ = session.handle(ev.ExceptionMarked(StepKind.SIGNATURE, (shaking,), ()))
    assert len(session.tried) == 1, "half a signature goes nowhere"


def test_no_personal_words_reach_the_log(capturing: CaptureSession, opened: CaptureSession, biodata: Biodata) -> None:
    session, _ = opened.handle(ev.NoticeGiven(Notice(opened.opened_at, "id", "Bu Lestari")))
    _, commands = session.handle(ev.BiodataConfirmed(biodata, "d" * 64, TODAY))
    assert biodata.name not in str(commands)
    assert biodata.nik.digits not in str(commands)


def test_under_sixteen_and_single_is_too_early(opened: CaptureSession, biodata: Biodata, now: datetime) -> None:
    session, _ = opened.handle(ev.NoticeGiven(Notice(now, "id")))
    child = replace(biodata, birth_date=date(2011, 1, 1), marital_status=MaritalStatus.BELUM_KAWIN)
    with pytest.raises(RuleError, match=r"session\.too_young"):
        session.handle(ev.BiodataConfirmed(child, "", TODAY))
    married = replace(child, marital_status=MaritalStatus.KAWIN)
    assert session.handle(ev.BiodataConfirmed(married, "", TODAY))[0].phase is Phase.CAPTURING


def test_a_pause_goes_on_where_it_was(capturing: CaptureSession) -> None:
    paused, _ = complete(capturing).handle(ev.Suspended("azan"))
    with pytest.raises(RuleError):
        paused.handle(ev.ReviewOpened())
    resumed, _ = paused.handle(ev.Resumed())
    assert resumed.phase is Phase.CAPTURING
    assert resumed.missing == ()


def test_refusing_erases_and_ends(capturing: CaptureSession) -> None:
    ended, commands = complete(capturing).handle(ev.Refused(ev.EndReason.DECLINED))
    assert (ended.phase, ended.reason) == (Phase.REFUSED, "declined")
    assert EraseSession() in commands
    with pytest.raises(RuleError):
        ended.handle(ev.Resumed())


def test_a_started_seal_is_never_abandoned(capturing: CaptureSession) -> None:
    session, _ = complete(capturing).handle(ev.ReviewOpened())
    session, _ = session.handle(ev.SealingStarted("r1"))
    with pytest.raises(RuleError):
        session.handle(ev.Abandoned(ev.EndReason.DEVICE_BROKEN))


def test_a_seal_that_was_found_ends_the_recording_wherever_it_stood(capturing: CaptureSession) -> None:
    paused, _ = capturing.handle(ev.Suspended())
    for session in (capturing, paused):
        after, commands = session.handle(ev.SealFound("r-1"))
        assert (after.phase, after.record_id, after.before_pause) == (Phase.SEALED, "r-1", None)
        assert commands == (LogEvent("seal_found", {"record": "r-1"}), EraseSession())
        with pytest.raises(RuleError, match=r"session\.not_now"):
            after.handle(ev.SealFound("r-1"))


def event_times(biodata: Biodata, now: datetime) -> dict[ev.SessionEvent, set[Phase]]:
    """Return each event with the phases in which it may happen."""
    left = mark(Position.EYE_LEFT, CATARACT)
    running = {Phase.OPENED, Phase.NOTICE_GIVEN, Phase.CAPTURING, Phase.REVIEWING}
    return {
        ev.NoticeGiven(Notice(now, "id")): {Phase.OPENED},
        ev.BiodataConfirmed(biodata, "", TODAY): {Phase.NOTICE_GIVEN, Phase.CAPTURING},
        ev.AttemptMade(StepKind.IRIS, good(StepKind.IRIS), ""): {Phase.CAPTURING},
        ev.StepAccepted(StepKind.IRIS): {Phase.CAPTURING},
        ev.ExceptionMarked(StepKind.IRIS, (left,), ()): {Phase.CAPTURING},
        ev.ExceptionTakenBack(StepKind.IRIS, Position.EYE_LEFT): {Phase.CAPTURING},
        ev.InkTaken(ink(inks_wanted([left])[0])): {Phase.CAPTURING, Phase.REVIEWING},
        ev.FailureAllowed(StepKind.IRIS, WORD): {Phase.CAPTURING},
        ev.IndexesVerified(IndexComparison.NOT_COMPARED): {Phase.CAPTURING},
        ev.MismatchDecided(): {Phase.CAPTURING},
        ev.ReviewOpened(): {Phase.CAPTURING, Phase.REVIEWING},
        ev.ReviewLeft(): {Phase.REVIEWING, Phase.SEALING},
        ev.SealingStarted("r2"): {Phase.REVIEWING, Phase.SEALING},
        ev.RecordSealed("f" * 64, 1): {Phase.SEALING},
        ev.SealFound("r2"): {*Phase} - ENDED,
        ev.Suspended(): running,
        ev.Resumed(): {Phase.SUSPENDED},
        ev.Refused(ev.EndReason.FLED): running | {Phase.SUSPENDED},
        ev.Abandoned(ev.EndReason.FLED): running | {Phase.SUSPENDED},
    }


def test_nothing_is_done_out_of_its_time(capturing: CaptureSession, biodata: Biodata, now: datetime) -> None:
    session = complete(capturing)
    times = event_times(biodata, now)
    assert {type(event) for event in times} == set(_HANDLERS) - {ev.Worked}
    for event, phases in times.items():
        for phase in set(Phase) - phases:
            with pytest.raises(RuleError, match=r"session\.not_now"):
                replace(session, phase=phase).handle(event)
    in_review, _ = session.handle(ev.ReviewOpened())
    assert in_review.handle(ev.ReviewLeft())[0].phase is Phase.CAPTURING
    assert in_review.failed == ()


def test_what_the_screen_worked_is_counted_until_the_end(opened: CaptureSession) -> None:
    assert opened.worked_ms == 0
    session = opened
    for ms in (500, 700, -50):
        session, commands = session.handle(ev.Worked(ms))
        assert commands == ()
    assert session.worked_ms == 1200
    for phase in ENDED:
        ended = replace(session, phase=phase)
        assert ended.handle(ev.Worked(500)) == (ended, ())


def test_only_what_was_captured_is_accepted_by_its_digests(capturing: CaptureSession) -> None:
    session, _ = capturing.handle(ev.ExceptionMarked(StepKind.IRIS, (mark(Position.EYE_LEFT, CATARACT),), ()))
    seen = attempt(1, {Position.EYE_RIGHT: 80})
    session, _ = session.handle(ev.AttemptMade(StepKind.IRIS, seen, "H"))
    session, commands = session.handle(ev.StepAccepted(StepKind.IRIS))
    assert commands == (LogEvent("step_accepted", {"step": "iris", "samples": [seen.samples[0].sha256]}),)
    assert session.tried == (), "nothing of the other eye came, and this one is no exception"


def test_a_failure_that_is_allowed_says_by_whom_and_keeps_what_came(capturing: CaptureSession) -> None:
    session, spent = capturing, {Position.EYE_LEFT: 1, Position.EYE_RIGHT: None}
    for number in range(1, 1 + session.policy.max_attempts):
        session, _ = session.handle(ev.AttemptMade(StepKind.IRIS, attempt(number, dict(spent)), "H"))
    session, commands = session.handle(ev.FailureAllowed(StepKind.IRIS, WORD))
    assert commands == (LogEvent("failure_allowed", {"step": "iris", "allowed_by": "ketua", **WORD.payload}),)
    assert set(session.failed) == set(CAPTURED_AT[StepKind.IRIS])
    assert [ref.position for _, ref in session.kept] == [Position.EYE_LEFT]


def test_the_last_thing_kept_is_the_latest(capturing: CaptureSession, now: datetime) -> None:
    times = [now + timedelta(minutes=minute) for minute in range(5)]
    opened = replace(capturing, notice=None, opened_at=times[0])
    assert opened.last_at == times[0]
    noticed = replace(opened, notice=Notice(times[1], "id"))
    assert noticed.last_at == times[1]
    tried, _ = noticed.handle(ev.AttemptMade(StepKind.IRIS, replace(good(StepKind.IRIS), at=times[2]), "H"))
    assert tried.last_at == times[2]
    seen = replace(mark(Position.EYE_LEFT, CATARACT), at=times[3])
    marked, _ = tried.handle(ev.ExceptionMarked(StepKind.IRIS, (seen,), ()))
    assert marked.last_at == times[3]
    signed, _ = marked.handle(ev.InkTaken(replace(ink(marked.inks_open[0]), at=times[4])))
    assert signed.last_at == times[4]
    assert (opened.is_begun, noticed.is_begun) == (False, True)


def test_a_person_who_saw_an_exception_signs_it_before_the_seal(capturing: CaptureSession) -> None:
    policy = CapturePolicy("test", exception_ink=ExceptionInk.WITNESS)
    left = replace(mark(Position.EYE_LEFT, CATARACT), attendants=("u1", "u2"), evidence_sample_id="photo")
    session, commands = replace(complete(capturing), policy=policy).handle(
        ev.ExceptionMarked(StepKind.IRIS, (left,), ())
    )
    noted = {"step": "iris", "position": left.position.value, "attempts": left.attempts, "mark": left.digest}
    assert commands == (LogEvent("exception_marked", noted),)
    assert session.attendants("u3") == ("u3", "u1", "u2")
    witness, second = session.inks_open
    assert session.inks_demanded == (witness,)
    with pytest.raises(RuleError, match=r"session\.ink_unwanted"):
        session.handle(ev.InkTaken(ink(replace(witness, who="Pak RW"))))

    session, _ = session.handle(ev.ReviewOpened())
    with pytest.raises(RuleError, match=r"session\.ink_missing"):
        session.handle(ev.SealingStarted("r1"))
    by_second, first, again = ink(second, "i0"), ink(witness, "i1"), ink(witness, "i2")
    session, _ = session.handle(ev.InkTaken(by_second))
    session, commands = session.handle(ev.InkTaken(first))
    assert [command.kind for command in commands if isinstance(command, LogEvent)] == ["ink_taken"]
    assert len(commands) == 1
    assert (session.inks_open, session.inks_demanded) == ((), ())
    session, commands = session.handle(ev.InkTaken(again))
    assert commands[:2] == (LogEvent("ink_dropped", {"ink": first.digest}), DropSamples(("i1",)))
    assert session.inks == (by_second, again)

    with pytest.raises(RuleError, match=r"session\.incomplete"):
        replace(session, index_comparison=None).handle(ev.SealingStarted("r1"))
    assert session.handle(ev.SealingStarted("r1"))[0].phase is Phase.SEALING
    session, _ = session.handle(ev.ReviewLeft())
    session, commands = session.handle(ev.ExceptionTakenBack(StepKind.IRIS, Position.EYE_LEFT))
    assert DropSamples(("i0", "i2", "photo")) in commands
    assert session.inks == ()


def test_another_exception_leaves_the_photo_and_the_ink_that_still_hold(capturing: CaptureSession) -> None:
    left = replace(mark(Position.EYE_LEFT, CATARACT), attendants=("u1", "u2"), evidence_sample_id="photo")
    session, _ = capturing.handle(ev.ExceptionMarked(StepKind.IRIS, (left,), ()))
    witness, second = (ink(wanted, wanted.who) for wanted in session.inks_open)
    for each in (witness, second):
        session, _ = session.handle(ev.InkTaken(each))
    right = replace(left, position=Position.EYE_RIGHT, attendants=("u1",))
    session, commands = session.handle(ev.ExceptionMarked(StepKind.IRIS, (right,), ()))
    assert commands[1:] == (LogEvent("ink_dropped", {"ink": witness.digest}), DropSamples((witness.sample_id,)))
    assert session.inks == (second,)
