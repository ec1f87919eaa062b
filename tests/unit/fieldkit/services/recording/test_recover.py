from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.kept import NOW, biodata
from support.old_copy import BUDI, copied, put_back, seal_first, send
from support.room import Room, make_keys

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import Problem, RuleError, StoreError
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.session import EndReason, Phase
from fieldkit.domain.reports import RecordingTally
from fieldkit.ports.recording import ArchivedManifests, FilesFound
from fieldkit.services.recording.seal_record import ARCHIVE_READ, Recover, Recovered
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.sealed_files import FolderOfSealedFiles


@pytest.fixture
def old_copy(room: Room, tmp_path: Path) -> Path:
    return copied(room, tmp_path / "copy.db")


def test_an_orderly_home_stays_as_it_is(room: Room) -> None:
    entry = room.seal()
    with room.store.write() as unit:
        unit.events.append("something_done", "thing", {}, room.user.user_id, NOW)
    assert room.recover() == Recovered()
    assert room.files.path(entry.record.record_id).exists()
    with room.store.read() as unit:
        assert room.store.mark() == unit.events.head(), "an older copy is known from now on"


@pytest.mark.days
def test_what_an_old_copy_does_not_know_is_adopted(room: Room, old_copy: Path) -> None:
    first = seal_first(room)
    second = room.seal("target-2").record
    with room.store.read() as unit:
        before = {entry.record.record_id: entry.record for entry in unit.records.search()}
    found = put_back(room, old_copy)
    assert set(found.adopted) == {first, second.record_id}
    assert (found.unfinished, found.set_aside) == ((), ())
    assert [problem.code for problem in found.problems()] == ["recover.older_store"]
    with room.store.read() as unit:
        entries = unit.records.search()
        assert {entry.record.record_id: entry.record for entry in entries} == before
        assert {entry.state for entry in entries} == {DeliveryState.QUEUED}
        assert {unit.targets.get(f"target-{n}").state for n in (1, 2)} == {TargetState.RECORDED}
        assert unit.records.search("Bud")  # the header brought the masked name back
    assert room.kinds(first) == ["record_adopted"]
    assert room.recover() == Recovered()


@pytest.mark.days
def test_an_old_copy_goes_on_upon_a_new_chain(room: Room, old_copy: Path) -> None:
    seal_first(room)
    put_back(room, old_copy)
    with room.store.read() as unit:
        link, places = unit.records.next_link(), {entry.record.link.chain for entry in unit.records.search()}
    assert link.sequence == 1
    assert link.chain not in places
    assert room.kinds(link.chain) == ["chain_begun"]
    second = room.seal("target-2").record
    assert second.link == link
    with room.store.read() as unit:
        assert unit.events.verify()[1] is None
    room.reopen()
    assert room.recover() == Recovered()


def test_the_mark_alone_tells_an_old_copy(room: Room, old_copy: Path) -> None:
    with room.store.write() as unit:
        unit.events.append("something_done", "thing", {}, room.user.user_id, NOW)
    room.store.close()
    found = put_back(room, old_copy)
    assert (found.new_chain, found.adopted) == ("older_store", ())


@pytest.mark.days
def test_the_manifests_alone_tell_an_old_copy(room: Room, old_copy: Path) -> None:
    first = seal_first(room)
    room.store.close()
    (room.home / "kit.mark").unlink()
    found = put_back(room, old_copy)
    assert (found.new_chain, found.adopted) == ("older_store", (first,))


@pytest.mark.days
def test_opening_an_old_copy_without_a_look_around_does_not_hide_it(room: Room, old_copy: Path) -> None:
    seal_first(room)
    room.store.close()
    shutil.copyfile(old_copy, room.home / "kit.db")
    room._open().close()  # a command that only needed the store
    assert put_back(room, old_copy).new_chain == "older_store"


@pytest.mark.days
def test_nobody_is_recorded_twice_after_an_old_copy(room: Room, old_copy: Path) -> None:
    first = seal_first(room)
    room.seal("target-2")
    put_back(room, old_copy)
    for target in ("target-1", "target-2"):
        with pytest.raises(RuleError, match=r"session\.recorded_before"):
            room.recording.open(target)
    with room.store.read() as unit:
        session = unit.sessions.get(unit.records.get(first).record.session_id)
        samples = unit.connection.exec_driver_sql("SELECT count(*) FROM samples").scalar_one()
        [day] = unit.repository(RecordingTally).search()
    assert (session.phase, session.biodata, samples, day.recorded) == (Phase.SEALED, None, 0, 1)


@pytest.mark.days
def test_a_record_that_was_purged_since_the_old_copy_ends_its_recording(room: Room, old_copy: Path) -> None:
    first = seal_first(room)
    outbox = SqlOutbox(room.store, room.files, room.clock)
    send(room, first, outbox)
    outbox.purge(first, NOW + timedelta(days=31))
    found = put_back(room, old_copy)
    assert (found.adopted, found.unfinished) == ((), ())
    with room.store.read() as unit:
        assert unit.targets.get("target-1").state is TargetState.RECORDED


@pytest.mark.days
@pytest.mark.parametrize("spoil", ["no manifest", "broken manifest", "another file", "another name"])
def test_a_file_that_fits_nothing_is_kept_and_told(room: Room, old_copy: Path, spoil: str) -> None:
    path = room.files.path(seal_first(room))
    content, beside = path.read_bytes(), path.with_suffix(".manifest")
    text = beside.read_text()
    match spoil:
        case "no manifest":
            beside.unlink()
        case "broken manifest":
            beside.write_text(text.replace(".", ".A", 1))
        case "another file":
            path.write_bytes(content[:-1])
        case "another name":
            path, beside = path.rename(path.with_stem("0193-other")), beside.rename(beside.with_stem("0193-other"))
    kept = path.read_bytes()
    found = put_back(room, old_copy)
    assert (found.set_aside, found.adopted, len(found.unfinished)) == ((path.stem,), (), 1)
    assert found.new_chain == "older_store"
    assert (path.parent / "aside" / path.name).read_bytes() == kept
    assert [problem.code for problem in found.problems()] == ["recover.older_store", "recover.set_aside"]
    assert room.recover().set_aside == ()


def test_the_record_of_another_kit_is_set_aside(room: Room, tmp_path: Path) -> None:
    theirs = Room(tmp_path / "theirs", make_keys())
    theirs.plan()
    path = theirs.files.path(theirs.seal().record.record_id)
    theirs.store.close()
    for file in (path, path.with_suffix(".manifest")):
        shutil.copy(file, room.home / "sealed")
    assert room.recover().set_aside == (path.stem,)


@pytest.mark.days
def test_a_place_in_the_chain_that_was_given_away_keeps_both_records(room: Room, old_copy: Path) -> None:
    first = seal_first(room)
    path = room.files.path(first)
    hidden = {file: file.read_bytes() for file in (path, path.with_suffix(".manifest"))}
    for file in hidden:
        file.unlink()
    put_back(room, old_copy)
    second = room.seal("target-2").record
    for file, content in hidden.items():
        file.write_bytes(content)
    assert room.recover().adopted == (first,)
    with room.store.read() as unit:
        assert {entry.record.record_id for entry in unit.records.search()} == {first, second.record_id}
        assert unit.records.next_link().sequence == second.link.sequence + 1


def test_half_files_are_swept(room: Room) -> None:
    half = room.files.path("0193-half").with_suffix(".part")
    half.write_bytes(b"half")
    assert room.recover() == Recovered()
    assert not half.exists()


def test_open_recordings_are_found_and_ended_ones_are_not(room: Room) -> None:
    session = room.begin()
    assert [left.session_id for left in room.recover().unfinished] == [session.session_id]
    room.recording.abandon(session.session_id, EndReason.FLED)
    assert room.recover().unfinished == ()


def test_the_file_that_a_crash_left_of_a_purged_record_goes(room: Room) -> None:
    record_id = room.seal().record.record_id
    outbox = SqlOutbox(room.store, room.files, room.clock)
    content = room.files.path(record_id).read_bytes()
    send(room, record_id, outbox)
    outbox.purge(record_id, NOW + timedelta(days=31))
    room.files.path(record_id).write_bytes(content)
    assert room.recover() == Recovered()
    assert not room.files.path(record_id).exists()


@pytest.mark.days
def test_the_folder_is_listed_as_often_for_two_purged_records_as_for_one(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, found, listed = SqlOutbox(room.store, room.files, room.clock), FolderOfSealedFiles.found, list[int]()
    room.plan(biodata(), BUDI)

    def counted(files: FolderOfSealedFiles) -> FilesFound:
        listed[-1] += 1
        return found(files)

    monkeypatch.setattr(FolderOfSealedFiles, "found", counted)
    for target in ("target-1", "target-2"):
        listed.append(0)
        record_id = room.seal(target).record.record_id
        send(room, record_id, outbox)
        outbox.purge(record_id, NOW + timedelta(days=31))
        listed[-1] = 0
        room.recover()
    assert listed[0] == listed[1] > 0


@pytest.mark.days
def test_what_was_archived_is_read_once_and_again_where_the_store_is_older(
    room: Room, old_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id, read = seal_first(room), list[int]()
    whole = FolderOfSealedFiles.archived

    def counted(files: FolderOfSealedFiles, since_bytes: int = 0) -> ArchivedManifests:
        archived = whole(files, since_bytes)
        read.append(len(archived.texts))
        return archived

    monkeypatch.setattr(FolderOfSealedFiles, "archived", counted)
    outbox = SqlOutbox(room.store, room.files, room.clock)
    send(room, record_id, outbox)
    outbox.purge(record_id, NOW + timedelta(days=31))
    assert room.files.found().manifests == set()
    with monkeypatch.context() as patch:
        patch.delattr(Recover, "_stated")  # what has its row is not verified
        assert (room.recover(), room.recover()) == (Recovered(), Recovered())
    with room.store.read() as unit:
        before = unit.settings.get(ARCHIVE_READ)
    assert put_back(room, old_copy).new_chain == "older_store"
    assert room.recover() == Recovered()
    with room.store.read() as unit:
        assert unit.settings.get(ARCHIVE_READ) == before > 0
    assert read == [1, 0, 1, 0]


@pytest.mark.days
def test_the_archive_alone_tells_an_old_copy(room: Room, old_copy: Path) -> None:
    first, outbox = seal_first(room), SqlOutbox(room.store, room.files, room.clock)
    send(room, first, outbox)
    outbox.purge(first, NOW + timedelta(days=31))
    room.store.close()
    (room.home / "kit.mark").unlink()
    assert put_back(room, old_copy).new_chain == "older_store"


def test_an_archive_that_cannot_be_read_keeps_no_file_from_being_adopted(
    room: Room, old_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> ArchivedManifests:
        raise StoreError("store.disk_failed")

    first = seal_first(room)
    monkeypatch.setattr(room.files, "archived", broken)
    assert put_back(room, old_copy).adopted == (first,)


@pytest.mark.days
def test_a_purged_record_whose_seal_an_older_copy_has_not_ended_is_not_sealed_again(
    room: Room, old_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back(room, old_copy)
    with room.store.read() as unit:
        [session] = unit.sessions.unfinished()

    def stop(*_: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(room.sealing, "_commit", stop)
        with pytest.raises(ZeroDivisionError):
            room.sealing.seal(session.session_id)
    room.store.close()
    sealing = old_copy.with_name("sealing.db")
    shutil.copyfile(room.home / "kit.db", sealing)
    room.store = room._open()
    [record_id] = room.recover().adopted
    outbox = SqlOutbox(room.store, room.files, room.clock)
    send(room, record_id, outbox)
    outbox.purge(record_id, NOW + timedelta(days=31))
    assert put_back(room, sealing).unfinished == ()
    with room.store.read() as unit:
        assert unit.sessions.get(session.session_id).phase is Phase.SEALED


def test_an_older_home_gets_its_manifests(room: Room, old_copy: Path) -> None:
    record = room.seal("target-2").record
    beside = room.files.path(record.record_id).with_suffix(".manifest")
    beside.unlink()
    assert room.recover() == replace(Recovered(), unfinished=room.recover().unfinished)
    assert room.manifests().read(beside.read_text()).record == record
    assert put_back(room, old_copy).adopted == (record.record_id,)


def test_what_the_start_found_is_told() -> None:
    assert list(Recovered().problems()) == []
    both = Recovered(adopted=("a", "b"), set_aside=("c",))
    assert [(p.code, dict(p.params)) for p in both.problems()] == [
        ("recover.adopted", {"count": 2}),
        ("recover.set_aside", {"count": 1}),
    ]
    told = Recovered(adopted=("a",), new_chain="older_store", stopped_by=Problem("store.disk_full"))
    assert [p.code for p in told.problems()] == ["store.disk_full", "recover.older_store"]


def test_a_disk_that_is_full_stops_it_and_the_open_recordings_are_told_all_the_same(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = room.begin()

    def full() -> None:
        raise StoreError("store.disk_full")

    monkeypatch.setattr(room.files, "sweep", full)
    found = room.recover()
    assert found.stopped_by is not None
    assert found.stopped_by.code == "store.disk_full"
    assert [left.session_id for left in found.unfinished] == [session.session_id]


def test_a_recording_without_notice_is_not_told_as_open(room: Room) -> None:
    room.recording.open("target-1")
    assert room.recover().unfinished == ()


def test_a_manifest_alone_that_nobody_signed_says_nothing(room: Room) -> None:
    beside = room.files.path("0193-alone").with_suffix(".manifest")
    beside.write_text("x.y.z")
    assert room.recover() == Recovered()
    assert beside.exists()


def test_a_seal_that_stopped_before_its_file_is_made_again(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    session = room.complete(room.begin())

    def stop(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(room.files, "put", stop)
    with pytest.raises(ZeroDivisionError):
        room.sealing.seal(session.session_id)
    monkeypatch.undo()
    found = room.recover()
    assert [left.session_id for left in found.unfinished] == [session.session_id]
    assert found.new_chain == ""
    assert room.sealing.seal(session.session_id).record.session_id == session.session_id


def test_a_kit_that_died_between_file_and_row_goes_on_upon_its_chain(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = room.complete(room.begin())
    with room.store.read() as unit:
        chain = unit.records.next_link().chain

    def die(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(room.sealing, "_commit", die)
    with pytest.raises(ZeroDivisionError):
        room.sealing.seal(session.session_id)
    found = room.recover()
    assert (len(found.adopted), found.new_chain) == (1, "")
    with room.store.read() as unit:
        assert unit.records.get(found.adopted[0]).record.link.chain == chain == unit.records.next_link().chain


def test_a_manifest_of_an_older_program_names_no_target(room: Room, old_copy: Path) -> None:
    records = [seal_first(room), room.seal("target-2").record.record_id]
    with room.store.read() as unit:
        for record_id in records:
            older = replace(unit.records.get(record_id).record, target_id="")
            room.files.put_manifest(record_id, room.manifests().text(older))
    assert put_back(room, old_copy).adopted == tuple(records)
    with room.store.read() as unit:
        assert [unit.records.get(each).record.target_id for each in records] == ["target-1", ""]


def test_a_receipt_alone_takes_no_file_away_and_a_purge_without_an_open_recording_is_nothing_to_end(
    room: Room, old_copy: Path
) -> None:
    outbox, kept, purged = SqlOutbox(room.store, room.files, room.clock), seal_first(room), room.seal("target-2").record
    for record_id in (kept, purged.record_id):
        send(room, record_id, outbox)
    outbox.purge(purged.record_id, NOW + timedelta(days=31))
    assert room.recover() == Recovered()
    assert room.files.path(kept).exists()
    found = put_back(room, old_copy)
    assert (found.adopted, found.unfinished, found.stopped_by) == ((kept,), (), None)
