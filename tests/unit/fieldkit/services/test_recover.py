from __future__ import annotations

from datetime import timedelta

from support.kept import NOW
from support.room import Room

from fieldkit.domain.central_status import CentralStatus
from fieldkit.domain.session_events import EndReason
from fieldkit.ports.outbox import StatusReceived
from fieldkit.services.recover import Recover
from fieldkit.storage.outbox import SqlOutbox


def test_an_orderly_home_stays_as_it_is(room: Room) -> None:
    entry = room.seal()
    found = Recover(room.store, room.files).run()
    assert (found.unfinished, found.swept) == ((), ())
    assert room.files.path(entry.record.record_id).exists()


def test_orphans_and_half_files_are_swept(room: Room) -> None:
    room.files.put("0193-orphan", b"nobody knows me")
    half = room.files.path("0193-half").with_suffix(".part")
    half.write_bytes(b"half")
    assert Recover(room.store, room.files).run().swept == ("0193-half.part", "0193-orphan.age")
    assert not half.exists()


def test_open_recordings_are_found_and_ended_ones_are_not(room: Room) -> None:
    session = room.begin()
    assert [left.session_id for left in Recover(room.store, room.files).run().unfinished] == [session.session_id]
    room.recording.abandon(session.session_id, EndReason.FLED)
    assert Recover(room.store, room.files).run().unfinished == ()


def test_the_file_that_a_crash_left_of_a_purged_record_goes(room: Room) -> None:
    record_id = room.seal().record.record_id
    outbox = SqlOutbox(room.store, room.files, room.clock)
    content = room.files.path(record_id).read_bytes()
    outbox.mark_sending(record_id)
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, "receipt", NOW)
    outbox.save_statuses([StatusReceived(record_id, CentralStatus("PROCESSING", "uji coba", NOW), "valid")], "1")
    outbox.purge(record_id, NOW + timedelta(days=31))
    room.files.put(record_id, content)
    assert Recover(room.store, room.files).run().swept == (f"{record_id}.age",)
