from __future__ import annotations

import errno
import sqlite3
import threading
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sync.gateway import database
from sync.gateway.database import FEED, draw_number, fits_a_row, listed, one_of, open_database, reading
from sync.gateway.tables import counters, tokens


@pytest.fixture(autouse=True, scope="module")
def _stores_are_copied() -> None:
    """Make every database from its migrations here."""


def test_numbers_are_drawn_once_each_by_many_threads(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    drawn: list[int] = []

    def work() -> None:
        for _ in range(20):
            with engine.begin() as connection:
                drawn.append(draw_number(connection, FEED))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    assert sorted(drawn) == list(range(1, 81))


def test_opening_again_keeps_the_feed_and_the_safe_settings(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    engine = open_database(url)
    with engine.begin() as connection:
        draw_number(connection, FEED)
    engine.dispose()
    engine = open_database(url)
    with engine.begin() as connection:
        assert draw_number(connection, FEED) == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    engine.dispose()


class Contended:
    """A connection to a file that other programs switch to its log just now, so many times."""

    def __init__(self, error: sqlite3.OperationalError, times: int) -> None:
        self.error, self.left, self.asked = error, times, 0

    def execute(self, statement: str) -> None:
        self.asked += 1
        assert statement == "PRAGMA journal_mode=WAL"
        if self.left:
            self.left -= 1
            raise self.error


@pytest.mark.parametrize(
    ("code", "times", "waits_s", "asked", "is_open"),
    [
        (sqlite3.SQLITE_BUSY, 3, 30, 4, True),
        (sqlite3.SQLITE_BUSY, 3, -1, 1, False),
        (sqlite3.SQLITE_CORRUPT, 1, 30, 1, False),
    ],
)
def test_another_program_that_makes_the_log_is_waited_for_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, code: int, times: int, waits_s: int, asked: int, is_open: bool
) -> None:
    monkeypatch.setattr(database, "_BUSY_S", waits_s)
    monkeypatch.setattr(database, "_BUSY_PAUSE_S", 0)
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = code
    connection = Contended(error, times)
    with nullcontext() if is_open else pytest.raises(sqlite3.OperationalError):
        database._write_ahead(connection)
    assert connection.asked == asked


def test_who_only_reads_waits_for_no_writer(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with engine.begin() as writer:
        draw_number(writer, FEED)
        with reading(engine) as reader:
            assert reader.scalar(sa.select(counters.c.value)) == 0
    with reading(engine) as reader:
        assert reader.scalar(sa.select(counters.c.value)) == 1
    engine.dispose()


def test_one_question_costs_no_transaction_and_the_next_who_reads_has_one_again(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    asked = list[str]()
    sa.event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2].split()[0]))
    for once in (True, False):
        with reading(engine, asks_once=once) as reader:
            reader.execute(sa.select(counters.c.value))
            assert reader.connection.dbapi_connection.in_transaction is not once  # type: ignore[union-attr]
    engine.dispose()
    assert asked == ["SELECT", "BEGIN", "SELECT"]


def test_writers_take_turns_also_after_one_that_failed(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    written = threading.Event()

    def write() -> None:
        with engine.begin() as connection:
            draw_number(connection, FEED)
        written.set()

    second = threading.Thread(target=write)

    def fail() -> None:
        with engine.begin():
            second.start()
            assert not written.wait(0.05)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    second.join()
    assert written.is_set()
    engine.dispose()


def test_foreign_keys_hold(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(sa.insert(tokens).values(token_hash="x", kit="nobody", expires_at=None))
    engine.dispose()


def test_a_database_without_room_is_a_full_disk(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    with engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OSError, match="the database") as caught:
            connection.exec_driver_sql("CREATE TABLE more AS SELECT zeroblob(1000000)")
    assert caught.value.errno == errno.ENOSPC
    engine.dispose()


def test_a_database_that_cannot_be_opened_is_a_trouble_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="unable to open database file"):
        open_database(f"sqlite:///{tmp_path / 'gone' / 'gateway.sqlite3'}")


def test_any_number_of_values_is_one_parameter(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    query = sa.select(counters.c.name).where(one_of(engine, counters.c.name, "names"))
    with reading(engine) as connection:
        for names in ([], ["none"], [FEED, "none", 'it\'s \\ "one"']):
            found = connection.scalars(query, {"names": listed(engine, names)}).all()
            assert found == [name for name in names if name == FEED]
    engine.dispose()


@pytest.mark.parametrize(
    ("chain", "sequence", "fits"),
    [
        ("c1", 1, True),
        ("", 0, True),
        ("é" * 64, 2**63 - 1, True),
        ("c" * 65, 1, False),
        ("c1", 2**63, False),
        ("c\0", 1, False),
        ("c\ud800", 1, False),
    ],
)
def test_a_place_of_a_chain_fits_both_databases_or_is_refused(chain: str, sequence: int, fits: bool) -> None:
    assert fits_a_row(chain, sequence) is fits
