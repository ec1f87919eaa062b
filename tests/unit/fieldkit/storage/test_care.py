from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2
from support.clock import NOW
from support.kept import KEY, activity, fill_queue, sample, sealed, session

from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.session import Phase
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.copies import Copies
from fieldkit.storage.salvage import DamageNote
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import FileCare, SqlStore


@pytest.fixture
def files(tmp_path: Path) -> FolderOfSealedFiles:
    return FolderOfSealedFiles(tmp_path / "sealed")


@pytest.fixture
def care(tmp_path: Path, files: FolderOfSealedFiles) -> FileCare:
    return FileCare(tmp_path / "kit.db", KEY, files)


def test_a_sound_store_in_use_has_no_damage(care: FileCare, store: SqlStore) -> None:
    with store.write() as unit:
        unit.activities.save(activity())
    assert (list(care.damage()), list(care.deep_damage())) == ([], [])


def test_a_bad_page_and_a_changed_attachment_are_found(care: FileCare, store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        for name, digest in (("a-1", "0" * 64), ("a-2", sha256(b"content").hexdigest())):
            unit.attachments.put(Attachment(name, "thing", "n", "text/plain", b"content", digest, NOW))
    assert list(care.deep_damage()) == ["a-1"]
    store.close()
    content = bytearray((tmp_path / "kit.db").read_bytes())
    content[5 * 4096 + 9] ^= 1
    (tmp_path / "kit.db").write_bytes(content)
    assert care.damage()
    care.note_damage()
    assert DamageNote(tmp_path / "kit.damaged").is_written


def test_missing_and_changed_sealed_files_are_named(
    care: FileCare, store: SqlStore, files: FolderOfSealedFiles
) -> None:
    content = b"what was sealed"
    with store.write() as unit:
        for number, lies in enumerate((content, content[:-1], content[::-1], None, None)):
            record = replace(sealed(number, unit.records.next_link()), size_bytes=len(content))
            unit.records.add(replace(record, sha256=sha256(content).hexdigest()))
            if lies is not None:
                files.put(record.record_id, lies, "manifest")
        unit.records.add(replace(sealed(5, unit.records.next_link()), sha256=sha256(content).hexdigest()))
        files.put("record-5", content, "manifest")  # of another size than its row says
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'purged' WHERE record_id = 'record-4'")
    assert list(care.bad_files()) == ["record-1", "record-2", "record-3", "record-5"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("database or disk is full", "store.disk_full"),
        ("unable to open database file", "store.not_opened"),
        ("disk I/O error", ["disk I/O error"]),
    ],
)
def test_a_disk_too_full_to_look_deeply_is_no_damage(
    care: FileCare, monkeypatch: pytest.MonkeyPatch, words: str, found: object
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise dbapi2.OperationalError(words)

    monkeypatch.setattr("fieldkit.storage.store.one_connection", fail)
    if isinstance(found, list):
        assert care.deep_damage() == found
        return
    with pytest.raises(StoreError) as caught:
        care.deep_damage()
    assert caught.value.code == found


def test_the_last_whole_check_is_remembered(care: FileCare, tmp_path: Path) -> None:
    assert care.checked_whole_at() is None
    care.note_whole_check(NOW)
    assert care.checked_whole_at() == NOW
    (tmp_path / "kit.checked").write_bytes(b"?")
    assert care.checked_whole_at() is None


def test_a_copy_is_made_each_day_and_whenever_none_is_good(care: FileCare, store: SqlStore, tmp_path: Path) -> None:
    copies = Copies(tmp_path / "copies")
    for after in (timedelta(0), timedelta(hours=2), timedelta(hours=26)):
        care.copy(NOW + after)
    assert len(copies.all()) == 2
    copies.all()[0].write_bytes(b"of another key")
    care.copy(NOW + timedelta(hours=27))
    assert [copies.time_of(copy) for copy in copies.all()] == [NOW + timedelta(hours=27), NOW]
    assert store


def test_manifests_of_purged_records_alone_are_archived(
    care: FileCare, store: SqlStore, files: FolderOfSealedFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.storage.store._ARCHIVED_AT_ONCE", 2)
    fill_queue(store, range(1, 7))
    for number in range(1, 7):
        files.put_manifest(f"record-{number}", f"manifest-{number}")
    files.put_manifest("unknown", "manifest")
    files.put("record-5", b"killed before it was erased", "manifest-5")
    with store.write() as unit:
        purged = "UPDATE sealed_records SET state = 'purged' WHERE record_id <> 'record-6'"
        unit.connection.exec_driver_sql(purged)
    care.tidy()
    assert files.found().manifests == {"unknown", "record-5", "record-6"}
    assert dict(files.archived().texts) == {f"record-{number}": f"manifest-{number}" for number in range(1, 5)}


def test_recordings_that_ended_go_from_the_copies(care: FileCare, store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        for name in ("session-1", "session-2"):
            unit.sessions.save(session(name))
            unit.sessions.put_samples(name, {f"sample of {name}": sample()})
    care.copy(NOW)
    with store.write() as unit:
        unit.sessions.save(replace(session("session-1"), phase=Phase.SEALED))
    care.tidy()
    assert Copies(tmp_path / "copies").open_sessions(KEY) == {"session-2"}
