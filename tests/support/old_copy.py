"""A copy of a store from before its first record was sealed, and how it is put back."""

from __future__ import annotations

import shutil
from pathlib import Path

from support.kept import NOW, biodata
from support.room import Room

from fieldkit.domain.delivery import CentralStatus
from fieldkit.ports.delivery import StatusReceived
from fieldkit.services.recording.seal_record import Recovered
from fieldkit.storage.outbox import SqlOutbox

BUDI = biodata("Budi Raharjo", "3275014708790005")


def copied(room: Room, copy: Path) -> Path:
    """Record the first of two people, not yet sealed, and copy the store."""
    room.plan(biodata(), BUDI)
    room.complete(room.begin("target-1"))
    room.store.close()
    shutil.copyfile(room.home / "kit.db", copy)
    room.store = room._open()
    return copy


def put_back(room: Room, copy: Path) -> Recovered:
    room.store.close()
    shutil.copyfile(copy, room.home / "kit.db")
    room.store = room._open()
    return room.recover()


def seal_first(room: Room) -> str:
    with room.store.read() as unit:
        [session] = unit.sessions.unfinished()
    return room.sealing.seal(session.session_id).record.record_id


def send(room: Room, record_id: str, outbox: SqlOutbox) -> None:
    outbox.mark_sending(record_id)
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, "receipt", NOW)
    outbox.save_statuses([StatusReceived(record_id, CentralStatus("PROCESSING", "uji coba", NOW), "valid")], "1")
