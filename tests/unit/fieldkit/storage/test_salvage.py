from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.durable import DiskLog
from support.kept import ACTS, KEY, NOW, activity, fill_queue, open_kit, sample, session, target

from fieldkit.domain.delivery import Anchor, AnchorSource, CentralStatus, DeliveryState
from fieldkit.domain.exchange import Watermark
from fieldkit.domain.people import Role, Staff, User
from fieldkit.domain.typed import Draft, DraftName
from fieldkit.ports.exchange import Peer
from fieldkit.ports.repositories import Attachment
from fieldkit.storage import tables
from fieldkit.storage.engine import one_connection
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.salvage import DamagedStore, DamageNote, Salvaged, key_fits, salvage
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import SqlStore


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A closed store with some of everything, and an empty one beside it in `other`."""
    (tmp_path / "other").mkdir()
    open_kit(tmp_path / "other", ids="other").close()
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(number) for number in range(1, 201)])
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {f"s-{number}": sample(bytes(20_000)) for number in range(10)})
        for number in range(120):
            unit.events.append("kind", f"thing-{number % 7}", {"number": number}, "u", NOW)
    fill_queue(store, range(1, 6))
    store.close()
    return tmp_path / "kit.db"


def brought_over(damaged: Path, into: SqlStore) -> Salvaged:
    old = DamagedStore(damaged, KEY)
    with into.write() as unit:
        done = salvage(old, unit.connection)
    old.close()
    return done


def counted(store: SqlStore, table: str) -> int:
    with store.read() as unit:
        return int(unit.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_whole_store_comes_over_whole(damaged: Path) -> None:
    into = open_kit(damaged.parent / "other", ids="later")
    done = brought_over(damaged, into)
    assert done.unread == set()
    assert [counted(into, table) for table in ("targets", "samples", "sealed_records")] == [200, 10, 5]
    with into.read() as unit:
        assert unit.connection.exec_driver_sql(ACTS).scalar_one() == 120
        assert unit.events.verify() == (counted(into, "events"), None)
        assert unit.targets.search("act-1", "sulas")  # the search index came along
    brought_over(damaged, into)  # a second time changes nothing
    with into.read() as unit:
        assert unit.connection.exec_driver_sql(ACTS).scalar_one() == 120
    into.close()


def test_what_is_read_is_newer_than_what_is_there(damaged: Path) -> None:
    into = open_kit(damaged.parent / "other", ids="later")
    brought_over(damaged, into)
    store = open_kit(damaged.parent, ids="more")
    outbox = SqlOutbox(store, FolderOfSealedFiles(damaged.parent / "sealed"), store._clock)
    outbox.mark_sending("record-1")
    with store.write() as unit:
        unit.settings.put("choice", 2)
    store.close()
    brought_over(damaged, into)
    with into.read() as unit:
        assert unit.records.get("record-1").state is DeliveryState.SENDING
        assert unit.settings.get("choice") == 2
    into.close()


def filled(home: Path) -> Path:
    """Return a closed store with one row or more in every table."""
    store = open_kit(home, ids="few")
    photo = Attachment("a1", "v1", "foto.jpg", "image/jpeg", b"jpeg", sha256(b"jpeg").hexdigest(), NOW)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target()])
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"s": sample()})
        unit.save_user(User("u1", "Rina", Role.KASI))
        unit.repository(Staff).save(Staff("s1", "Agus"))
        unit.attachments.put(photo)
        unit.attachments.put(replace(photo, attachment_id="a2", sha256="0" * 64))  # not the one that it was
        unit.revisions.catch_up(NOW)
        unit.revisions.keep_peer(Peer("KIT-B", "c-b", Watermark(1, 2), Watermark(), "", "age1", NOW))
        unit.anchors.keep(Anchor("c-b", 1, "d" * 64, NOW, AnchorSource.CENTER, "a.b.c"))
        unit.finger_templates.keep("record-1", b"template")
        unit.drafts.put(Draft(DraftName("staff"), "u1", {"name": "Ag"}, NOW))
        for number in range(120):
            unit.settings.put(f"setting-{number}", number)
    fill_queue(store, [1])
    with store.write() as unit:
        unit.records.note_status("record-1", CentralStatus("SFE", "pusat", NOW))
    store.close()
    return home / "kit.db"


def test_every_table_comes_over_and_a_second_time_changes_nothing(tmp_path: Path) -> None:
    old, into = filled(tmp_path), open_kit(tmp_path / "other", ids="other")

    def rows(store: SqlStore) -> dict[str, set[tuple[object, ...]]]:
        with store.read() as unit:
            run = unit.connection.exec_driver_sql
            return {name: {tuple(row)[1:] for row in run(f"SELECT * FROM {name}")} for name in tables.metadata.tables}

    with into.write() as unit:
        own = unit.settings.get("nothing"), unit.events.head()
    for _ in range(2):
        done = brought_over(old, into)
        assert (done.unread, own) == ({"attachments"}, (None, None))
    found = rows(into)
    into.close()
    source = open_kit(tmp_path, ids="later")
    for name, wanted in rows(source).items():
        missing = wanted - found[name]
        assert len(missing) == (name == "attachments"), name
    source.close()


class TornStore(DamagedStore):
    """A store some rows of which lie on bad pages; their keys can be read where an index has them."""

    def __init__(self, path: Path, bad: Collection[int], *, has_keys: bool) -> None:
        super().__init__(path, KEY)
        self._bad, self._has_keys = bad, has_keys

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]] | None:
        found = super().ask(query, *values)
        if "min(row)" in query and not self._has_keys:
            return None
        is_torn = query.startswith("SELECT * FROM settings") and any(row[0] in self._bad for row in found or ())
        return None if is_torn else found


@pytest.mark.parametrize("has_keys", [True, False])
@pytest.mark.parametrize("bad", [[], [1], [51], [120], [60, 61], [60, 90], range(1, 121)])
def test_only_the_rows_of_bad_pages_are_lost_and_their_order_stays(
    torn: Path, bad: Collection[int], has_keys: bool
) -> None:
    salvaged, store = Salvaged(), TornStore(torn, bad, has_keys=has_keys)
    rows = [row["row"] for row in store.rows("settings", salvaged)]
    store.close()
    assert sorted(rows) == [number for number in range(1, 121) if number not in bad]
    assert (salvaged.rows.get("settings", 0), salvaged.unread) == (len(rows), {"settings"} if bad else set())
    assert rows == sorted(rows)


@pytest.fixture(scope="module")
def torn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed store with 120 settings."""
    return filled(tmp_path_factory.mktemp("torn"))


def test_a_table_that_is_not_there_is_unread(torn: Path) -> None:
    salvaged, store = Salvaged(), DamagedStore(torn, KEY)
    assert list(store.rows("nowhere", salvaged)) == []
    assert (salvaged.rows, salvaged.unread) == ({}, {"nowhere"})
    store.close()
    assert len(list(store.rows("users", salvaged))) == 1  # it is opened anew
    store.close()


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ("DELETE FROM events WHERE sequence = 3", 2),
        ("UPDATE events SET previous = 'of another log' WHERE sequence = 4", 3),
    ],
)
def test_a_log_is_brought_over_up_to_its_first_hole(tmp_path: Path, change: str, kept: int) -> None:
    store = open_kit(tmp_path, ids="hole")
    with store.write() as unit:
        for number in range(5):
            unit.events.append("kind", f"thing-{number}", {}, "u", NOW)
        for trigger in ("events_stay", "events_as_written"):
            unit.connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        unit.connection.exec_driver_sql(change)
    store.close()
    into = open_kit(tmp_path / "other", ids="other")
    assert brought_over(tmp_path / "kit.db", into).unread == {"events"}
    with into.read() as unit:
        assert unit.events.verify() == (kept, None)
    into.close()


@pytest.mark.parametrize("part", [0.5, 0.6, 0.7, 0.8, 0.95])
def test_rows_around_a_bad_page_are_read(damaged: Path, part: float) -> None:
    content = bytearray(damaged.read_bytes())
    page = int(len(content) // 4096 * part)
    content[page * 4096 + 700] ^= 1
    damaged.write_bytes(content)
    into = open_kit(damaged.parent / "other", ids="later")
    done = brought_over(damaged, into)
    rows = [counted(into, table) for table in ("targets", "samples", "sealed_records")]
    with into.read() as unit:  # notes of the state are no rows that were given
        rows.append(unit.connection.exec_driver_sql(ACTS).scalar_one())
    assert sum(rows) >= 335 - 130
    assert sum(rows) == 335 or done.unread
    with into.read() as unit:
        assert unit.events.verify()[1] is None
    into.close()


def test_a_file_that_does_not_open_gives_nothing(damaged: Path) -> None:
    damaged.write_bytes(bytes(4096) + damaged.read_bytes()[4096:])
    into = open_kit(damaged.parent / "other", ids="later")
    done = brought_over(damaged, into)
    assert (done.rows, "targets" in done.unread) == ({}, True)
    into.close()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("targets", "biodata = x'00ff'"),  # a value of another type
        ("targets", "activity_id = NULL"),
        ("targets", "activity_id = 'of no activity'"),
        ("events", "sequence = 'three'"),
        ("samples", "content = 7"),
        ("sealed_records", "state = x'01'"),
    ],
)
def test_a_row_that_its_table_does_not_take_costs_no_other(damaged: Path, table: str, change: str) -> None:
    """A disk that wrote some pages and not others, in any order, leaves such rows in pages that are whole."""
    with one_connection(damaged, KEY) as store:
        schema = "SELECT sql FROM sqlite_schema WHERE name = ? AND type = 'table'"
        (strict,) = store.execute(schema, (table,)).fetchone()
        triggers = store.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?", (table,))
        for (name,) in triggers.fetchall():
            store.execute(f"DROP TRIGGER {name}")
        _rewrite(store, table, strict.replace("NOT NULL", "").replace("STRICT", ""))
    with one_connection(damaged, KEY) as store:
        store.execute("PRAGMA foreign_keys = OFF")
        store.execute(f"UPDATE {table} SET {change} WHERE row = (SELECT max(row) FROM {table})")
        (rows,) = store.execute(f"SELECT count(*) FROM {table}").fetchone()
        _rewrite(store, table, strict)
        store.commit()
    into = open_kit(damaged.parent / "other", ids="later")
    done = brought_over(damaged, into)
    assert done.unread == {table}
    assert done.rows[table] == rows - 1
    if table != "events":  # the other store has a log of its own
        assert counted(into, table) == rows - 1
    with into.read() as unit:
        assert unit.events.verify()[1] is None
    into.close()


def _rewrite(store: Any, table: str, sql: str) -> None:
    store.execute("PRAGMA writable_schema = ON")
    store.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, table))
    store.commit()
    store.execute("PRAGMA writable_schema = RESET")


def test_a_note_stays_until_it_is_cleared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note, disk = DamageNote(tmp_path / "kit.damaged"), DiskLog(monkeypatch)
    assert (note.is_written, note.aside()) == (False, "")
    note.write()
    assert disk.has(tmp_path / "kit.damaged")
    assert (note.is_written, note.aside()) == (True, "")
    note.write("20261122T100000")
    assert DamageNote(tmp_path / "kit.damaged").aside() == "20261122T100000"
    note.clear()
    assert disk.has_gone(tmp_path / "kit.damaged")
    note.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "kit.damaged").write_bytes(b"\xff")
    note = DamageNote(tmp_path / "kit.damaged")
    assert (note.is_written, note.aside()) == (True, "")


def test_any_whole_page_proves_the_key(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with store.write() as unit:
        unit.activities.save(activity())
    store.close()
    path = tmp_path / "kit.db"
    whole = path.read_bytes()
    assert key_fits(path, KEY)
    assert not key_fits(path, bytes(32))
    path.write_bytes(whole[:16] + bytes(4096 * 3 - 16) + whole[4096 * 3 :])
    assert key_fits(path, KEY)
    path.write_bytes(whole[:4096])  # the first page alone is proof too: its salt is not part of what is signed
    assert key_fits(path, KEY)
    path.write_bytes(bytes(16) + whole[16:])  # without its salt no page can be told
    assert not key_fits(path, KEY)
    assert not key_fits(tmp_path / "nothing", KEY)
