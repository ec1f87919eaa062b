from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from support.cards import Tray
from support.kept import biodata
from support.room import LEAD, PETUGAS, STORES, Keys, Room
from support.samples import captured, sample

from drivers.pcsc.ktp_el import KtpElFiles, NoSam
from drivers.simulators.sam import SamCard
from drivers.simulators.vpcd import KtpElCard
from drivers.transport import NeverCancelled
from fieldkit.app.bootstrap.kit_settings import HmacNikKey
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.capture import Accepted, CapturePolicy, FailedToAcquire, Sample, StepKind
from fieldkit.domain.recording.positions import INDEX_FINGERS, RIGHT_FOUR, THUMBS, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import CaptureSession, EndReason, Phase
from fieldkit.formats.images import decode_colour
from fieldkit.formats.pictures import RecordPictures
from fieldkit.ports.devices import Cancel, Device, DeviceKind, NothingPresentedError, SampleFault
from fieldkit.ports.recording import Match, MatchVerdict
from fieldkit.services.recording.run_session import PHOTO_PX, CardMoment, CardSeen, CardTools, CheckCard

INDEX, MIDDLE, RING, LITTLE = RIGHT_FOUR


def refused(code: str) -> pytest.RaisesExc[KnownError]:
    return pytest.raises(KnownError, check=lambda error: error.code == code)


def attempt(room: Room, session: CaptureSession, turn: int = 1, **scores: int | None) -> CaptureSession:
    """Let the right four fingers be captured with these scores by name."""
    result = captured({Position[f"RIGHT_{name}"]: score for name, score in scores.items()}, turn)
    asked = session.step(StepKind.RIGHT_FOUR).wanted
    return room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "Device 1", asked, result)


def sample_ids(room: Room) -> set[str]:
    with room.store.read() as unit:
        return {str(row[0]) for row in unit.connection.exec_driver_sql("SELECT sample_id FROM samples")}


def test_only_who_may_record_opens_a_recording(room: Room) -> None:
    with refused("session.not_your_role"):
        room.recording_for(STORES).open("target-1")


def state_of(room: Room) -> TargetState:
    with room.store.read() as unit:
        return unit.targets.get("target-1").state


@pytest.mark.parametrize("before", [TargetState.PLANNED, TargetState.POSTPONED])
def test_a_notice_that_was_opened_and_left_changes_nothing_about_the_target(room: Room, before: TargetState) -> None:
    with room.store.write() as unit:
        unit.targets.mark("target-1", before, "fled" if before is TargetState.POSTPONED else "")
    room.recording.open("target-1")
    assert state_of(room) is before
    assert room.recording.open("target-1").phase is Phase.OPENED, "it is the same one that goes on"
    assert state_of(room) is before


def test_opening_is_in_the_log_and_the_notice_begins_the_recording(room: Room) -> None:
    session = room.recording.open("target-1")
    assert session.phase is Phase.OPENED
    assert session.attendant == PETUGAS.user_id
    assert room.kinds(session.session_id) == ["session_opened"]
    assert not session.is_begun
    assert room.recording.give_notice(session.session_id, "id").is_begun
    assert state_of(room) is TargetState.RECORDING


def test_work_adds_up_whatever_else_is_kept_between(room: Room) -> None:
    session = room.begin()
    room.recording.note_work(session.session_id, 61_000)
    room.recording.suspend(session.session_id)
    assert room.recording.note_work(session.session_id, 2_000).worked_ms == 63_000
    assert room.recording.open("target-1").worked_ms == 63_000


def test_an_unknown_target_is_refused(room: Room) -> None:
    with refused("store.not_found"):
        room.recording.open("nobody")


def test_opening_again_goes_on_with_what_was_left(room: Room) -> None:
    session = room.begin()
    room.capture(session, StepKind.THUMBS)
    room.reopen()
    again = room.recording.open("target-1")
    assert again.session_id == session.session_id
    assert again.phase is Phase.CAPTURING
    assert len(again.step(StepKind.THUMBS).attempts) == 1


def test_opening_again_ends_a_pause(room: Room) -> None:
    session = room.begin()
    room.recording.suspend(session.session_id, "lunch")
    room.reopen()
    assert room.recording.find(session.session_id).phase is Phase.SUSPENDED
    assert room.recording.open("target-1").phase is Phase.CAPTURING
    assert room.kinds(session.session_id)[-2:] == ["suspended", "resumed"]


def test_a_recorded_nik_is_not_recorded_again(room: Room) -> None:
    entry = room.seal()
    with refused("session.recorded_before") as caught:
        room.recording.open("target-1")
    assert caught.value.problem.params["record"] == entry.record.record_id
    assert biodata().nik.digits not in str(caught.value)


def test_a_nik_that_is_corrected_into_a_recorded_one_is_refused(room: Room) -> None:
    room.plan(biodata(), biodata("Budi", nik="3275014708790005"))
    room.seal("target-1")
    session = room.recording.open("target-2")
    room.recording.give_notice(session.session_id, "id")
    with refused("session.recorded_before"):
        room.recording.confirm_biodata(session.session_id, biodata())


def test_biodata_comes_after_the_notice(room: Room) -> None:
    session = room.recording.open("target-1")
    with refused("session.not_now"):
        room.recording.confirm_biodata(session.session_id, biodata())


def test_biodata_that_cannot_be_on_a_family_card_is_refused(room: Room) -> None:
    session = room.recording.open("target-1")
    room.recording.give_notice(session.session_id, "id")
    with pytest.raises(InputError):
        room.recording.confirm_biodata(session.session_id, replace(biodata(), religion=99))
    assert room.recording.find(session.session_id).phase is Phase.NOTICE_GIVEN


def test_the_log_never_holds_a_name_or_a_number(room: Room) -> None:
    session = room.begin()
    room.capture(session, StepKind.THUMBS)
    who = biodata()
    with room.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(session.session_id))
    assert "biodata_confirmed" in lines
    for personal in (who.name, who.nik.digits, who.no_kk.digits, "Siti"):
        assert personal not in lines


def test_what_was_asked_for_and_did_not_come_is_a_fault(room: Room) -> None:
    session = attempt(room, room.begin(), INDEX=80, MIDDLE=70, RING=None, LITTLE=65)
    (made,) = session.step(StepKind.RIGHT_FOUR).attempts
    assert [(fault.position, fault.code) for fault in made.faults] == [(RING, "device.not_seen")]
    assert not session.step(StepKind.RIGHT_FOUR).may_accept(session.policy)


def test_a_fault_that_the_device_names_keeps_its_name(room: Room) -> None:
    session = room.begin()
    result = captured({INDEX: 80}, faults=[SampleFault(MIDDLE, "device.sbi.730")])
    session = room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "Device 1", RIGHT_FOUR, result)
    (made,) = session.step(StepKind.RIGHT_FOUR).attempts
    assert {fault.position: fault.code for fault in made.faults} == {
        MIDDLE: "device.sbi.730",
        RING: "device.not_seen",
        LITTLE: "device.not_seen",
    }


def test_a_sample_nobody_asked_for_is_not_kept(room: Room) -> None:
    session = room.begin()
    result = captured({**dict.fromkeys(THUMBS, 80), Position.LEFT_RING: 99})
    session = room.recording.keep_attempt(session.session_id, StepKind.THUMBS, "Device 1", THUMBS, result)
    assert {ref.position for ref in session.step(StepKind.THUMBS).attempts[0].samples} == set(THUMBS)
    assert len(sample_ids(room)) == len(THUMBS)


def test_a_better_sample_replaces_the_bytes_of_a_worse_one(room: Room) -> None:
    session = attempt(room, room.begin(), 1, INDEX=30, MIDDLE=70, RING=70, LITTLE=70)
    worse = session.step(StepKind.RIGHT_FOUR).best(INDEX)
    session = attempt(room, session, 2, INDEX=75, MIDDLE=50, RING=70, LITTLE=90)
    step = session.step(StepKind.RIGHT_FOUR)
    kept = {position: ref for position in RIGHT_FOUR if (ref := step.best(position)) is not None}
    assert {position: ref.attempt for position, ref in kept.items()} == {INDEX: 2, MIDDLE: 1, RING: 1, LITTLE: 2}
    assert sample_ids(room) == {ref.sample_id for ref in kept.values()}
    assert worse is not None
    with refused("store.not_found"):
        room.recording.sample(worse.sample_id)
    assert len(step.attempts) == 2  # of the dropped ones the metadata stays
    with room.store.read() as unit:  # only what is kept was written, in the place of what went
        assert set(unit.connection.exec_driver_sql("SELECT row FROM samples").scalars()) == {2, 3, 4, 5}
    assert room.recording.sample(kept[INDEX].sample_id).data == sample(INDEX, turn=2).data


def test_too_poor_a_step_is_not_accepted(room: Room) -> None:
    session = attempt(room, room.begin(), INDEX=39, MIDDLE=70, RING=70, LITTLE=70)
    with refused("session.not_enough"):
        room.recording.accept(session.session_id, StepKind.RIGHT_FOUR)


def test_the_chain_of_the_device_goes_on_over_steps_and_restarts(room: Room) -> None:
    session = room.capture(room.begin(), StepKind.THUMBS, turn=1)
    first = session.device_hash
    assert first == session.step(StepKind.THUMBS).attempts[0].samples[-1].chain_hash
    room.reopen()
    session = room.capture(room.recording.find(session.session_id), StepKind.IRIS, turn=2)
    links = session.step(StepKind.IRIS).attempts[0].links
    assert links is not None
    assert (links[0].previous, links[-1].chain_hash) == (first, session.device_hash)


def test_an_exception_is_marked_before_a_witness(room: Room) -> None:
    session = room.begin()
    marking = (session.session_id, StepKind.THUMBS, THUMBS[:1], ExceptionReason.BANDAGED)
    with refused("session.no_witness"):
        room.recording.mark_exceptions(*marking, witness=" ")
    session = room.recording.mark_exceptions(*marking, witness="Pak RT", second=room.keys.credential(LEAD))
    (mark,) = session.exceptions
    assert (mark.position, mark.reason, mark.witness, mark.attempts) == (
        Position.RIGHT_THUMB,
        ExceptionReason.BANDAGED,
        "Pak RT",
        0,
    )
    assert mark.attendants == (PETUGAS.user_id, LEAD.user_id)
    assert session.step(StepKind.THUMBS).wanted == (Position.LEFT_THUMB,)


def test_a_photo_stays_as_long_as_a_mark_names_it(room: Room) -> None:
    session = room.begin()
    marking = (session.session_id, StepKind.THUMBS, THUMBS, ExceptionReason.BANDAGED, "Pak RT")
    session = room.recording.mark_exceptions(*marking, photo=b"\xff\xd8 bandaged")
    (photo_id,) = {mark.evidence_sample_id for mark in session.exceptions}
    room.recording.take_exception_back(session.session_id, StepKind.THUMBS, Position.LEFT_THUMB)
    assert room.recording.sample(photo_id).data == b"\xff\xd8 bandaged"
    room.recording.take_exception_back(session.session_id, StepKind.THUMBS, Position.RIGHT_THUMB)
    with pytest.raises(StoreError, match=r"store\.not_found"):
        room.recording.sample(photo_id)


def test_a_reason_must_fit_the_position(room: Room) -> None:
    session = room.begin()
    with pytest.raises(RuleError):
        room.recording.mark_exceptions(
            session.session_id, StepKind.IRIS, [Position.EYE_LEFT], ExceptionReason.MISSING_FINGER, "Pak RT"
        )


def test_taking_a_mark_back_finds_the_sample_again(room: Room) -> None:
    session = room.begin()
    session = room.capture(session, StepKind.THUMBS)
    before = session.step(StepKind.THUMBS).best(Position.LEFT_THUMB)
    room.recording.mark_exceptions(
        session.session_id, StepKind.THUMBS, [Position.LEFT_THUMB], ExceptionReason.WORN, "Pak RT"
    )
    session = room.recording.take_exception_back(session.session_id, StepKind.THUMBS, Position.LEFT_THUMB)
    best = session.step(StepKind.THUMBS).best(Position.LEFT_THUMB)
    assert best == before
    assert best is not None
    assert room.recording.sample(best.sample_id).position is Position.LEFT_THUMB


def test_only_a_lead_lets_a_step_fail_and_only_when_the_attempts_are_spent(room: Room) -> None:
    session = room.begin()
    for turn in range(1, 4):
        session = attempt(room, session, turn, INDEX=80, MIDDLE=80, RING=20 + turn, LITTLE=None)
    with refused("session.attempts_left"):
        room.recording.allow_failure(session.session_id, StepKind.RIGHT_FOUR, room.keys.credential(LEAD))
    session = attempt(room, session, 4, INDEX=80, MIDDLE=80, RING=20, LITTLE=None)
    with refused("session.lead_only"):
        room.recording.allow_failure(session.session_id, StepKind.RIGHT_FOUR, room.keys.credential(PETUGAS))
    session = room.recording.allow_failure(session.session_id, StepKind.RIGHT_FOUR, room.keys.credential(LEAD))
    outcomes = session.step(StepKind.RIGHT_FOUR).outcomes
    assert isinstance(outcomes[INDEX], Accepted)
    ring, little = outcomes[RING], outcomes[LITTLE]
    assert isinstance(ring, FailedToAcquire)
    assert isinstance(little, FailedToAcquire)
    assert ring.best is not None
    assert ring.best.quality.value == 23
    assert (little.best, little.allowed_by) == (None, LEAD.user_id)
    assert session.failed == (RING, LITTLE)


def test_without_a_matcher_the_indexes_are_not_compared(room: Room) -> None:
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    room.recording.accept(session.session_id, StepKind.RIGHT_FOUR)
    session = room.recording.verify_indexes(session.session_id, [sample(INDEX)])
    assert session.index_comparison is IndexComparison.NOT_COMPARED


class ByBytes:
    """A matcher of this test: the same record is the same finger, a third one tells nothing."""

    def compare(self, reference: Sample, probe: Sample) -> Match:
        third = sample(probe.position, turn=3).data
        is_same = reference.data == probe.data
        verdict = MatchVerdict.SAME if is_same else MatchVerdict.DIFFERENT
        return Match(MatchVerdict.UNCLEAR if probe.data == third else verdict, 9.5 if is_same else 1.0, "bytes", "7")


@pytest.fixture
def matching(tmp_path: Path, sealing_keys: Keys) -> Iterator[Room]:
    made = Room(tmp_path / "matching", sealing_keys, matcher=ByBytes())
    made.plan()
    yield made
    made.store.close()


@pytest.mark.parametrize(
    ("probes", "verdict"),
    [
        ({INDEX: 1, Position.LEFT_INDEX: 1}, IndexComparison.MATCHED),
        ({INDEX: 1, Position.LEFT_INDEX: 2}, IndexComparison.DOUBTED),
        ({INDEX: 1}, IndexComparison.MATCHED),
        ({INDEX: 3, Position.LEFT_INDEX: 1}, IndexComparison.NOT_COMPARABLE),
        ({INDEX: 3, Position.LEFT_INDEX: 2}, IndexComparison.DOUBTED),
        ({}, IndexComparison.NOT_COMPARED),
    ],
)
def test_a_matcher_compares_the_indexes(matching: Room, probes: dict[Position, int], verdict: IndexComparison) -> None:
    session = matching.begin()
    for step in (StepKind.RIGHT_FOUR, StepKind.LEFT_FOUR):
        matching.capture(session, step)
        session = matching.recording.accept(session.session_id, step)
    assert {ref.position for _, ref in session.kept} >= set(INDEX_FINGERS)
    shown = [sample(position, turn=turn) for position, turn in probes.items()]
    assert matching.recording.verify_indexes(session.session_id, shown).index_comparison is verdict


def test_the_record_keeps_who_compared_and_how_alike(matching: Room) -> None:
    session = matching.capture(matching.begin(), StepKind.RIGHT_FOUR)
    matching.recording.accept(session.session_id, StepKind.RIGHT_FOUR)
    matching.recording.verify_indexes(session.session_id, [sample(INDEX)])
    with matching.store.read() as unit:
        noted = [
            json.loads(event.payload)
            for event in unit.events.of(session.session_id)
            if event.kind == "indexes_verified"
        ]
    after = noted[0].pop("after")
    assert noted == [{"result": "cocok", "algorithm": "bytes 7", "scores": {"RIGHT_INDEX": 9.5}}]
    assert len(after) == 64


def test_the_review_waits_for_everything_and_not_for_the_disk(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    session = room.begin()
    with refused("session.incomplete"):
        room.recording.review(session.session_id)
    session = room.complete(session)
    assert session.phase is Phase.REVIEWING
    monkeypatch.setattr(room.store, "write", None)  # the log tells nothing of these
    assert room.recording.leave_review(session.session_id).phase is Phase.CAPTURING
    assert room.recording.review(session.session_id).phase is Phase.REVIEWING
    assert room.recording.note_work(session.session_id, 5).worked_ms == 5


@pytest.mark.parametrize("act", ["refuse", "abandon"])
def test_a_recording_that_ends_without_a_record_leaves_nothing_personal(room: Room, act: str) -> None:
    session = room.capture(room.begin(), StepKind.THUMBS)
    getattr(room.recording, act)(session.session_id, EndReason.TOO_ILL)
    assert sample_ids(room) == set()
    ended = room.recording.find(session.session_id)
    assert (ended.biodata, ended.reason) == (None, "too_ill")
    with room.store.read() as unit:
        target = unit.targets.get("target-1")
        assert list(unit.sessions.unfinished()) == []
    assert (target.state, target.reason) == (TargetState.POSTPONED, "too_ill")


def test_an_attempt_is_kept_as_a_whole_or_not_at_all(room: Room) -> None:
    """The machine refuses it: nothing of it may stay."""
    session = room.recording.open("target-1")
    with refused("session.not_now"):
        room.recording.keep_attempt(session.session_id, StepKind.THUMBS, "Device 1", THUMBS, captured({THUMBS[0]: 80}))
    assert sample_ids(room) == set()
    assert room.kinds(session.session_id) == ["session_opened"]


def test_what_was_kept_is_there_after_a_restart(room: Room) -> None:
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    room.reopen()
    assert room.recording.find(session.session_id) == session
    with room.store.read() as unit:
        assert [left.session_id for left in unit.sessions.unfinished()] == [session.session_id]


def test_an_unknown_recording_is_named(room: Room) -> None:
    with pytest.raises(StoreError):
        room.recording.find("nothing")


def test_where_the_dinas_wants_it_nothing_is_excepted_without_a_photo(tmp_path: Path, sealing_keys: Keys) -> None:
    room = Room(tmp_path, sealing_keys, policy=CapturePolicy("uji", exception_photo=True))
    room.plan()
    session = room.begin()
    marked = session.session_id, StepKind.THUMBS, [THUMBS[0]], ExceptionReason.BANDAGED, "Pak RT"
    with pytest.raises(RuleError) as caught:
        room.recording.mark_exceptions(*marked)
    assert caught.value.code == "session.no_photo"
    assert room.recording.mark_exceptions(*marked, photo=b"\xff\xd8 photo").exceptions
    room.store.close()


UID = bytes.fromhex("04A1B2C3D4E5F6")
KEY = HmacNikKey(b"k" * 32)
PHOTO = cv2.imencode(".jp2", np.full((640, 480, 3), 90, np.uint8))[1].tobytes()


@dataclass
class OneReader:
    """A `Registry` with a card reader only."""

    tray: Tray

    def device_for(self, kind: DeviceKind) -> Device:
        assert kind is DeviceKind.CARD_READER
        return self.tray


class ReadySam(NoSam):
    """A SAM that is at hand."""

    is_open = False

    def open(self, cancel: Cancel) -> None:
        self.is_open = True

    def close(self) -> None:
        self.is_open = False


@pytest.fixture
def tray() -> Tray:
    return Tray()


@pytest.fixture
def cards(room: Room, tray: Tray) -> CheckCard:
    tools = CardTools(KtpElFiles(), NoSam(), RecordPictures(), KEY)
    return CheckCard(OneReader(tray), tools, room.store, room.clock, PETUGAS)


def test_a_ktp_el_shows_its_photo_and_says_that_the_rest_is_closed(cards: CheckCard, tray: Tray) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    seen = cards.read(NeverCancelled())
    assert seen.is_ktp_el
    assert seen.uid_digest == KEY.digest(UID.hex())
    assert decode_colour(seen.photograph).shape == (PHOTO_PX, PHOTO_PX * 3 // 4, 3)
    assert seen.closed_by is not None
    assert seen.closed_by.code == "device.sam.absent"
    assert not tray.is_open


def test_with_a_sam_nothing_is_said_to_be_closed(room: Room, tray: Tray) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    tools = CardTools(KtpElFiles(), sam := ReadySam(), RecordPictures(), KEY)
    assert CheckCard(OneReader(tray), tools, room.store, room.clock, PETUGAS).read(NeverCancelled()).closed_by is None
    assert not sam.is_open


@pytest.mark.parametrize("uid", [b"", bytes.fromhex("08123456")])
def test_a_number_that_the_card_makes_up_each_time_is_not_kept(cards: CheckCard, tray: Tray, uid: bytes) -> None:
    tray.chip = KtpElCard(PHOTO, uid)
    assert cards.read(NeverCancelled()).uid_digest == ""
    with pytest.raises(RuleError, match=r"blank\.no_chip_number"):
        cards.number(NeverCancelled())


@pytest.mark.parametrize("uid", ["04A1B2C3D4E5F6", "08A1B2C3D4E5F6", "09123456"])
def test_the_number_of_a_new_card_is_that_of_its_chip(cards: CheckCard, tray: Tray, uid: str) -> None:
    tray.chip = KtpElCard(PHOTO, bytes.fromhex(uid))
    assert cards.number(NeverCancelled()) == uid


def test_a_photo_that_is_no_picture_leaves_the_rest(cards: CheckCard, tray: Tray) -> None:
    tray.chip = KtpElCard(b"scratched", UID)
    seen = cards.read(NeverCancelled())
    assert (seen.is_ktp_el, seen.photograph) == (True, b"")


def test_another_card_and_no_card(cards: CheckCard, tray: Tray) -> None:
    tray.chip = SamCard()
    assert cards.read(NeverCancelled()) == CardSeen(is_ktp_el=False)
    tray.chip = None
    with pytest.raises(NothingPresentedError):
        cards.read(NeverCancelled(), 10)
    assert not tray.is_open


def test_what_was_seen_is_written_down_without_the_number(cards: CheckCard, tray: Tray, room: Room) -> None:
    tray.chip = KtpElCard(PHOTO, UID)
    seen = cards.read(NeverCancelled())
    cards.note("target-1", seen, CardMoment.HANDOVER)
    cards.note("target-1", CardSeen(is_ktp_el=False), CardMoment.BEFORE_RECORDING)
    with room.store.read() as unit:
        (event,) = [e for e in unit.events.of("target-1") if e.kind == "card_seen"]
    assert json.loads(event.payload) == {"moment": "handover", "uid": seen.uid_digest}
    assert event.actor == PETUGAS.user_id
    assert UID.hex() not in event.payload
