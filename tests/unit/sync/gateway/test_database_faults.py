from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError
from sync.gateway.database import FEED, _Rested, alone, count, demand_whole, draw_number, listed, one_of, open_database
from sync.gateway.tables import counters


@pytest.mark.parametrize(
    ("code", "state", "expected"),
    [
        (13, "", errno.ENOSPC),
        (10 | 18 << 8, "", errno.ENOSPC),
        (10 | 19 << 8, "", errno.ENOSPC),
        (0, "53100", errno.ENOSPC),
        (10, "", None),
        (10 | 3 << 8, "", None),
        (14, "", None),
        (14 | 2 << 8, "", None),
        (5, "", "busy"),
        (11, "", "busy"),
        (None, "53200", "busy"),
    ],
)
def test_what_the_disk_does_to_the_database_is_an_error_of_the_system(
    tmp_path: Path, code: int | None, state: str, expected: object
) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    error = sqlite3.OperationalError("as the driver says it")
    error.sqlite_errorcode = code  # type: ignore[assignment]
    error.sqlstate = state  # type: ignore[attr-defined]  # as PostgreSQL's driver calls it

    def fail(*_: object) -> None:
        raise error

    with engine.connect() as connection:
        sa.event.listen(engine, "do_execute", fail)
        if expected == "busy":
            with pytest.raises(sa.exc.OperationalError):
                connection.exec_driver_sql("SELECT 1")
        else:
            with pytest.raises(OSError, match="the database") as caught:
                connection.exec_driver_sql("SELECT 1")
            assert caught.value.errno == expected
        sa.event.remove(engine, "do_execute", fail)
    engine.dispose()


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("nonsense", "gateway.database_address"),
        ("oracle://db/gateway", "gateway.database_address"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/nothing", "gateway.database_away"),
        ("sqlite:///FOLDER/damaged", "gateway.database_damaged"),
        ("sqlite:///FOLDER/newer", "gateway.newer"),
    ],
)
def test_a_database_that_cannot_be_used_says_why_and_stays_closed(tmp_path: Path, url: str, code: str) -> None:
    (tmp_path / "damaged").write_bytes(b"no database" * 1000)
    with closing(sqlite3.connect(tmp_path / "newer")) as newer:
        newer.executescript("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('9999')")
    with pytest.raises(KnownError) as caught:
        open_database(url.replace("FOLDER", str(tmp_path)))
    assert caught.value.code == code
    held = (handle.readlink() for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink())
    assert [file for file in held if file.is_relative_to(tmp_path)] == []


def test_a_file_of_rows_is_looked_through(tmp_path: Path) -> None:
    demand_whole(sa.create_engine("postgresql+psycopg://nobody@127.0.0.1:1/nothing"))  # looks after its own files
    path = tmp_path / "g.sqlite3"
    engine = open_database(f"sqlite:///{path}")
    demand_whole(engine)
    with engine.begin() as connection:
        root = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'records_by_id'").scalar()
        connection.exec_driver_sql("CREATE TABLE more AS SELECT 1 AS one")
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    engine.dispose()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"gateway\.database_damaged"):
        demand_whole(engine)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(InputError, match=r"gateway\.database_damaged"):
        demand_whole(engine)
    engine.dispose()


def test_a_database_in_memory_is_one(tmp_path: Path) -> None:
    for url in ("sqlite://", "sqlite:///:memory:"):
        engine = open_database(url)
        for number in (1, 2):
            with engine.begin() as connection:
                assert draw_number(connection, FEED) == number
        engine.dispose()


def test_each_sequence_has_its_own_numbers(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with engine.begin() as connection:
        connection.execute(sa.insert(counters).values(name="another", value=7))
        assert [draw_number(connection, name) for name in ("another", FEED, "another")] == [8, 1, 9]
        assert (count(connection, counters), count(connection, counters, counters.c.value > 1)) == (2, 1)
    engine.dispose()


def test_a_server_takes_the_values_as_one_array() -> None:
    engine = sa.create_engine("postgresql+psycopg://db/gateway")
    condition = one_of(engine, counters.c.name, "names").compile(dialect=engine.dialect)
    assert "counters.name = ANY (%(names)s" in str(condition)
    assert listed(engine, ("a", "b")) == ["a", "b"]


def test_one_at_a_time_is_alone_and_who_came_second_lets_nobody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The locks of PostgreSQL, as functions of SQLite."""
    held: set[int] = set()

    def lock(number: int) -> bool:
        is_free = number not in held
        held.add(number)
        return is_free

    def prepare(connection: sqlite3.Connection, _entry: object) -> None:
        connection.create_function("pg_try_advisory_lock", 1, lock)
        connection.create_function("pg_advisory_unlock", 1, held.discard)

    engine = sa.create_engine(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with alone(engine, 1) as first, alone(engine, 1) as second:
        assert first
        assert second  # one process
    sa.event.listen(engine, "connect", prepare)
    monkeypatch.setattr(engine.dialect, "name", "postgresql")
    with alone(engine, 1) as first:
        with alone(engine, 1) as second, alone(engine, 2) as other:
            assert (first, second, other) == (True, False, True)
        with alone(engine, 1) as second:
            assert not second
    assert held == set()
    engine.dispose()


def test_a_connection_that_rested_is_asked_whether_it_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sync.gateway.database.time", SimpleNamespace(monotonic=lambda: now[0]))
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    _Rested().watch(engine)  # as for a server
    given = []
    for after_s, is_broken in ((0.0, False), (0.5, True), (1.0, False), (4.0, False), (1.0, True), (1.0, False)):
        now[0] += after_s
        with engine.connect() as connection:
            given.append(connection.connection.dbapi_connection)
        if is_broken:
            given[-1].close()  # the server began again
    assert [given.index(each) for each in given] == [0, 0, 2, 2, 2, 5]
    engine.dispose()
