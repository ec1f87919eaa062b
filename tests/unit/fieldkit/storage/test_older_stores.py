"""A store that an older program has filled is opened by this one with everything in it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from support.kept import KEY, MISINEM, NOW, activity, biodata, fill_queue, open_kit, sample, session, target

from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.storage.engine import writer_engine
from fieldkit.storage.migrate import SHIPPED, Migrations, migrate, stored_version
from fieldkit.storage.migrations import triggers
from fieldkit.storage.store import SqlStore

NOTES = TargetNotes("t-1", "act-1", access="Jalan kaki")
_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'"


def fill(store: SqlStore) -> None:
    with store.write() as unit:
        unit.activities.save(activity())
        unit.targets.save([target(1), target(2, MISINEM), target(3, biodata("Budi", "3275010101900001"))])
        unit.targets.mark(target(3).target_id, TargetState.POSTPONED, "too_ill")
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"sample-1": sample()})
        unit.settings.put("language", "id")
        unit.events.append("something", "act-1", {"count": 3}, "user-1", NOW)
        unit.shelf(TargetNotes).save(NOTES)
    fill_queue(store, [1, 2])


def older(folder: Path, revision: str) -> Migrations:
    """Return the migrations as the program of that revision had them."""
    shutil.copytree(SHIPPED.folder, folder)
    for file in (folder / "versions").glob("r*.py"):
        if file.stem[1:] > revision:
            file.unlink()
    return Migrations(folder, revision)


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        names = [name for name in connection.exec_driver_sql(_TABLES).scalars() if not name.startswith("sqlite_")]
        return {
            name: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()]
            for name in names
        }


def old_store(path: Path, migrations: Migrations, rows: dict[str, list[dict[str, Any]]]) -> int:
    """Make the store of an older program with the rows that it could keep; return how many."""
    path.parent.mkdir()
    engine, kept = writer_engine(path, KEY), 0
    migrate(engine, migrations)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name, columns in {name: _columns(connection, name) for name in rows}.items():
            for row in rows[name] if columns and name != "alembic_version" else ():
                old = {column: row[column] for column in columns}
                marks = ", ".join("?" * len(old))
                connection.exec_driver_sql(
                    f"INSERT INTO {name} ({', '.join(old)}) VALUES ({marks})", tuple(old.values())
                )
                kept += 1
    engine.dispose()
    return kept


def _columns(connection: Any, table: str) -> list[str]:
    return [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_everything_an_older_program_kept_is_there(
    tmp_path: Path, revision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_kit(tmp_path / "new")
    fill(store)
    store.close()
    engine = writer_engine(tmp_path / "new" / "kit.db", KEY)
    expected = rows_of(engine)
    engine.dispose()

    path = tmp_path / "old" / "kit.db"
    with monkeypatch.context() as earlier:
        if revision == "0001":  # which knew no things
            known = {name: body for name, body in triggers._TRIGGERS.items() if not name.startswith("things")}
            earlier.setattr(triggers, "_TRIGGERS", known)
        assert old_store(path, older(tmp_path / "migrations", revision), expected) > 10
    engine = writer_engine(path, KEY)
    assert stored_version(engine) == revision
    engine.dispose()

    opened = open_kit(path.parent, ids="later")
    with opened.read() as unit:
        assert list(unit.targets.search("act-1"))[1] == target(2, MISINEM)
        assert [one.house for one in unit.targets.search("act-1", "misinem")] == [2]
        assert [key.target_id for key in unit.targets.with_niks([MISINEM.nik.digits])] == [target(2).target_id]
        assert unit.targets.tally("act-1") == {TargetVerdict.BELUM_DICEK: 3}
        assert unit.targets.counts("act-1").matching([TargetState.POSTPONED]) == 1
        assert len(unit.records.search("")) == 2
        assert unit.sessions.sample("sample-1") == sample()
        assert unit.shelf(TargetNotes).find("t-1") == (NOTES if revision >= "0002" else None)
    with opened.write() as unit:
        unit.shelf(TargetNotes).save(NOTES)
        unit.targets.judge([target(2).target_id], TargetVerdict.TERVERIFIKASI)
        unit.events.append("something", "act-1", {}, "user-1", NOW)
        assert unit.events.verify()[1] is None
    opened.close()

    engine = writer_engine(path, KEY)
    found = rows_of(engine)
    engine.dispose()
    for name in expected.keys() - {"alembic_version", "things", "attachments", "targets", "events", "chains"}:
        assert found[name] == expected[name], name
    # One of them was judged above.
    assert [{**row, "verdict": ""} for row in found["targets"]] == [
        {**row, "verdict": ""} for row in expected["targets"]
    ]
    assert found["events"][: len(expected["events"])] == expected["events"]
