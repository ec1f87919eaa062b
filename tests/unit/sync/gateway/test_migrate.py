from __future__ import annotations

import shutil
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.durable import DiskLog

from fieldkit.domain.errors import InputError
from sync.gateway.database import SHIPPED, Migrations, bring_up, open_database
from sync.gateway.tables import counters, kits

LATER = f"""
import sqlalchemy as sa
from alembic import op
revision, down_revision = "9001", "{SHIPPED.head}"
def upgrade():
    op.add_column("kits", sa.Column("mood", sa.Text, nullable=False, server_default=""))
    {{then}}
"""


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> None:
    """Make every database from its migrations here."""


def later(folder: Path, then: str = "pass") -> Migrations:
    shutil.copytree(SHIPPED.folder, folder)
    (folder / "versions" / "r9001.py").write_text(LATER.format(then=then))
    return Migrations(folder, "9001")


def test_several_programs_may_make_one_database_at_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    engines: list[sa.Engine] = []
    threads = [threading.Thread(target=lambda: engines.append(open_database(url))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(engines) == 3
    with engines[0].begin() as connection:
        assert connection.scalars(sa.select(counters.c.value)).all() == [0]
    for engine in engines:
        engine.dispose()


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    engine = open_database(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    before = (tmp_path / "g.sqlite3").read_bytes()
    with pytest.raises(InputError) as caught:
        open_database(url)
    assert caught.value.code == "gateway.newer"
    assert (tmp_path / "g.sqlite3").read_bytes() == before


def test_a_migration_that_fails_changes_nothing_and_leaves_a_copy(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with pytest.raises(ZeroDivisionError):
        bring_up(engine, later(tmp_path / "broken", "1 / 0"))
    with engine.begin() as connection:
        assert "mood" not in [column["name"] for column in sa.inspect(connection).get_columns(kits.name)]
    assert (tmp_path / "g.sqlite3.before-9001").exists()
    bring_up(engine, later(tmp_path / "mended"))
    with engine.begin() as connection:
        assert "mood" in [column["name"] for column in sa.inspect(connection).get_columns(kits.name)]
    engine.dispose()


def test_a_copy_is_made_of_what_a_migration_changes_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk = DiskLog(monkeypatch)
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    for _ in range(2):
        engine = open_database(url)
        assert not list(tmp_path.glob("*.before-*"))
        engine.dispose()
    engine = open_database(url)
    bring_up(engine, later(tmp_path / "later"))
    engine.dispose()
    assert disk.has_bytes(tmp_path / "g.sqlite3.before-9001")


def test_a_database_in_memory_has_no_file_to_copy_and_an_empty_version_is_none(tmp_path: Path) -> None:
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
    bring_up(engine)
    bring_up(engine, later(tmp_path / "later"))
    with engine.begin() as connection:
        assert "mood" in [column["name"] for column in sa.inspect(connection).get_columns(kits.name)]
    engine.dispose()
