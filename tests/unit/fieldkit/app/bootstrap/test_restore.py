from __future__ import annotations

import json
import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.clock import HandClock
from support.homes import FAST, PASSPHRASE
from support.kept import KEY
from support.kits import Told, contents, make_kit, opened_store, seal_into, sticks_of
from support.pairs import KIT, lay_pair
from support.room import PETUGAS

from fieldkit.app.bootstrap import restore as restoring
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.restore import RESTORED, STAGED, Proven, begin_again, restore
from fieldkit.app.bootstrap.stick_backups import read_statement
from fieldkit.domain.errors import InputError, KnownError, RuleError, StoreError
from fieldkit.media.place import Place
from fieldkit.storage.home_lock import HomeLock
from fieldkit.storage.store import SqlStore
from fieldkit.vault.keyslots import KeySlotFile


@pytest.fixture
def old(tmp_path: Path) -> Home:
    return make_kit(tmp_path / "old")


@pytest.fixture
def new(tmp_path: Path) -> Home:
    return Home(tmp_path / "new")


def backup(home: Home, tmp_path: Path, *proven: str, key: bytes = KEY) -> Path:
    stick = tmp_path / "stick"
    stick.mkdir(exist_ok=True)
    return Path(sticks_of(home, HandClock(), key).back_up(str(stick), proven, Told(), Told()).folder)


def put_back(folder: Path, home: Home) -> restoring.Restored:
    return restore(Place(folder), home, HandClock(), proven(folder))


def proven(folder: Path) -> Proven:
    with suppress(KnownError):
        return Proven(read_statement(Place(folder)).digest, PETUGAS.user_id)
    return Proven("", "")


def known(store: SqlStore) -> set[str]:
    with store.read() as unit:
        return {entry.record.record_id for entry in unit.records.search()}


def test_an_empty_laptop_becomes_the_kit(old: Home, new: Home, tmp_path: Path) -> None:
    one, two = seal_into(old, 1), seal_into(old, 2)
    folder = backup(old, tmp_path, one)
    done = put_back(folder, new)
    assert (done.kit, done.records) == (KIT, 1)
    there = contents(new.path)
    stated = contents(folder)
    trust = [name for name in stated if name.startswith("trust/")]
    waiting = {f"restored/{name}": stated.pop(name) for name in ("backup.json", *trust)}
    assert len(trust) == 1
    assert {name: content for name, content in there.items() if name != RESTORED} == {**stated, **waiting}
    assert KeySlotFile.open(new.slots).unlock(PETUGAS.user_id, PASSPHRASE, HandClock().now()).db_key == KEY
    with opened_store(new) as store:
        assert known(store) == {one, two}
    assert not (new.path / "damaged").exists()


def test_a_folder_that_was_there_is_closed_to_others(old: Home, new: Home, tmp_path: Path) -> None:
    new.path.mkdir(mode=0o755)
    put_back(backup(old, tmp_path), new)
    assert new.path.stat().st_mode & 0o777 == 0o700


def test_the_next_sign_in_begins_a_new_chain_once(old: Home, new: Home, tmp_path: Path) -> None:
    put_back(backup(old, tmp_path), new)
    with opened_store(new) as store:
        with store.write() as unit:
            before = unit.revisions.chain
        assert begin_again(new.path, store, PETUGAS.user_id, HandClock().now()) is not None
        assert begin_again(new.path, store, PETUGAS.user_id, HandClock().now()) is None
        with store.read() as unit:
            (told,) = [event for event in unit.events.of(KIT) if event.kind == "kit_restored"]
            assert told.chain != before
            assert unit.revisions.chain == told.chain
            assert unit.events.verify()[1] is None
    assert not (new.path / RESTORED).exists()


def test_the_same_laptop_keeps_what_it_sealed_since(old: Home, tmp_path: Path) -> None:
    one = seal_into(old, 1)
    folder = backup(old, tmp_path)
    two = seal_into(old, 2)
    before = contents(old.path)
    (old.path / "kit.db-wal").write_bytes(b"a log that belongs to the old store")
    (old.path / "kit.db-shm").write_bytes(b"")
    (old.path / "public.json").write_text(json.dumps({"dinas": "newer"}))
    done = put_back(folder, old)
    after = contents(old.path)
    aside = f"damaged/{done.set_aside}"
    assert after[f"{aside}/kit.db"] == before["kit.db"]
    assert after[f"{aside}/kit.db-wal"] == b"a log that belongs to the old store"
    assert "kit.db-wal" not in after
    assert after["kit.db"] == contents(folder)["kit.db"]
    assert json.loads(after["public.json"]) == {"dinas": "newer"}
    for record in (one, two):
        for end in ("age", "manifest"):
            assert after[f"sealed/{record}.{end}"] == before[f"sealed/{record}.{end}"]
    for name in ("keyslots.json", "keyslots.copy.json", "escrow.age"):
        assert after[name] == before[name]  # they open the store that was put back, and know the newest passphrases
    with opened_store(old) as store:
        assert known(store) == {one}  # the other is adopted at the next sign-in


def test_lost_and_rotten_files_of_the_home_come_from_the_backup(old: Home, tmp_path: Path) -> None:
    gone, rotten = seal_into(old, 1), seal_into(old, 2)
    folder = backup(old, tmp_path)
    whole = contents(old.path)
    for end in ("age", "manifest"):
        (old.sealed / f"{gone}.{end}").unlink()
    (old.sealed / f"{rotten}.age").write_bytes(b"rot")
    old.database.write_bytes(b"rot" * 4096)
    for slots in old.path.glob("keyslots*.json"):
        slots.write_text("{}")
    done = put_back(folder, old)
    after = contents(old.path)
    for name in (f"sealed/{gone}.age", f"sealed/{gone}.manifest", f"sealed/{rotten}.age", "keyslots.json"):
        assert after[name] == whole[name]
    assert after[f"damaged/{done.set_aside}/sealed/{rotten}.age"] == b"rot"
    assert after[f"damaged/{done.set_aside}/kit.db"] == b"rot" * 4096
    assert after[f"damaged/{done.set_aside}/keyslots.json"] == b"{}"
    with opened_store(old) as store:
        assert known(store) == {gone, rotten}


def test_a_passphrase_that_is_newer_than_the_backup_goes_on_to_count(old: Home, tmp_path: Path) -> None:
    folder, now = backup(old, tmp_path), HandClock().now()
    KeySlotFile.open(old.slots, FAST).change_passphrase(PETUGAS.user_id, PASSPHRASE, "teh pagi di balai", now)
    put_back(folder, old)
    assert KeySlotFile.open(old.slots, FAST).unlock(PETUGAS.user_id, "teh pagi di balai", now).db_key == KEY


def test_slots_of_another_store_key_give_way(old: Home, tmp_path: Path) -> None:
    folder = backup(old, tmp_path)
    for slots in (*old.path.glob("keyslots*.json"), *old.path.glob("escrow*.age")):
        slots.unlink()
    make_kit(tmp_path / "rotated", key=b"r" * 32)
    for slots in (tmp_path / "rotated").glob("keyslots*.json"):
        shutil.copy(slots, old.path)
    extra = old.path / "keyslots.older.json"
    shutil.copy(old.path / "keyslots.json", extra)
    done = put_back(folder, old)
    assert KeySlotFile.open(old.slots, FAST).unlock(PETUGAS.user_id, PASSPHRASE, HandClock().now()).db_key == KEY
    assert not extra.exists()
    assert (old.path / "damaged" / done.set_aside / extra.name).exists()
    with opened_store(old):
        pass


def test_another_kit_is_never_overwritten(old: Home, tmp_path: Path) -> None:
    folder = backup(old, tmp_path)
    other = make_kit(tmp_path / "other", "K02")
    before = contents(other.path)
    with pytest.raises(RuleError) as caught:
        put_back(folder, other)
    assert (caught.value.code, caught.value.problem.params) == ("backup.other_kit", {"kit": KIT, "here": "K02"})
    assert contents(other.path) == before
    nameless = Home(tmp_path / "nameless")
    lay_pair(nameless.sealed, kit="K03")
    with pytest.raises(RuleError):
        put_back(folder, nameless)


@pytest.mark.parametrize("damage", ["file", "statement", "room", "lock"])
def test_what_cannot_be_put_back_changes_nothing(
    old: Home, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = backup(old, tmp_path)
    before = contents(old.path)
    lock = HomeLock(old.lock) if damage == "lock" else None
    if damage == "file":
        (folder / "kit.db").write_bytes(b"rot")
    elif damage == "statement":
        (folder / "backup.json").unlink()
    elif damage == "room":
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000))
    with pytest.raises(KnownError) as caught:
        put_back(folder, old)
    expected = {"file": "backup.damaged", "statement": "backup.none_here", "room": "restore.no_room"}
    assert caught.value.code == expected.get(damage, "store.in_use")
    assert contents(old.path) == before
    if lock:
        lock.release()


def test_a_stick_pulled_out_in_the_middle_changes_nothing(
    old: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_into(old, 1)
    folder = backup(old, tmp_path)
    before = contents(old.path)

    def pulled(source: Place, target: Place) -> None:
        raise StoreError("stick.unreadable", file=str(source), detail="Input/output error")

    monkeypatch.setattr(restoring, "carry_file", pulled)
    with pytest.raises(StoreError):
        put_back(folder, old)
    assert contents(old.path) == before


def test_a_restore_that_was_decided_is_finished_at_the_next_start(
    old: Home, new: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal_into(old, 1)
    folder = backup(old, tmp_path)
    monkeypatch.setattr(restoring, "_move_in", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        put_back(folder, new)
    monkeypatch.undo()
    assert (new.path / STAGED).is_dir()
    assert not new.is_enrolled
    shutil.rmtree(folder)  # the stick is no longer needed
    new.demand_enrolled()
    assert not (new.path / STAGED).exists()
    with opened_store(new) as store:
        assert len(known(store)) == 1
        assert begin_again(new.path, store, PETUGAS.user_id, HandClock().now())


def test_restoring_the_same_twice_after_a_kill_sets_nothing_aside(
    old: Home, new: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = backup(old, tmp_path)
    monkeypatch.setattr(restoring, "_move_in", lambda *_: (_ for _ in ()).throw(SystemExit))
    with pytest.raises(SystemExit):
        put_back(folder, new)
    monkeypatch.undo()
    put_back(folder, new)
    assert not (new.path / "damaged").exists()
    clock = HandClock()
    clock.at += timedelta(days=1)
    again = restore(Place(folder), new, clock, proven(folder))
    assert (new.path / "damaged" / again.set_aside / "kit.db").exists()


def test_a_kit_must_be_there_to_open(tmp_path: Path) -> None:
    (tmp_path / "restoring.part").mkdir()
    with pytest.raises(InputError):
        Home(tmp_path).demand_enrolled()
