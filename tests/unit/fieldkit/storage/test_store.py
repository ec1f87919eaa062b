"""One file, one process, one writer at a time; saved means saved."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from support.durable import DiskLog
from support.kept import KEY, NOW, activity, open_kit, sample, session

from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.domain.recording.session import Phase
from fieldkit.storage import store as stores
from fieldkit.storage.engine import PAGE_BYTES, writer_engine
from fieldkit.storage.reserve import RESERVE, RESERVE_BYTES, Reserve
from fieldkit.storage.salvage import DamageNote
from fieldkit.storage.store import SqlStore


def code_of_opening(home: Path, key: bytes = KEY) -> str:
    with pytest.raises((StoreError, VaultError)) as caught:
        open_kit(home, key=key)
    return caught.value.code


def save_until_full(store: SqlStore, saved: list[str]) -> None:
    for number in range(100):
        with store.write() as unit:
            unit.sessions.put_samples("session-1", {str(number): sample(bytes(10_000))})
        saved.append(str(number))


def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
    store.close()
    store.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "kit.db", "kit.mark"]

    store = open_kit(tmp_path, ids="later")
    with store.read() as unit:
        assert unit.activities.get("act-1") == activity()
    store.close()


def test_two_executors_wait_for_each_other(store: SqlStore) -> None:
    def count_up() -> None:
        for _ in range(20):
            with store.write() as unit:
                unit.settings.put("count", (unit.settings.get("count") or 0) + 1)

    executors = [threading.Thread(target=count_up) for _ in range(4)]
    for executor in executors:
        executor.start()
    for executor in executors:
        executor.join()
    with store.read() as unit:
        assert unit.settings.get("count") == 80


def test_what_was_written_is_told_by_kind_once_it_is_on_disk(store: SqlStore) -> None:
    told: list[frozenset[str]] = []
    end = store.listen(told.append)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.settings.put("sync.cursor", 3)
        assert told == []
    with store.write():
        pass
    with pytest.raises(ZeroDivisionError), store.write() as unit:
        unit.settings.put("count", 1 // 0)
    assert told == [{"activity", "setting"}]
    end()
    with store.write() as unit:
        unit.settings.put("count", 1)
    assert len(told) == 1


def test_reader_sees_one_moment_and_does_not_stop_the_writer(store: SqlStore) -> None:
    with store.read() as reading:
        assert reading.settings.get("a") is None
        with store.write() as unit:
            unit.settings.put("a", 1)
        assert reading.settings.get("a") is None
    with store.read() as reading:
        assert reading.settings.get("a") == 1


def test_write_through_a_reader_raises(store: SqlStore) -> None:
    with pytest.raises(DBAPIError, match="readonly"), store.read() as unit:
        unit.settings.put("a", 1)


def test_write_within_a_write_is_our_mistake_not_a_standstill(store: SqlStore) -> None:
    with store.write(), pytest.raises(RuntimeError, match="within"), store.write():
        pass
    with store.write() as unit:
        unit.settings.put("a", 1)


def test_home_has_one_store_open(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    assert code_of_opening(tmp_path) == "store.in_use"
    store.close()
    open_kit(tmp_path, ids="later").close()


def test_a_new_store_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    open_kit(tmp_path).close()
    assert disk.has_name(tmp_path / "kit.db")


def test_a_new_store_whose_log_could_not_be_written_back_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_room(path: Path, key: bytes) -> Engine:
        engine = writer_engine(path, key)
        honest = engine.dispose

        def dispose() -> None:
            honest()
            path.with_name(f"{path.name}-wal").touch()

        monkeypatch.setattr(engine, "dispose", dispose)
        return engine

    with monkeypatch.context() as full:
        full.setattr(stores, "writer_engine", without_room)
        assert code_of_opening(tmp_path) == "store.disk_full"
    assert [path.name for path in tmp_path.iterdir()] == [".lock"]


def test_a_store_that_was_not_opened_is_let_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_kit(tmp_path).close()
    disposed: list[bool] = []

    def counting(path: Path, key: bytes) -> Engine:
        engine = writer_engine(path, key)
        honest = engine.dispose

        def dispose(*given: Any, **named: Any) -> None:
            disposed.append(True)
            honest(*given, **named)

        monkeypatch.setattr(engine, "dispose", dispose)
        return engine

    monkeypatch.setattr(stores, "writer_engine", counting)
    assert code_of_opening(tmp_path, bytes(32)) == "store.wrong_key"
    assert disposed == [True]


def test_a_closed_store_stays_closed(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    store.close()
    (tmp_path / "kit.db").unlink()
    store.close()
    assert not (tmp_path / "kit.db").exists()


def test_wrong_key_opens_nothing_and_leaves_the_lock_free(tmp_path: Path) -> None:
    open_kit(tmp_path).close()
    assert code_of_opening(tmp_path, bytes(32)) == "store.wrong_key"
    open_kit(tmp_path, ids="later").close()


def test_store_emptied_by_the_disk_is_damaged_not_new(tmp_path: Path) -> None:
    (tmp_path / "kit.db").touch()
    assert code_of_opening(tmp_path) == "store.damaged"


def test_page_that_changed_on_disk_is_damage(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"s": sample(os.urandom(200_000))})
    store.close()
    path = tmp_path / "kit.db"
    content = bytearray(path.read_bytes())
    content[-60_000] ^= 1
    path.write_bytes(content)

    store = open_kit(tmp_path, ids="later")
    with pytest.raises(StoreError) as caught, store.read() as unit:
        unit.sessions.sample("s")
    assert caught.value.code == "store.damaged"
    store.close()


def test_only_its_owner_reads_a_store_and_what_lies_beside_it(tmp_path: Path) -> None:
    store = open_kit(tmp_path, key=b"only in this test, 32 bytes long")  # else it is copied from one made before
    with store.write() as unit:
        unit.activities.save(activity())
    assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.glob("kit.db*")} == dict.fromkeys(
        ("kit.db", "kit.db-shm", "kit.db-wal"), 0
    )
    store.close()


def test_making_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "kit.db.new").write_bytes(b"half of a page")
    (tmp_path / "kit.db.new-wal").write_bytes(b"log of another file")
    open_kit(tmp_path).close()
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", "kit.db", "kit.mark"]


def test_full_disk_is_named_and_what_was_saved_stays(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 20}")
    saved: list[str] = []
    with pytest.raises(StoreError) as caught:
        save_until_full(store, saved)
    assert caught.value.code == "store.disk_full"
    assert saved

    with store.write() as unit:
        unit.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        unit.sessions.put_samples("session-1", {"after": sample()})
    with store.read() as unit:
        for name in (*saved, "after"):
            unit.sessions.sample(name)


def test_erasing_empties_the_log_of_the_database(store: SqlStore, tmp_path: Path) -> None:
    wal = tmp_path / "kit.db-wal"
    with store.write() as unit:
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"s": sample(bytes(50_000))})
    assert wal.stat().st_size > 50_000
    with store.write() as unit:
        unit.sessions.erase("session-1")
    assert wal.stat().st_size == 0


def test_memory_is_given_back_once_a_recording_ended(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[str]()
    monkeypatch.setattr("fieldkit.storage.engine.give_back", lambda: given.append("back"))
    with store.write() as unit:
        unit.sessions.save(session())
        unit.finger_templates.erase("record-1")
    assert given == []
    with store.write() as unit:
        unit.sessions.save(replace(session(), phase=Phase.SEALED))
    assert given == ["back"]


def test_log_that_a_reader_still_needs_is_emptied_by_the_next_write(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"s": sample(bytes(50_000))})
    with store.read() as reading:
        reading.sessions.sample("s")
        with store.write() as unit:
            unit.sessions.erase("session-1")
    with store.write() as unit:
        unit.settings.put("a", 1)
    assert (tmp_path / "kit.db-wal").stat().st_size == 0


def test_new_chain_begins_at_one_and_the_old_stays(store: SqlStore) -> None:
    with store.write() as unit:
        old = unit.events.append("kind", "thing", {}, "u", NOW)
    chain = store.begin_chain()
    with store.write() as unit:
        new = unit.events.append("kind", "thing", {}, "u", NOW)
        assert (new.chain, new.sequence, new.previous) == (chain, 1, "")
        assert unit.records.next_link().chain == chain
        assert unit.events.of("thing") == [old, new]
        assert unit.events.verify() == (3, None)  # with the fixture's own


def test_chain_goes_on_after_reopening(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        first = unit.events.append("kind", "thing", {}, "u", NOW)
    store.close()
    store = open_kit(tmp_path, ids="later")
    with store.write() as unit:
        second = unit.events.append("kind", "thing", {}, "u", NOW)
    store.close()
    assert (second.chain, second.sequence, second.previous) == (first.chain, 2, first.digest)


def test_the_mark_follows_the_log_and_never_goes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    store = open_kit(tmp_path)
    assert not store.is_behind_mark()  # there is none
    store.keep_mark()  # before the first event
    assert not store.is_behind_mark()
    written = (tmp_path / "kit.mark").stat().st_ino
    store.keep_mark()
    store.close()
    assert (tmp_path / "kit.mark").stat().st_ino == written
    old = (tmp_path / "kit.db").read_bytes()
    store = open_kit(tmp_path, ids="later")
    with store.write() as unit:
        unit.events.append("kind", "thing", {}, "u", NOW)
    store.close()
    store.close()
    marked = (tmp_path / "kit.mark").read_bytes()
    (tmp_path / "kit.db").write_bytes(old)
    store = open_kit(tmp_path, ids="back")
    store.keep_mark()
    assert store.is_behind_mark()
    assert (tmp_path / "kit.mark").read_bytes() == marked
    store.begin_chain()
    assert not store.is_behind_mark()
    assert (disk.has_bytes(tmp_path / "kit.mark"), disk.has_name(tmp_path / "kit.mark")) == (True, True)
    store.close()


def test_what_the_disk_refuses_is_no_damage_and_a_note_is_written_once(store: SqlStore, tmp_path: Path) -> None:
    note = DamageNote(tmp_path / "kit.damaged")
    for code, aside in (("store.disk_full", ""), ("store.damaged", ""), ("store.damaged", "20261122T100000")):
        if aside:
            note.write(aside)
        with pytest.raises(StoreError, match=code), store.read():
            raise StoreError(code)
        assert (note.is_written, note.aside()) == (code == "store.damaged", aside)


def test_a_value_that_a_bad_page_cut_is_damage_and_noted(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        unit.connection.exec_driver_sql("UPDATE sessions SET snapshot = substr(snapshot, 1, 50) || char(0, 0)")
    with pytest.raises(StoreError, match=r"store\.damaged"), store.read() as unit:
        unit.sessions.unfinished()
    assert (tmp_path / "kit.damaged").exists()
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE sessions SET snapshot = '{}'")
    with pytest.raises(ValidationError), store.read() as unit:  # that would be a mistake of ours
        unit.sessions.unfinished()


def test_writing_the_log_back_never_needs_more_than_the_reserve(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.connection.exec_driver_sql("CREATE TABLE kept (content BLOB)")
    for _ in range(20):
        with store.write() as unit:
            unit.connection.exec_driver_sql("INSERT INTO kept VALUES (?)", (bytes(100_000),))
            pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        assert pages * PAGE_BYTES - (tmp_path / "kit.db").stat().st_size <= RESERVE_BYTES // 2
    store.close()


def test_the_rest_of_a_reserve_is_held_when_the_store_is_closed(tmp_path: Path) -> None:
    store, reserve = open_kit(tmp_path), Reserve(tmp_path / RESERVE)
    store.close()
    assert not (tmp_path / RESERVE).exists(), "who never had one takes none here"
    reserve.keep()
    store = open_kit(tmp_path, ids="later")
    reserve.give_up()
    store.close()
    assert not reserve.is_given_up
