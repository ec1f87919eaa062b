"""Witness and second attendant sign an exception: kept like a sample, bound to what was signed, gone with the seal."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.room import LEAD, Keys, Room, hand

from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.people import User
from fieldkit.domain.recording.capture import CapturePolicy, ExceptionInk, StepKind
from fieldkit.domain.recording.exceptions import InkRole
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.session import CaptureSession


def room_of(tmp_path: Path, keys: Keys, ink: ExceptionInk) -> Room:
    room = Room(tmp_path, keys, policy=CapturePolicy("uji", exception_ink=ink))
    room.plan()
    return room


def mark(
    room: Room, session: CaptureSession, position: Position, witness: str = "Pak RT", second: User | None = None
) -> None:
    step = StepKind.LEFT_FOUR if position.value.startswith("LEFT") else StepKind.RIGHT_FOUR
    room.recording.mark_exceptions(
        session.session_id,
        step,
        [position],
        ExceptionReason.BANDAGED,
        witness,
        room.keys.credential(second) if second else None,
    )


def test_ink_survives_a_new_start_and_a_seal_waits_for_it(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.WITNESS)
    session = room.begin()
    mark(room, session, Position.LEFT_RING, second=LEAD)
    room.complete(session)
    with pytest.raises(RuleError) as caught:
        room.sealing.seal(session.session_id)
    assert caught.value.code == "session.ink_missing"
    (witness, name), (second, colleague) = room.recording.inks_open(session.session_id)
    assert (witness.role, name, second.role, colleague) == (
        *(InkRole.WITNESS, "Pak RT"),
        *(InkRole.ATTENDANT, LEAD.name),
    )
    room.recording.take_ink(session.session_id, witness, hand(1), "Pad 1")
    room.reopen()
    (ink,) = room.recording.find(session.session_id).inks
    assert room.recording.sample(ink.sample_id) == hand(1)
    assert room.kinds(session.session_id)[-1] == "ink_taken"
    room.sealing.seal(session.session_id)  # the second attendant's is not demanded
    with pytest.raises(StoreError, match=r"store\.not_found"):
        room.recording.sample(ink.sample_id)
    room.store.close()


def test_who_signs_again_replaces_the_ink_before(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.WITNESS)
    session = room.begin()
    mark(room, session, Position.LEFT_RING)
    (witness, _), *_ = room.recording.inks_open(session.session_id)
    (first,) = room.recording.take_ink(session.session_id, witness, hand(1), "Pad 1").inks
    (again,) = room.recording.take_ink(session.session_id, witness, hand(2), "Pad 1").inks
    assert room.recording.sample(again.sample_id) == hand(2)
    with pytest.raises(StoreError):
        room.recording.sample(first.sample_id)
    assert room.kinds(session.session_id)[-3:] == ["ink_taken", "ink_dropped", "ink_taken"]
    room.store.close()


def test_ink_holds_for_the_exceptions_that_were_signed_only(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.WITNESS)
    session = room.begin()
    mark(room, session, Position.LEFT_RING)
    mark(room, session, Position.RIGHT_RING, witness="Bu Siti")
    for wanted, name in room.recording.inks_open(session.session_id):
        room.recording.take_ink(session.session_id, wanted, hand(len(name)), "Pad 1")
    mark(room, session, Position.LEFT_INDEX)  # before the same witness
    assert [ink.name for ink in room.recording.find(session.session_id).inks] == ["Bu Siti"]
    assert [name for _, name in room.recording.inks_open(session.session_id)] == ["Pak RT"]
    room.recording.take_exception_back(session.session_id, StepKind.RIGHT_FOUR, Position.RIGHT_RING)
    assert room.recording.find(session.session_id).inks == ()
    room.store.close()


def test_nobody_signs_what_does_not_name_him(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.WITNESS)
    session = room.begin()
    mark(room, session, Position.LEFT_RING)
    (witness, _), *_ = room.recording.inks_open(session.session_id)
    mark(room, session, Position.LEFT_INDEX)
    with pytest.raises(RuleError) as caught:
        room.recording.take_ink(session.session_id, witness, hand(1), "Pad 1")
    assert caught.value.code == "session.ink_unwanted"
    room.store.close()


def test_where_both_are_demanded_a_second_attendant_has_to_be_named(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.BOTH)
    session = room.begin()
    with pytest.raises(RuleError) as caught:
        mark(room, session, Position.LEFT_RING)
    assert caught.value.code == "session.no_second"
    mark(room, session, Position.LEFT_RING, second=LEAD)
    assert len(room.recording.find(session.session_id).inks_demanded) == 2
    room.store.close()


@pytest.mark.days
def test_nothing_is_demanded_of_a_recording_without_exceptions(tmp_path: Path, sealing_keys: Keys) -> None:
    room = room_of(tmp_path, sealing_keys, ExceptionInk.BOTH)
    assert room.seal().record.exceptions == 0
    room.store.close()
