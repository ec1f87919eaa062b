"""What a data center holds back because its own policy wants more than the policy that the record names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.altered import pinned
from support.credentials import credential_of
from support.room import LEAD, PETUGAS, Room, make_keys
from support.samples import provider

from fieldkit.domain.people import User
from fieldkit.domain.recording.capture import CapturePolicy, ExceptionInk, StepKind, Thresholds
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, ExceptionReason
from fieldkit.formats.container import read_container
from fieldkit.formats.record_check import check_record
from fieldkit.ports.delivery import Credential
from fieldkit.ports.vault import OpenedSeal
from fieldkit.services.recording.run_session import RunSession

KEYS = make_keys()
LOOSE = CapturePolicy("longgar", fingers=Thresholds(60, 10), max_attempts=1)
CENTER = CapturePolicy("pusat", exceptions_alone=4)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, KEYS, policy=LOOSE)
    made.plan()
    yield made
    made.store.close()


def excepted(room: Room, second: Credential | None = None, by: RunSession | None = None) -> OpenedSeal:
    """Except a whole hand and an eye by the petugas, and by a second attendant where there is one."""
    sid = room.begin().session_id
    for step, positions, reason in (
        (StepKind.LEFT_FOUR, LEFT_FOUR, ExceptionReason.WORN),
        (StepKind.IRIS, EYES[:1], ExceptionReason.CATARACT),
    ):
        (by or room.recording).mark_exceptions(sid, step, positions, reason, "Pak RT", second)
    return sealed(room, sid)


def sealed(room: Room, session_id: str, *, is_inked: bool = False) -> OpenedSeal:
    room.complete(room.recording.find(session_id))
    if is_inked:
        room.sign_exceptions(session_id)
    room.sealing.seal(session_id)
    (entry,) = (room.home / "sealed").glob("*.age")
    return room.keys.opener.open(entry.read_bytes())


def judged(seal: OpenedSeal, policy: CapturePolicy | None = CENTER, *, is_vouched: bool = False) -> str:
    return check_record(read_container(seal.content), seal, pinned(provider()), policy, is_vouched=is_vouched)


def test_more_exceptions_than_the_policy_lets_pass_alone_wait_for_a_team_lead(room: Room) -> None:
    seal = excepted(room)
    assert judged(seal) == LEAD_WANTED
    assert judged(seal, None) == "", "who opens it without a policy holds nothing against it"
    assert judged(seal, is_vouched=True) == ""
    assert judged(seal, replace(CENTER, exceptions_alone=5)) == ""


def test_a_second_petugas_is_no_team_lead(room: Room) -> None:
    ayu = replace(PETUGAS, user_id="ayu", name="Ayu")
    assert judged(excepted(room, credential_of(KEYS.ca, ayu))) == LEAD_WANTED


def test_a_team_lead_who_signed_the_exceptions_is_enough(room: Room) -> None:
    assert judged(excepted(room, room.keys.credential(LEAD))) == ""


@pytest.mark.parametrize(("marks", "note"), [(LEAD, ""), (PETUGAS, LEAD_WANTED)])
def test_a_team_lead_who_seals_answers_for_what_he_saw_himself(tmp_path: Path, marks: User, note: str) -> None:
    room = Room(tmp_path, replace(KEYS, petugas=credential_of(KEYS.ca, LEAD).key), user=LEAD, policy=LOOSE)
    room.plan()
    own, room.keys = room.keys, KEYS
    by = room.recording_for(marks) if marks is PETUGAS else None
    room.keys = own
    assert judged(excepted(room, by=by)) == note
    room.store.close()


WANTS = {
    "a photo": replace(CENTER, exception_photo=True),
    "the NIK of the witness": replace(CENTER, witness_nik=True),
    "ink of the witness": replace(CENTER, exception_ink=ExceptionInk.WITNESS),
}


@pytest.mark.parametrize("policy", WANTS.values(), ids=WANTS.keys())
def test_an_exception_without_what_the_policy_wants_waits_for_a_team_lead(room: Room, policy: CapturePolicy) -> None:
    session = room.begin()
    marking = (session.session_id, StepKind.IRIS, EYES[:1], ExceptionReason.CATARACT, "Pak RT")
    room.recording.mark_exceptions(*marking)
    seal = sealed(room, session.session_id)
    assert judged(seal, policy) == LEAD_WANTED
    assert judged(seal) == ""


@pytest.mark.parametrize("policy", WANTS.values(), ids=WANTS.keys())
def test_an_exception_with_all_that_the_policy_wants_goes_on(room: Room, policy: CapturePolicy) -> None:
    session = room.begin()
    marking = (session.session_id, StepKind.IRIS, EYES[:1], ExceptionReason.CATARACT, "Pak RT", None)
    room.recording.mark_exceptions(*marking, b"\xff\xd8 photo", "3505085203790002")
    assert judged(sealed(room, session.session_id, is_inked=True), policy) == ""


def test_a_second_attendant_is_wanted_where_both_sign(room: Room) -> None:
    seal = excepted(room)
    both = replace(CENTER, exceptions_alone=13, exception_ink=ExceptionInk.BOTH)
    assert judged(seal, both) == LEAD_WANTED


def test_a_score_below_the_policy_waits_for_a_team_lead(room: Room) -> None:
    session = room.begin()
    room.capture(session, StepKind.THUMBS, score=30)
    room.recording.accept(session.session_id, StepKind.THUMBS)
    seal = sealed(room, session.session_id)
    assert judged(seal) == LEAD_WANTED
    assert judged(seal, replace(CENTER, fingers=Thresholds(60, 30))) == ""


def test_fewer_attempts_than_the_policy_wants_before_a_failure_wait_for_a_team_lead(room: Room) -> None:
    session = room.begin()
    room.capture(session, StepKind.THUMBS, score=5)
    room.recording.allow_failure(session.session_id, StepKind.THUMBS, room.keys.credential(LEAD))
    seal = sealed(room, session.session_id)
    assert judged(seal) == LEAD_WANTED
    assert judged(seal, replace(CENTER, max_attempts=1)) == ""


def test_the_ink_of_the_witness_is_no_second_attendant(room: Room) -> None:
    sid = room.begin().session_id
    room.recording.mark_exceptions(sid, StepKind.IRIS, EYES[:1], ExceptionReason.CATARACT, "Pak RT")
    seal = sealed(room, sid, is_inked=True)
    assert judged(seal, replace(CENTER, exception_ink=ExceptionInk.WITNESS)) == ""
    assert judged(seal, replace(CENTER, exception_ink=ExceptionInk.BOTH)) == LEAD_WANTED


def test_the_best_try_of_what_was_excepted_counts_for_no_score(room: Room) -> None:
    session = room.begin()
    room.capture(session, StepKind.LEFT_FOUR, score=5)
    room.recording.mark_exceptions(session.session_id, StepKind.LEFT_FOUR, LEFT_FOUR, ExceptionReason.WORN, "Pak RT")
    assert judged(sealed(room, session.session_id)) == ""
