"""A store file is brought to the tables of the program, or refused untouched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError
from support.clock import HandClock
from support.kept import KEY, CountedIds, activity, fill_queue, open_kit, sample, session

from fieldkit.domain.errors import StoreError
from fieldkit.storage.engine import outside_transaction, writer_engine
from fieldkit.storage.migrate import SHIPPED, Migrations, is_shipped, migrate, stored_version
from fieldkit.storage.store import SqlStore, open_store

LATER = "9001"
COPIES_A_TABLE = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "{LATER}", "{SHIPPED.head}"
def upgrade():
    with op.batch_alter_table("sealed_records", recreate="always") as batch:
        batch.add_column(sa.Column("weather", sa.Text, nullable=False, server_default=""))
    with op.batch_alter_table("sessions", recreate="always") as batch:
        batch.add_column(sa.Column("mood", sa.Text, nullable=False, server_default=""))
"""
LOSES_A_PARENT = f"""
from alembic import op
revision, down_revision = "{LATER}", "{SHIPPED.head}"
def upgrade():
    op.execute("DELETE FROM activities")
"""


def later(folder: Path, revision: str) -> Migrations:
    """Return the shipped migrations and one more."""
    shutil.copytree(SHIPPED.folder, folder)
    (folder / "versions" / f"r{LATER}.py").write_text(revision)
    return Migrations(folder, LATER)


def reopen(home: Path, migrations: Migrations) -> SqlStore:
    return open_store(home / "kit.db", KEY, "kit-1", HandClock(), CountedIds("later"), migrations)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    store = open_kit(home)
    with store.write() as unit:
        unit.activities.save(activity())
        unit.sessions.save(session())
    fill_queue(store, [1, 2, 3])
    store.close()
    return home


def test_a_revision_of_the_program_is_known(home: Path) -> None:
    known = {name: is_shipped(name) for name in (SHIPPED.head, "0001", LATER, "")}
    assert known == {SHIPPED.head: True, "0001": True, LATER: False, "": False}
    engine = writer_engine(home / "kit.db", KEY)
    migrate(engine, SHIPPED)
    assert outside_transaction(engine, "PRAGMA foreign_keys") == (1,)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")
    assert stored_version(engine) == ""
    engine.dispose()


def test_head_is_the_newest_revision() -> None:
    config = Config()
    config.set_main_option("script_location", str(SHIPPED.folder))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SHIPPED.head]


def test_copied_table_keeps_rows_triggers_search_and_references(home: Path, tmp_path: Path) -> None:
    store = reopen(home, later(tmp_path / "later", COPIES_A_TABLE))
    with store.read() as unit:
        assert [e.record.record_id for e in unit.records.search("balai")] == ["record-1", "record-2", "record-3"]
        assert unit.sessions.get("session-1") == session()
    for column in ("sha256", "weather"):
        with pytest.raises(IntegrityError, match="immutable"), store.write() as unit:
            unit.connection.exec_driver_sql(f"UPDATE sealed_records SET {column} = 'x'")
    with pytest.raises(IntegrityError, match="immutable"), store.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM sealed_records")
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), store.write() as unit:
        unit.sessions.put_samples("nobody", {"s": sample()})
    store.close()


def test_a_checked_copy_is_made_before_a_migration(home: Path, tmp_path: Path) -> None:
    migrations = later(tmp_path / "later", COPIES_A_TABLE)
    left = home / "kit.db.before-0006"
    left.touch()
    reopen(home, migrations).close()
    [copy] = (home / "copies").iterdir()
    engine = writer_engine(copy, KEY)
    assert stored_version(engine) == SHIPPED.head
    engine.dispose()

    reopen(home, migrations).close()

    assert not left.exists()  # of an older program: it would keep what is erased from now on
    assert len(list((home / "copies").iterdir())) == 1


def test_broken_reference_undoes_the_whole_migration(home: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        reopen(home, later(tmp_path / "later", LOSES_A_PARENT))
    assert caught.value.code == "store.damaged"

    store = open_kit(home)
    with store.read() as unit:
        assert unit.activities.all() == [activity()]
    store.close()


def test_newer_file_is_refused_unchanged(home: Path, tmp_path: Path) -> None:
    reopen(home, later(tmp_path / "later", COPIES_A_TABLE)).close()
    before = (home / "kit.db").read_bytes()
    with pytest.raises(StoreError) as caught:
        open_kit(home)
    assert caught.value.code == "store.newer"
    assert (home / "kit.db").read_bytes() == before


def test_encrypted_file_that_is_no_store_is_damaged(tmp_path: Path) -> None:
    engine = writer_engine(tmp_path / "kit.db", KEY)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
    engine.dispose()
    with pytest.raises(StoreError) as caught:
        open_kit(tmp_path)
    assert caught.value.code == "store.damaged"
