from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from fieldkit.domain.errors import InputError
from sync.gateway.database import GatewayContext, open_database
from sync.gateway.operations import backup_set as module
from sync.gateway.operations.backup_set import Piece, counts, is_empty, load, pieces, prepare, revision_of, snapshot
from sync.gateway.tables import kits, records, tokens
from tests.unit.sync.gateway.operations.conftest import Arrive


def test_values_of_all_kinds_survive() -> None:
    row = (1, None, "é\n", True, 0.5, b"\0\xff", datetime(2026, 1, 2, 3, 4, 5, 6, UTC), {"at": [1]}, [1, "x"])
    piece = Piece("t", tuple("abcdefghi"), (row,))
    assert Piece.unpacked(piece.packed()) == piece
    naive = Piece("t", ("a",), ((datetime(2026, 1, 2),),))  # noqa: DTZ001 - as SQLite gives it
    assert Piece.unpacked(naive.packed()).rows == ((datetime(2026, 1, 2, tzinfo=UTC),),)


def test_a_small_piece_takes_little_memory() -> None:
    packed = Piece("t", ("a",), (("x",),)).packed()
    tracemalloc.start()
    try:
        Piece.unpacked(packed)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_gigabytes_of_nothing_are_no_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = Piece("t", ("a",), (("x" * 1000,),))
    monkeypatch.setattr(module, "_MOST_PLAIN_BYTES", 1000)
    with pytest.raises(OSError, match="too long"):
        Piece.unpacked(piece.packed())


@pytest.mark.days
def test_a_copy_holds_the_same_rows_but_for_tokens(
    gateway_context: GatewayContext, arrive: Arrive, tmp_path: Path
) -> None:
    arrive(), arrive()
    with snapshot(gateway_context.engine) as connection:
        found, revision, wanted = list(pieces(connection)), revision_of(connection), counts(connection)
    copy = sa.create_engine(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    assert is_empty(copy)
    prepare(copy, revision)
    assert is_empty(copy)
    load(copy, [Piece("kits", ("kit",), ())])
    assert is_empty(copy)
    load(copy, found)
    assert not is_empty(copy)
    with copy.connect() as connection:
        assert counts(connection) == wanted
        assert wanted["records"] == 2
        left_out = {"parts", "uploads", "tokens", "office_sessions", "rate_windows", "moves", "alembic_version"}
        assert {*sa.inspect(connection).get_table_names()} - wanted.keys() == left_out
    copy.dispose()
    opened = open_database(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    query = sa.select(records).order_by(records.c.record_id)
    with opened.begin() as new, gateway_context.engine.begin() as old:
        assert new.execute(query).all() == old.execute(query).all()
        assert new.scalar(sa.select(sa.func.count()).select_from(tokens)) == 0
    with pytest.raises(InputError):
        load(opened, found)
    opened.dispose()


def test_a_load_that_fails_leaves_nothing(gateway_context: GatewayContext, arrive: Arrive, tmp_path: Path) -> None:
    arrive()
    with snapshot(gateway_context.engine) as connection:
        found, revision = list(pieces(connection)), revision_of(connection)
    copy = sa.create_engine(f"sqlite:///{tmp_path / 'copy.sqlite3'}")
    prepare(copy, revision)
    with pytest.raises(KeyError):
        load(copy, [*found, Piece("unknown", ("a",), ((1,),))])
    assert is_empty(copy)
    copy.dispose()


def test_who_writes_meanwhile_is_not_kept_waiting(gateway_context: GatewayContext, arrive: Arrive) -> None:
    with snapshot(gateway_context.engine) as connection:
        before = counts(connection)
        arrive()
        assert counts(connection) == before
        assert connection.scalar(sa.select(sa.func.count()).select_from(kits)) == 1
