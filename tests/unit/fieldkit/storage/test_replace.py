from __future__ import annotations

import errno
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import NOW
from support.durable import DiskLog
from support.kept import KEY, activity, fill_queue, open_kit, sample, session, target

from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.domain.recording.session import Phase
from fieldkit.storage import copies as replacing
from fieldkit.storage.copies import Copies, Replaced, faults, replace_damaged
from fieldkit.storage.engine import one_connection
from fieldkit.storage.salvage import DamageNote, key_fits
from fieldkit.storage.session_journal import SessionJournals
from fieldkit.vault.derived import DerivedCipher

TARGETS = 300


def journals(home: Path) -> SessionJournals:
    return SessionJournals(home / "sessions", DerivedCipher(KEY, "journal"))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A closed home with an open recording, a queue and targets."""
    store = open_kit(tmp_path)
    store.keep_journals(journals(tmp_path))
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(number) for number in range(1, TARGETS + 1)])
        unit.sessions.save(session())
    fill_queue(store, range(1, 8))
    for number in range(30):
        with store.write() as unit:
            unit.sessions.put_samples("session-1", {f"sample-{number}": sample(bytes([number]) * 9_000)})
            unit.sessions.save(replace(session(), phase=Phase.CAPTURING))
            unit.events.append("attempt_made", "session-1", {}, "u", NOW)
    store.close()
    return tmp_path


def spoil(home: Path, *pages: int) -> None:
    content = bytearray((home / "kit.db").read_bytes())
    for page in pages:
        content[page * 4096 + 1000] ^= 0xFF
    (home / "kit.db").write_bytes(content)


def replaced(home: Path) -> Replaced:
    return replace_damaged(home / "kit.db", KEY, journals(home), NOW)


def assert_recording_is_whole(home: Path) -> None:
    assert faults(home / "kit.db", KEY) == []
    store = open_kit(home, ids="later")
    with store.read() as unit:
        [found] = unit.sessions.unfinished()
        assert found.phase is Phase.CAPTURING
        for number in range(30):
            assert unit.sessions.sample(f"sample-{number}").data == bytes([number]) * 9_000
        assert unit.targets.get("target-1").activity_id == "act-1"
        assert unit.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
        assert unit.events.verify()[1] is None
    store.close()


@pytest.mark.days
def test_one_bad_page_costs_nothing_but_what_stood_on_it(home: Path) -> None:
    pages = (home / "kit.db").stat().st_size // 4096
    chance = random.Random(1)
    whole = (home / "kit.db").read_bytes()
    for page in chance.sample(range(1, pages), 8):
        (home / "kit.db").write_bytes(whole)
        spoil(home, page)
        done = replaced(home)
        assert (home / done.aside / "kit.db").is_file()
        assert_recording_is_whole(home)


def test_a_bad_first_page_leaves_recordings_and_takes_a_copy_for_the_rest(home: Path) -> None:
    Copies(home / "copies").make(home / "kit.db", KEY, NOW)
    spoil(home, 0)
    with pytest.raises(VaultError):
        open_kit(home)
    assert key_fits(home / "kit.db", KEY)
    done = replaced(home)
    assert (done.copy_from, done.rows, done.rebuilt) == (NOW.replace(microsecond=0), {}, ("session-1",))
    assert_recording_is_whole(home)
    store = open_kit(home, ids="last")
    with store.read() as unit:
        assert len(unit.targets.lines("act-1")) == TARGETS
        assert len(unit.records.search()) == 7
    store.close()


def test_without_a_copy_the_recording_brings_its_target_and_activity(home: Path) -> None:
    spoil(home, 0)
    done = replaced(home)
    assert (done.copy_from, done.rebuilt) == (None, ("session-1",))
    assert_recording_is_whole(home)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A closed home with a setting and nothing else."""
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.settings.put("dinas", "Dinas Uji")
    store.close()
    return tmp_path


@pytest.mark.parametrize("has_links", [True, False])
def test_the_damaged_store_and_its_log_are_kept_as_they_were(
    small: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    content = (small / "kit.db").read_bytes()
    (small / "kit.db-wal").write_bytes(b"log")
    (small / "kit.db.replacing").write_bytes(b"of a replacing that was cut short")
    (small / "damaged" / f"{NOW:%Y%m%dT%H%M%S}").mkdir(parents=True)  # of another replacing in this second
    disk = DiskLog(monkeypatch)
    aside = small / replaced(small).aside
    for name, bytes_before in (("kit.db", content), ("kit.db-wal", b"log")):
        assert (aside / name).read_bytes() == bytes_before
        assert not (aside / name).stat().st_mode & 0o222
        assert (disk.has_name(aside / name), disk.has_bytes(aside / name)) == (True, not has_links)
    assert (disk.has_name(aside), disk.has_name(aside.parent), aside.name[-1]) == (True, True, "x")
    assert disk.has(small / "kit.db")
    assert disk.saw(small, "kit.db.replacing", without="kit.db-wal"), "a log that fits no other went before"
    assert sorted(path.name for path in small.iterdir()) == [".lock", "damaged", "kit.db", "kit.mark"]


def test_nothing_is_replaced_without_what_everybody_needs(small: Path) -> None:
    before = (small / "kit.db").read_bytes()
    with pytest.raises(StoreError, match=r"store\.damaged"):
        replace_damaged(small / "kit.db", KEY, journals(small), NOW, ("dinas", "signing"))
    assert (small / "kit.db").read_bytes() == before
    assert [path.name for path in small.glob("kit.db?*")] == []
    assert DamageNote(small / "kit.damaged").is_written
    done = replace_damaged(small / "kit.db", KEY, journals(small), NOW, ("dinas",))
    assert (done.rows["settings"], done.unread, done.rebuilt, done.copy_from) == (1, frozenset(), (), None)
    with one_connection(small / "kit.db", KEY, is_read_only=True) as store:
        assert store.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_new_store_that_is_not_whole_takes_no_place(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither one whose log could not be written back nor one whose pages do not hold."""
    before = (small / "kit.db").read_bytes()

    def refuse(*_: object) -> None:
        raise StoreError("store.disk_full")

    for check in ("demand_one_file", "check_copy"):
        with monkeypatch.context() as patch:
            patch.setattr(replacing, check, refuse)
            with pytest.raises(StoreError, match=r"store\.disk_full"):
                replaced(small)
        assert ((small / "kit.db").read_bytes(), list(small.glob("kit.db?*"))) == (before, [])


def test_what_lost_its_other_side_gets_a_nameless_one_or_goes(small: Path) -> None:
    with one_connection(small / "kit.db", KEY) as store:
        store.execute("PRAGMA foreign_keys = OFF")
        biodata = '{"name":"SITI","nik":{"digits":"1"},"address":{"street":"","village":""}}'
        for table, values in (
            ("targets", ("t-1", "lost-1", 1, biodata, "umum", "planned", "", 0, "", "belum_dicek")),
            ("sessions", ("s-1", "lost-2", "t-1", "opened", "2026-11-21T00:00:00.000000+00:00", "{}")),
            ("samples", ("x", "nobody", "iris", "f", b"", 1, "a", "1", "[]", None, None, None, None, None)),
            ("samples", ("y", "s-1", "iris", "f", b"", 1, "a", "1", "[]", None, None, None, None, None)),
        ):
            names = [row[1] for row in store.execute(f"PRAGMA table_info({table})")][1:]
            marks = ", ".join("?" * len(values))
            store.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", values)
    assert replaced(small).rows == {"settings": 1, "targets": 1, "sessions": 1, "samples": 2, "chains": 1, "events": 1}
    with one_connection(small / "kit.db", KEY, is_read_only=True) as store:
        assert store.execute("SELECT activity_id, name FROM activities ORDER BY 1").fetchall() == [
            ("lost-1", "lost-1"),
            ("lost-2", "lost-2"),
        ]
        assert store.execute("SELECT sample_id FROM samples").fetchall() == [("y",)]
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_replacing_that_stopped_goes_on_from_the_same_files(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class StoppedError(BaseException):
        pass

    def stop(self: Path, target: Path) -> Path:
        if self.name.endswith(".replacing"):
            raise StoppedError
        return rename(self, target)

    rename = Path.replace
    monkeypatch.setattr(Path, "replace", stop)
    with pytest.raises(StoppedError):
        replaced(small)
    monkeypatch.undo()
    note = DamageNote(small / "kit.damaged")
    assert note.is_written
    known = note.aside()
    assert replaced(small).aside == f"damaged/{known}"
    assert [folder.name for folder in (small / "damaged").iterdir()] == [known]
    note.write("gone")  # a note whose folder somebody took away
    assert replaced(small).aside == f"damaged/{known}x"


def test_a_key_that_fits_no_page_is_another_key(home: Path) -> None:
    assert not key_fits(home / "kit.db", bytes(32))
    assert not key_fits(home / "nothing.db", KEY)
