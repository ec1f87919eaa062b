from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import sealed
from support.recording import LEAD_PASSPHRASE, PIN, RecordingKit
from support.room import LEAD, PETUGAS, hand
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.planning.outreach import ModePerekaman
from fieldkit.domain.recording.capture import CAPTURED_AT, ExceptionInk, StepKind
from fieldkit.domain.recording.positions import FINGERS, ExceptionReason, Position
from fieldkit.domain.recording.session import Phase
from fieldkit.ports.recording import SamePerson
from ui.presenters.figures import FingerMark
from ui.presenters.parts import Progress, Sound, Stage, Tone
from ui.presenters.presenter import message
from ui.presenters.recording.review import ReviewPresenter, ReviewState
from ui.presenters.tasks import untold


class Review:
    """The presenter over a kit whose recording is complete."""

    def __init__(self, kit: RecordingKit, tasks: SameThread | None = None) -> None:
        self.kit, self.tasks, self.way = kit, tasks or SameThread(), Steps()
        self.sent = 0
        self.presenter = ReviewPresenter(kit.context, kit.door, self.tasks, self.way, kit.session_id, self._send)
        self.presenter.start()

    def _send(self) -> None:
        self.sent += 1

    @property
    def state(self) -> ReviewState:
        return self.presenter.state

    def check(self, key: str) -> tuple[str, Tone]:
        tag = next(tag for words, tag in self.state.checks if words == message(key))
        return getattr(tag.words, "key", str(tag.words)), tag.tone


def record(kit: RecordingKit) -> None:
    who = kit.context.visits.target("target-1").biodata
    kit.room.complete(kit.context.recording.confirm_biodata(kit.session_id, who))


@pytest.fixture
def review(context_kit: RecordingKit) -> Review:
    record(context_kit)
    return Review(context_kit)


def test_everything_that_goes_into_the_record_is_on_the_page(review: Review) -> None:
    state = review.state
    assert state.stage is Stage.CONTENT
    assert state.photo is not None
    assert state.photo[:2] == b"\xff\xd8"
    assert state.ink is not None
    assert [finger.mark for finger in state.fingers] == [FingerMark.SCORED] * 10
    assert [eye.quality for eye in state.eyes] == [80, 80]
    assert state.photo_notes == (message("tinjau.ground_red"), message("tinjau.born", year=1979))
    assert {tone for _, (_, tone) in ((w, review.check(w.key)) for w, _ in state.checks)} == {Tone.GOOD, Tone.NEUTRAL}
    assert review.check("tinjau.index") == ("comparison.not_compared", Tone.NEUTRAL)


def test_exceptions_and_failures_are_counted_and_named(context_kit: RecordingKit) -> None:
    session = context_kit.context.recording.confirm_biodata(
        context_kit.session_id, context_kit.context.visits.target("target-1").biodata
    )
    run, sid = context_kit.context.recording, context_kit.session_id
    run.mark_exceptions(sid, StepKind.RIGHT_FOUR, [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED, "Pak RT")
    for step in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
        run.mark_exceptions(sid, step, [Position.SIGNATURE], ExceptionReason.CANNOT_SIGN, "Bu Siti")
    for turn in range(4):
        session = context_kit.room.capture(run.find(sid), StepKind.THUMBS, 20, turn + 1)
    run.allow_failure(sid, StepKind.THUMBS, context_kit.room.keys.credential(LEAD))
    context_kit.room.complete(run.find(sid))
    review = Review(context_kit)
    assert review.check("tinjau.fingers") == ("tinjau.with_failed", Tone.BAD)
    assert review.check("common.signature") == ("common.exception", Tone.CAUTION)
    assert review.check("tinjau.irises") == ("common.complete", Tone.GOOD)
    lines = [(line.position, line.witness) for line in review.state.exceptions]
    assert lines == [(Position.RIGHT_LITTLE, "Pak RT"), (Position.SIGNATURE, "Bu Siti")]
    assert review.state.ink is None
    assert session.step(StepKind.THUMBS).attempts[-1].number == 4


def test_an_exception_alone_is_counted_beside_what_came(context_kit: RecordingKit) -> None:
    run, sid = context_kit.context.recording, context_kit.session_id
    run.confirm_biodata(sid, context_kit.context.visits.target("target-1").biodata)
    run.mark_exceptions(sid, StepKind.RIGHT_FOUR, [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED, "Pak RT")
    context_kit.room.complete(run.find(sid))
    words = next(tag.words for words, tag in Review(context_kit).state.checks if words == message("tinjau.fingers"))
    assert words == message("tinjau.with_exceptions", taken=9, excepted=1)


def excepted(kit: RecordingKit, second: str = "", ink: ExceptionInk = ExceptionInk.WITNESS) -> None:
    """Record somebody with an exception before a witness."""
    run, sid = kit.context.recording, kit.session_id
    with kit.room.store.write() as unit:
        session = unit.sessions.get(sid)
        unit.sessions.save(replace(session, policy=replace(session.policy, exception_ink=ink)))
    run.confirm_biodata(sid, kit.context.visits.target("target-1").biodata)
    little, why = [Position.RIGHT_LITTLE], ExceptionReason.BANDAGED
    run.mark_exceptions(
        sid, StepKind.RIGHT_FOUR, little, why, "Pak RT", kit.room.keys.credential(LEAD) if second else None
    )
    kit.room.complete(run.find(sid))


def commands(review: Review) -> list[str]:
    return [action.name for action in review.state.bar.actions]


def test_nothing_is_sealed_before_the_witness_signed(context_kit: RecordingKit) -> None:
    excepted(context_kit, LEAD.user_id)
    review = Review(context_kit)
    assert commands(review) == ["postpone", "take_ink"]
    assert review.check("tinjau.inks") == ("tinjau.inks_of", Tone.BAD)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert context_kit.on_disk().phase is Phase.REVIEWING
    review.presenter.take_ink()
    assert review.way.taken == [("push", "exception_ink", context_kit.session_id)]
    run, (witness, second) = (
        context_kit.context.recording,
        context_kit.context.recording.inks_open(review.kit.session_id),
    )
    run.take_ink(context_kit.session_id, witness[0], hand(1), "Pad 1")
    review.presenter.start()
    assert commands(review) == ["postpone", "take_ink", "accept"]
    assert review.check("tinjau.inks") == ("tinjau.inks_of", Tone.CAUTION)
    run.take_ink(context_kit.session_id, second[0], hand(2), "Pad 1")
    review.presenter.start()
    assert commands(review) == ["postpone", "accept"]
    assert review.check("tinjau.inks") == ("common.complete", Tone.GOOD)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert context_kit.on_disk().phase is Phase.SEALED
    assert context_kit.on_disk().inks == (), "a name is gone with the seal"


def test_where_the_dinas_demands_no_ink_it_may_be_given(context_kit: RecordingKit) -> None:
    excepted(context_kit, ink=ExceptionInk.NOBODY)
    review = Review(context_kit)
    assert commands(review) == ["postpone", "take_ink", "accept"]
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert context_kit.on_disk().phase is Phase.SEALED


def test_the_right_pin_seals_and_shows_the_slip(review: Review) -> None:
    review.presenter.accept()
    assert review.state.stage is Stage.CONTENT, "no PIN, no seal"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    done = review.kit.on_disk()
    assert done.phase is Phase.SEALED
    assert review.state.chime.sound is Sound.DONE
    assert review.way.taken == [("replace", "slip", done.record_id)]
    papers = review.kit.context.fresh_papers[done.record_id]
    assert [paper.letter for paper in papers] == ["bukti_perekaman"]
    assert review.sent == 0, "luring: it waits for the office"


def test_what_is_recorded_daring_goes_at_once(context_kit: RecordingKit) -> None:
    record(context_kit)
    with context_kit.room.store.write() as unit:
        unit.activities.save(replace(unit.activities.get("act-1"), mode=ModePerekaman.DARING))
    review = Review(context_kit)
    review.presenter.type_pin("000000")
    review.presenter.accept()
    assert review.sent == 0, "nothing was sealed"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert (context_kit.on_disk().phase, review.sent) == (Phase.SEALED, 1)


class Closed(SameThread):
    """A window that closes at once: what was written is written, and nobody hears of it."""

    is_closed = False

    def write(self, func, failed, done=untold) -> None:
        super().write(func, failed, untold if self.is_closed else done)


def test_the_papers_of_a_record_are_filed_though_the_window_closes_at_the_seal(context_kit: RecordingKit) -> None:
    record(context_kit)
    tasks = Closed()
    review = Review(context_kit, tasks)
    review.presenter.type_pin(PIN)
    tasks.is_closed = True
    review.presenter.accept()
    with context_kit.room.store.read() as unit:
        assert [filed.letter for filed in unit.repository(Letter).search()] == [LetterKind.BUKTI_PEREKAMAN]


def test_a_sealed_record_is_not_held_back_by_its_papers(review: Review) -> None:
    review.kit.letters.fails = True
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    done = review.kit.on_disk()
    assert done.phase is Phase.SEALED
    assert review.way.taken == [("replace", "slip", done.record_id)]
    assert review.kit.context.fresh_papers[done.record_id] == ()


def test_a_wrong_pin_says_how_many_tries_are_left_and_clears(review: Review) -> None:
    review.presenter.type_pin("000000")
    review.presenter.accept()
    assert review.state.pin_problem is not None
    assert review.state.pin_problem.code == "vault.wrong_pin"
    assert review.state.pin_problem.params["left"] == 2
    assert (review.state.pin, review.state.pin_round) == ("", 1)
    assert review.state.bar.actions[-1].refused == message("tinjau.pin_first")
    review.presenter.type_pin("2")
    assert review.state.pin_problem is None
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert review.kit.on_disk().phase is Phase.SEALED


def test_spent_tries_are_said_and_the_recording_can_be_put_off(review: Review) -> None:
    for _ in range(3):
        review.presenter.type_pin("000000")
        review.presenter.accept()
    assert review.state.pin_problem is not None
    assert review.state.pin_problem.code == "vault.pin_exhausted"
    review.presenter.postpone()
    assert review.kit.on_disk().phase is Phase.SUSPENDED
    assert review.way.taken == [("restart", "home")]


def test_nothing_else_happens_while_it_seals(context_kit: RecordingKit) -> None:
    record(context_kit)
    tasks = SameThread("store")
    review = Review(context_kit, tasks)
    tasks.release("store")
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert review.state.stage is Stage.BUSY
    assert review.state.progress is not None
    for intent in (review.presenter.accept, review.presenter.back, review.presenter.postpone):
        intent()
    review.presenter.type_pin("1")
    tasks.release("store")
    assert [step[0] for step in review.way.taken] == ["replace"]


def test_a_full_disk_is_a_banner_and_sealing_can_be_tried_again_or_put_off(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    monkeypatch.setattr(review.kit.room.files, "put", full)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert review.state.problem is not None
    assert review.state.problem.code == "store.disk_full"
    assert review.kit.on_disk().phase is Phase.SEALING
    review.presenter.postpone()
    assert review.kit.on_disk().phase is Phase.SUSPENDED
    monkeypatch.undo()
    session = review.kit.context.recording.open("target-1")
    again = Review(review.kit)
    again.presenter.type_pin(PIN)
    again.presenter.accept()
    assert review.kit.on_disk().phase is Phase.SEALED
    assert session.record_id == review.kit.on_disk().record_id, "nothing is sealed twice"


def test_escape_goes_back_to_capturing_once(review: Review) -> None:
    review.presenter.back()
    review.presenter.back()
    assert review.kit.on_disk().phase is Phase.CAPTURING
    assert review.way.taken == [("back",)]


def test_what_is_missing_keeps_the_review_closed_and_leaves_a_way_back(context_kit: RecordingKit) -> None:
    context_kit.context.recording.confirm_biodata(
        context_kit.session_id, context_kit.context.visits.target("target-1").biodata
    )
    review = Review(context_kit)
    assert review.state.stage is Stage.ERROR
    assert review.state.problem is not None
    assert review.state.problem.params["missing"] == len(CAPTURED_AT) + 1
    review.presenter.back()
    assert review.way.taken == [("back",)]


@pytest.fixture
def known(context_kit: RecordingKit) -> RecordingKit:
    """A complete recording of somebody whose fingers are in another record."""
    with context_kit.room.store.write() as unit:
        other = sealed(7)
        unit.records.add(other)
        unit.finger_templates.keep(other.record_id, b"templates")
    context_kit.finder.same = [SamePerson("record-7", FINGERS[:6], 18.2)]
    record(context_kit)
    return context_kit


def test_whoever_was_recorded_here_is_told_and_not_sealed_by_one_alone(known: RecordingKit) -> None:
    review = Review(known)
    assert review.check("tinjau.twins") == ("tinjau.found_again", Tone.BAD)
    problem = review.state.problem
    assert problem is not None
    assert problem.code == "recording.found_again_other_nik"
    assert (problem.params["record"], problem.params["fingers"]) == ("record-7", 6)
    assert review.state.bar.actions[-1].refused == message("tinjau.decide_first")
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert known.on_disk().phase is Phase.REVIEWING


def test_a_team_lead_beside_the_petugas_may_allow_the_seal(known: RecordingKit) -> None:
    review = Review(known)
    review.presenter.ask_lead()
    assert review.state.lead is not None
    assert [choice.name for choice in review.state.lead.choices] == [LEAD.user_id]
    review.presenter.choose_next(1)
    assert review.state.lead.chosen == LEAD.user_id
    review.presenter.type_pin("1")
    assert review.state.pin == "", "what is typed now is the passphrase"
    review.presenter.allow("salah")
    assert review.state.lead is not None
    assert review.state.lead.problem is not None
    assert review.state.lead.clear_serial == 1
    review.presenter.allow(LEAD_PASSPHRASE)
    assert (review.state.lead, review.state.problem) == (None, None)
    assert review.check("tinjau.twins") == ("tinjau.found_allowed", Tone.CAUTION)
    assert known.room.kinds(known.session_id)[-1] == "person_found_again_allowed"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert known.on_disk().phase is Phase.SEALED


def test_the_panel_of_the_team_lead_closes_without_an_answer(known: RecordingKit) -> None:
    review = Review(known)
    review.presenter.ask_lead()
    review.presenter.back()
    assert review.state.lead is None
    assert review.state.problem is not None
    assert review.state.bar.actions[-2].name == "ask_lead"
    assert known.on_disk().phase is Phase.REVIEWING


def test_where_no_second_person_is_it_is_said_and_noted(known: RecordingKit) -> None:
    known.door.people = (PETUGAS,)
    review = Review(known)
    assert review.state.problem is not None
    assert review.state.problem.code == "recording.found_again_alone"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert known.on_disk().phase is Phase.SEALED
    assert "person_found_again" in known.room.kinds(known.session_id)


def test_while_fingers_are_compared_the_seal_waits_and_says_so(context_kit: RecordingKit) -> None:
    record(context_kit)
    tasks = SameThread("compute")
    review = Review(context_kit, tasks)
    assert review.check("tinjau.twins") == ("tinjau.comparing", Tone.NEUTRAL)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert review.state.stage is Stage.BUSY
    assert review.state.progress == Progress(message("tinjau.comparing_first"))
    assert context_kit.on_disk().phase is Phase.REVIEWING
    tasks.release("compute")
    assert review.check("tinjau.twins") == ("tinjau.no_twin", Tone.GOOD)
    assert context_kit.on_disk().phase is Phase.SEALED


def test_who_is_found_while_the_seal_waits_is_not_sealed(known: RecordingKit) -> None:
    tasks = SameThread("compute")
    review = Review(known, tasks)
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    tasks.release("compute")
    assert review.state.stage is Stage.CONTENT
    assert review.state.problem is not None
    assert known.on_disk().phase is Phase.REVIEWING


def test_a_comparison_that_fails_is_said_and_keeps_nobody_waiting(context_kit: RecordingKit) -> None:
    context_kit.finder.error = StoreError("store.damaged")
    record(context_kit)
    review = Review(context_kit)
    assert review.state.problem is not None
    assert review.state.problem.code == "store.damaged"
    review.presenter.type_pin(PIN)
    review.presenter.accept()
    assert context_kit.on_disk().phase is Phase.SEALED
