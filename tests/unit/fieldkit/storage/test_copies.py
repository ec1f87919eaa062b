from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2
from support.clock import NOW
from support.durable import DiskLog
from support.kept import KEY, activity, open_kit, sample, session

from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.session import ENDED, Phase
from fieldkit.storage import copies as copying
from fieldkit.storage.copies import Copies, check_copy, copy_store, demand_one_file, faults
from fieldkit.storage.engine import one_connection
from fieldkit.storage.store import SqlStore


@pytest.fixture
def copies(tmp_path: Path) -> Copies:
    return Copies(tmp_path / "copies")


@pytest.fixture
def recorded(store: SqlStore) -> SqlStore:
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"sample-1": sample(bytes(50_000))})
    return store


def count(path: Path, table: str) -> int:
    with one_connection(path, KEY, is_read_only=True) as copy:
        return int(copy.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def spoil(path: Path, at: int = 3 * 4096 + 100) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def test_a_copy_is_one_whole_file_while_others_write(recorded: SqlStore, tmp_path: Path) -> None:
    stop = threading.Event()
    written = []

    def write() -> None:
        while not stop.is_set():
            with recorded.write() as unit:
                unit.sessions.put_samples("session-1", {f"more-{len(written)}": sample(bytes(9_000))})
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(3):
        copy_store(tmp_path / "kit.db", KEY, tmp_path / f"{number}.db")
    stop.set()
    writer.join()
    assert written
    assert all(faults(tmp_path / f"{number}.db", KEY) == [] for number in range(3))
    assert count(tmp_path / "2.db", "samples") >= 1
    assert sys.platform == "win32" or (tmp_path / "2.db").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.glob("?.db*")) == ["0.db", "1.db", "2.db"]


def test_a_copy_has_its_own_key_and_no_log_and_is_on_the_disk(
    recorded: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, copy = DiskLog(monkeypatch), tmp_path / "0.db"
    for left in ("0.db.part", "0.db.part-wal"):  # of a copy that was cut short
        (tmp_path / left).write_bytes(b"half of another copy")
    copy_store(tmp_path / "kit.db", KEY, copy, bytes(32))
    assert disk.has(copy)
    assert (faults(copy, bytes(32)), bool(faults(copy, KEY))) == ([], True)
    with one_connection(copy, bytes(32), is_read_only=True) as opened:
        assert opened.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        check_copy(copy, KEY)
    assert faults(tmp_path / "nowhere" / "kit.db", KEY)  # no full disk: there is nothing to look at
    assert recorded


def test_a_copy_whose_log_could_not_be_written_back_is_none(
    recorded: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def without_room(path: Path, *given: Any, **named: Any) -> Iterator[Any]:
        with one_connection(path, *given, **named) as opened:
            yield opened
        if path.name.endswith(".part"):
            path.with_name(f"{path.name}-wal").touch()

    monkeypatch.setattr(copying, "one_connection", without_room)
    with pytest.raises(StoreError, match=r"store\.disk_full"):
        copy_store(tmp_path / "kit.db", KEY, tmp_path / "0.db")
    assert [path.name for path in tmp_path.glob("0.db*")] == []
    assert recorded


def test_three_are_kept_and_one_is_due_each_day(
    recorded: SqlStore, copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (copies.is_due(NOW), copies.made_at()) == (True, None)
    disk = DiskLog(monkeypatch)
    made = [copies.make(tmp_path / "kit.db", KEY, NOW + timedelta(days=day)) for day in range(5)]
    assert disk.has_name(tmp_path / "copies")
    assert list(copies.all()) == made[:1:-1]
    last = NOW + timedelta(days=4)
    assert copies.made_at() == last
    (tmp_path / "copies" / "kit-zz.db").touch()  # of somebody else
    assert copies.made_at() == last
    (tmp_path / "copies" / "kit-zz.db").unlink()
    due = {hours: copies.is_due(last + timedelta(hours=hours)) for hours in (-7200, -1, 0, 23, 24, 25)}
    # Before: the clock was ahead when the copy was made.
    assert due == {-7200: True, -1: True, 0: False, 23: False, 24: True, 25: True}
    assert recorded


def test_a_damaged_store_gives_no_copy_and_takes_no_good_one(store: SqlStore, copies: Copies, tmp_path: Path) -> None:
    with store.write() as unit:
        unit.activities.save(activity())
    store.close()
    good = copies.make(tmp_path / "kit.db", KEY, NOW)
    spoil(tmp_path / "kit.db")
    with pytest.raises(StoreError, match=r"store\.damaged"):
        check_copy(tmp_path / "kit.db", KEY)
    with pytest.raises(StoreError, match=r"store\.damaged"):
        copies.make(tmp_path / "kit.db", KEY, NOW + timedelta(days=1))
    assert list(copies.all()) == [good]
    assert [path.name for path in good.parent.iterdir()] == [good.name]


def test_the_newest_good_copy_is_found(recorded: SqlStore, copies: Copies, tmp_path: Path) -> None:
    assert copies.newest_good(KEY) is None
    first, second = (copies.make(tmp_path / "kit.db", KEY, NOW + timedelta(days=day)) for day in range(2))
    assert copies.newest_good(KEY) == second
    spoil(second)
    assert copies.newest_good(KEY) == first
    assert copies.newest_good(bytes(32)) is None
    third = copies.make(tmp_path / "kit.db", KEY, NOW + timedelta(days=2))
    assert list(copies.all()) == [third, first]
    assert recorded


def test_what_was_sealed_meanwhile_goes_from_the_copies_too(recorded: SqlStore, copies: Copies, tmp_path: Path) -> None:
    copy = copies.make(tmp_path / "kit.db", KEY, NOW)
    spoiled = copies.make(tmp_path / "kit.db", KEY, NOW + timedelta(days=1))
    spoil(spoiled, at=50)
    assert copies.open_sessions(KEY) == {"session-1"}
    copies.forget_sessions(KEY, [])
    assert (count(copy, "samples"), list(copies.all())) == (1, [spoiled, copy])
    copies.forget_sessions(KEY, ["session-1", "unknown"])
    assert (count(copy, "samples"), count(copy, "sessions"), count(copy, "activities")) == (0, 0, 1)
    assert list(copies.all()) == [copy]
    assert recorded


def test_a_copy_that_cannot_be_cleaned_now_stays_and_is_told(
    recorded: SqlStore, copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copies.make(tmp_path / "kit.db", KEY, NOW)

    def full(path: Path, key: bytes, *, is_read_only: bool = False) -> Any:
        if not is_read_only:
            raise dbapi2.OperationalError("database or disk is full")
        return one_connection(path, key, is_read_only=True)

    monkeypatch.setattr(copying, "one_connection", full)
    with pytest.raises(StoreError, match=r"store\.disk_full"):
        copies.forget_sessions(KEY, ["session-1"])
    assert list(copies.all()) == [copy]
    assert recorded


def test_only_what_did_not_end_is_open_in_the_copies(recorded: SqlStore, copies: Copies, tmp_path: Path) -> None:
    with recorded.write() as unit:
        for phase in Phase:
            unit.sessions.save(replace(session(phase.value), phase=phase))
    copies.make(tmp_path / "kit.db", KEY, NOW)
    assert copies.open_sessions(KEY) == {"session-1", *(phase.value for phase in Phase if phase not in ENDED)}


def test_the_store_that_goes_on_is_the_one_that_was_copied(recorded: SqlStore, copies: Copies, tmp_path: Path) -> None:
    copy = copies.make(tmp_path / "kit.db", KEY, NOW)
    (tmp_path / "other").mkdir()
    copy.rename(tmp_path / "other" / "kit.db")
    opened = open_kit(tmp_path / "other", ids="later")
    with opened.read() as unit:
        assert unit.sessions.sample("sample-1").data == bytes(50_000)
    opened.close()
    assert recorded


def test_a_store_whose_log_was_not_written_back_is_half_a_store(tmp_path: Path) -> None:
    path = tmp_path / "kit.db.new"
    demand_one_file(path)
    path.with_name("kit.db.new-wal").touch()
    with pytest.raises(StoreError) as caught:
        demand_one_file(path)
    assert caught.value.code == "store.disk_full"


def test_a_disk_too_full_to_look_is_no_damage(
    recorded: SqlStore, copies: Copies, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded.close()
    made = copies.make(tmp_path / "kit.db", KEY, NOW)

    def no_room(*_: object) -> None:
        raise dbapi2.OperationalError("database or disk is full")

    with monkeypatch.context() as full:
        full.setattr(copying, "_found", no_room)
        for look in (check_copy, faults):
            with pytest.raises(StoreError) as caught:
                look(made, KEY)
            assert caught.value.code == "store.disk_full"
        with pytest.raises(StoreError):
            copies.newest_good(KEY)  # none would mean that the next store begins empty
    assert faults(made, KEY) == []
