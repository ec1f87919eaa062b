from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.kept import ACTS, KEY, NOW, activity, fill_queue, open_kit, sample, session, target

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.storage.engine import one_connection
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.salvage import DamagedStore, Salvaged, salvage
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
