"""All rows of a gateway's database as of one moment, and a database made of them, SQLite or PostgreSQL alike.

The tables are those that are there: what a newer revision adds is taken along unasked. Left out is only what a client
begins anew by itself: uploads under way with their parts, tokens, sessions and what was counted for a minute.
"""

from __future__ import annotations

import base64
import errno
import gzip
import io
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from fieldkit.domain.errors import InputError
from sync.gateway.database import count
from sync.gateway.migrate import SHIPPED, Migrations, bring_up

_LEFT_OUT = frozenset({"parts", "uploads", "tokens", "office_sessions", "rate_windows", "moves"})
_VERSION = "alembic_version"
_ROWS_A_PIECE = 2000
_MOST_PLAIN_BYTES = 1 << 30  # of one piece; whoever can close a backup can put gigabytes of nothing into a kilobyte


@dataclass(frozen=True, slots=True)
class Piece:
    """Some rows of one table, in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    def packed(self) -> bytes:
        """Return it as compressed JSON."""
        rows = [[_written(value) for value in row] for row in self.rows]
        text = json.dumps({"table": self.table, "columns": self.columns, "rows": rows}, ensure_ascii=False)
        return gzip.compress(text.encode(), 6, mtime=0)

    @classmethod
    def unpacked(cls, packed: bytes) -> Piece:
        """Read what `packed` wrote. Raise `OSError` (`E2BIG`) for what no piece can be."""
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            plain = file.read(_MOST_PLAIN_BYTES + 1)
        if len(plain) > _MOST_PLAIN_BYTES:
            raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
        said = json.loads(plain)
        rows = tuple(tuple(_read(value) for value in row) for row in said["rows"])
        return cls(said["table"], tuple(said["columns"]), rows)


@contextmanager
def snapshot(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Give a connection that sees one moment, whatever others write meanwhile, and stops nobody from writing."""
    if engine.dialect.name == "sqlite":
        # An engine of its own: that of the gateway may begin by locking out other writers.
        reader = sa.create_engine(engine.url, poolclass=NullPool, hide_parameters=True)
        sa.event.listen(reader, "connect", leave_transactions_to_us)
        with reader.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            yield connection
        return
    with engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def revision_of(connection: sa.Connection) -> str:
    """Return the revision of the tables."""
    return str(connection.exec_driver_sql(f"SELECT version_num FROM {_VERSION}").scalar_one())


def pieces(connection: sa.Connection) -> Iterator[Piece]:
    """Yield all rows, of parents before those of their children."""
    for table in tables(connection):
        names = tuple(table.columns.keys())
        result = connection.execution_options(yield_per=_ROWS_A_PIECE).execute(sa.select(table))
        for rows in result.partitions(_ROWS_A_PIECE):
            yield Piece(table.name, names, tuple(tuple(row) for row in rows))


def tables(connection: sa.Connection) -> list[sa.Table]:
    """Return the tables that a copy holds, parents first."""
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name not in _LEFT_OUT | {_VERSION}]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Return how many rows each table has that a copy holds."""
    return {table.name: count(connection, table) for table in tables(connection)}


def prepare(engine: sa.Engine, revision: str) -> None:
    """Make the tables of a revision that this program knows. Raise `InputError` `gateway.newer`."""
    bring_up(engine, Migrations(SHIPPED.folder, revision))


def load(engine: sa.Engine, source: Iterable[Piece]) -> None:
    """Fill empty tables, all or nothing. Raise `InputError` `gateway.database_in_use` where there are rows."""
    with engine.begin() as connection:
        known = {table.name: table for table in tables(connection)}
        for table in known.values():
            if table.name == "counters":  # the migrations themselves begin the sequences
                connection.execute(sa.delete(table))
            elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first() is not None:
                raise InputError("gateway.database_in_use")
        for piece in source:
            _insert(connection, known[piece.table], piece.columns, piece.rows)
        if connection.dialect.name == "postgresql":
            _move_sequences(connection, known.values())


def is_empty(engine: sa.Engine) -> bool:
    """Whether nobody has written anything here: no tables, or those that the migrations made."""
    with engine.connect() as connection:
        return not any(rows for name, rows in counts(connection).items() if name != "counters")


def _insert(connection: sa.Connection, table: sa.Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    values = [dict(zip(columns, row, strict=True)) for row in rows]
    if values:
        connection.execute(sa.insert(table), values)


def _move_sequences(connection: sa.Connection, known: Iterable[sa.Table]) -> None:
    for table in known:
        for column in table.primary_key.columns:
            if not isinstance(column.type, sa.Integer):
                continue
            names = {"table": f'"{table.name}"', "column": column.name}
            sequence = connection.scalar(sa.text("SELECT pg_get_serial_sequence(:table, :column)"), names)
            newest = connection.scalar(sa.select(sa.func.max(column)))
            if sequence and newest:
                connection.execute(sa.select(sa.func.setval(sequence, newest)))


def leave_transactions_to_us(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let Python's driver of SQLite begin and commit nothing by itself. For the event `connect` of an engine."""
    connection.isolation_level = None


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        # SQLite keeps no zone; what stands there is UTC.
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return {"at": aware.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"bytes": base64.b64encode(bytes(value)).decode("ascii")}
    if isinstance(value, dict | list):
        return {"json": value}
    return value


def _read(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if "at" in value:
        return datetime.fromisoformat(value["at"])
    return base64.b64decode(value["bytes"]) if "bytes" in value else value["json"]
