"""The gateway's database: SQLite in one file for an office, PostgreSQL for a province."""

from __future__ import annotations

import errno
import os

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from fieldkit.domain.errors import InputError, KnownError
from sync.gateway.migrate import bring_up
from sync.gateway.tables import counters

FEED = "feed"
# Of SQLite: no room for a page, to make the index of its log (IOERR_SHMOPEN) or to let it grow (IOERR_SHMSIZE); of
# PostgreSQL: disk_full.
_FULL = frozenset({13, 10 | 18 << 8, 10 | 19 << 8})
_OF_THE_DISK = frozenset({10, 14})  # SQLITE_IOERR, SQLITE_CANTOPEN
_FULL_STATE = "53100"


def open_database(url: str) -> sa.Engine:
    """Return an engine with all tables in place. `url` is an SQLAlchemy URL.

    Raise `InputError` `gateway.newer`, `gateway.database_address` and `gateway.database_damaged`, and `KnownError`
    `gateway.database_away` where a server does not answer. What the disk does to the database raises `OSError`, as it
    does elsewhere: ENOSPC without room.
    """
    # What stands in the rows must not reach a log through an error.
    try:
        engine = sa.create_engine(url, hide_parameters=True)
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise InputError("gateway.database_address") from error  # it may hold a password
    sa.event.listen(engine.dialect, "handle_error", _as_of_the_disk)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_immediate)
    try:
        bring_up(engine)
    except BaseException as error:
        engine.dispose()
        if isinstance(error, sa.exc.DatabaseError):
            if engine.dialect.name == "sqlite":
                raise InputError("gateway.database_damaged", file=str(engine.url.database)) from error
            if isinstance(error, sa.exc.OperationalError):
                raise KnownError("gateway.database_away", host=str(engine.url.host)) from error
        raise
    return engine


def draw_number(connection: sa.Connection, name: str) -> int:
    """Return the next number of a sequence; it is visible to others only in its order."""
    connection.execute(sa.update(counters).where(counters.c.name == name).values(value=counters.c.value + 1))
    return int(connection.scalar(sa.select(counters.c.value).where(counters.c.name == name)) or 0)


def _as_of_the_disk(context: sa.engine.ExceptionContext) -> OSError | None:
    error = context.original_exception
    code = int(getattr(error, "sqlite_errorcode", 0) or 0)
    if code in _FULL or getattr(error, "sqlstate", "") == _FULL_STATE:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "the database")
    return OSError(f"{error}: the database") if code & 0xFF in _OF_THE_DISK else None


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself, or BEGIN IMMEDIATE below comes too late.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
