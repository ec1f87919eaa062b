from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.room import LEAD, PETUGAS, Room, make_keys

from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import User
from fieldkit.domain.recording.exceptions import AUTHORITY_TYP, LEAD_WANTED
from fieldkit.ports.delivery import StatusReceived
from fieldkit.services.delivery.deliver import StoredVouches, VouchRecords
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.vault.device_trust import JwsVerifier


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path, make_keys())
    made.plan()
    yield made
    made.store.close()


def vouching(room: Room, user: User) -> VouchRecords:
    units = UnitsOfWork(room.store, room.clock, room.ids, user)
    return VouchRecords(units, room.keys.credential(user))


def sealed(room: Room, reason: str) -> str:
    record_id = room.seal().record.record_id
    status = CentralStatus("PROCESSING", "uji coba", room.clock.now(), reason)
    SqlOutbox(room.store, room.files, room.clock).save_statuses([StatusReceived(record_id, status, "")], "1")
    return record_id


def test_a_team_lead_signs_for_a_record_and_the_signature_waits_for_the_next_run(room: Room) -> None:
    record_id = sealed(room, LEAD_WANTED)
    vouching(room, LEAD).vouch(record_id)
    book = StoredVouches(room.store)
    act = book.pending()[record_id]
    payload = JwsVerifier.of_certificate(b64decode(act.certificate)).verify(act.jws, AUTHORITY_TYP)
    with room.store.read() as unit:
        entry = unit.records.get(record_id)
    assert (payload["act"], payload["by"]) == ("record_vouched", LEAD.user_id)
    assert payload["about"] == [record_id, entry.record.sha256]
    assert room.kinds(record_id)[-1] == "record_vouched"
    book.settle(record_id)
    assert book.pending() == {}


def test_nobody_else_signs_for_a_record(room: Room) -> None:
    record_id = sealed(room, LEAD_WANTED)
    with pytest.raises(RuleError) as refused:
        vouching(room, PETUGAS).vouch(record_id)
    assert refused.value.code == "role.not_yours"
    assert StoredVouches(room.store).pending() == {}


def test_what_the_data_center_does_not_wait_for_needs_no_signature(room: Room) -> None:
    record_id = sealed(room, "")
    with pytest.raises(RuleError) as refused:
        vouching(room, LEAD).vouch(record_id)
    assert refused.value.code == "delivery.not_waiting"
