"""The gateway's database: SQLite in one file for an office, PostgreSQL for a province."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import SignatureVerifier, Signer, SigningKey
from sync.gateway.blobs import Blobs
from sync.gateway.down import tables as down_tables  # noqa: F401 - wherever a database is open all tables are known
from sync.gateway.tables import counters
from sync.protocol.messages import Configuration

if TYPE_CHECKING:
    from alembic.config import Config


# Bring the gateway's database to the tables of this program, or refuse. Alembic is imported only when it has work.


@dataclass(frozen=True, slots=True)
class Migrations:
    """Alembic's folder and the newest revision in it."""

    folder: Path
    head: str


SHIPPED = Migrations(Path(__file__).parent / "migrations", "0015")
_FIRST = "0001"  # what a database without a version is: the first program did not write one
_ONE_AT_A_TIME = 0x6669656C64  # number of our advisory lock in PostgreSQL


def bring_up(engine: sa.Engine, migrations: Migrations = SHIPPED) -> None:
    """Make or migrate the tables; a copy of an SQLite file is made beside it before it changes.

    Several programs may start at once: one migrates, the others wait for it. Raise `InputError` `gateway.newer`
    for a database of a newer program.
    """
    with engine.connect() as connection:
        version = _version(connection)
    if version == migrations.head:
        return
    if version and not _is_known(version, migrations):
        raise InputError("gateway.newer", version=version)
    if version:
        _copy_file(engine, migrations.head)
    from alembic import command

    config = _config(migrations)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        if _version(connection) == _FIRST:
            command.stamp(config, _FIRST)
        command.upgrade(config, migrations.head)


def _version(connection: sa.Connection) -> str:
    """Return the revision, the first one for tables without a version, "" for an empty database."""
    if _has_version(connection):
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")
    return _FIRST if sa.inspect(connection).has_table("manifests") else ""


def _has_version(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table("alembic_version")


def _is_known(version: str, migrations: Migrations) -> bool:
    from alembic.script import ScriptDirectory

    config = _config(migrations)
    return version in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _config(migrations: Migrations) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config


def _copy_file(engine: sa.Engine, head: str) -> None:
    """Copy an SQLite database as it is now, WAL included, durably. PostgreSQL has backups of its own."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    source = Path(engine.url.database)
    copy = source.with_name(f"{source.name}.before-{head}")
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    with copy.open("rb+") as written:
        os.fsync(written.fileno())


FEED = "feed"
# Of one process: more threads than this ask at the same moment only for as long as it takes to wait.
_CONNECTIONS, _MORE_CONNECTIONS = 8, 12
_CONNECT_S = 5
_BUSY_S, _BUSY_PAUSE_S = 30, 0.01  # of SQLite, for another program that writes
# Of SQLite: no room for a page, to make the index of its log (IOERR_SHMOPEN) or to let it grow (IOERR_SHMSIZE); of
# PostgreSQL: disk_full.
_FULL = frozenset({13, 10 | 18 << 8, 10 | 19 << 8})
_OF_THE_DISK = frozenset({10, 14})  # SQLITE_IOERR, SQLITE_CANTOPEN
_FULL_STATE = "53100"
_LONGEST_CHAIN, _GREATEST = 64, 2**63 - 1  # as the tables have them


def open_database(url: str) -> sa.Engine:
    """Return an engine with all tables in place. `url` is an SQLAlchemy URL.

    Raise `InputError` `gateway.newer`, `gateway.database_address` and `gateway.database_damaged`, and `KnownError`
    `gateway.database_away` where a server does not answer. What the disk does to the database raises `OSError`, as it
    does elsewhere: ENOSPC without room.
    """
    # What stands in the rows must not reach a log through an error.
    try:
        engine = sa.create_engine(url, hide_parameters=True, **_settings(sa.make_url(url)))
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:
        raise InputError("gateway.database_address") from error  # it may hold a password
    sa.event.listen(engine.dialect, "handle_error", _as_of_the_disk)
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _prepare_sqlite)
        _OneWriter().watch(engine)
    else:
        _Rested().watch(engine)
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


def demand_whole(engine: sa.Engine) -> None:
    """Look through an SQLite file, 0.06 s of a processor for 99 MB of rows with one index in memory.

    Raise `InputError("gateway.database_damaged")`.
    """
    if engine.dialect.name != "sqlite":
        return  # a server looks after its own files
    try:
        with engine.connect().execution_options(**{_READS: True}) as connection:
            is_whole = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except sa.exc.DatabaseError:
        is_whole = False
    if not is_whole:
        raise InputError("gateway.database_damaged", file=str(engine.url.database))


@contextmanager
def reading(engine: sa.Engine, *, asks_once: bool = False) -> Iterator[sa.Connection]:
    """Give a connection that only reads: in SQLite it waits for no writer, in PostgreSQL it costs one round trip.

    What several statements of it see may differ by what others committed between them, but for SQLite; there too when
    it `asks_once`, which spares the beginning and the end of a transaction.
    """
    options = {_READS: True, _ONCE: asks_once} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def one_of(engine: sa.Engine, column: sa.ColumnElement[str], name: str) -> sa.ColumnElement[bool]:
    """Return the condition that a column has one of the values of a parameter, which is `listed`.

    One parameter, however many values: the statement stays the same and the server keeps its plan.
    """
    if engine.dialect.name == "postgresql":
        return column == sa.any_(sa.bindparam(name, type_=sa.ARRAY(sa.Text)))
    values = sa.func.json_each(sa.bindparam(name, type_=sa.Text)).table_valued("value")
    return column.in_(sa.select(values.c.value))


def listed(engine: sa.Engine, values: Sequence[str]) -> object:
    """Return values as `one_of` takes them."""
    return list(values) if engine.dialect.name == "postgresql" else json.dumps(list(values))


@contextmanager
def alone(engine: sa.Engine, number: int) -> Iterator[bool]:
    """Tell whether nobody else who asks with this number is here now; nobody comes in until the end.

    A process that dies lets go. An SQLite file has one process, so there it is always so.
    """
    if engine.dialect.name == "sqlite":
        yield True
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        is_ours = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))))
        try:
            yield is_ours
        finally:
            if is_ours:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))


def fits_a_row(chain: str, sequence: int) -> bool:
    """Whether both databases can keep a place of a chain: who signs it may name it as he likes."""
    try:
        chain.encode()  # half a character is a str, and no text of a database
    except UnicodeEncodeError:
        return False
    return len(chain) <= _LONGEST_CHAIN and "\0" not in chain and sequence <= _GREATEST


def count(connection: sa.Connection, table: sa.FromClause, *those: sa.ColumnElement[bool]) -> int:
    """Return how many rows there are, or how many are so."""
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(*those)).scalar_one()


def draw_number(connection: sa.Connection, name: str) -> int:
    """Return the next number of a sequence; it is visible to others only in its order."""
    connection.execute(sa.update(counters).where(counters.c.name == name).values(value=counters.c.value + 1))
    drawn: int = connection.execute(sa.select(counters.c.value).where(counters.c.name == name)).scalar_one()
    return drawn


_READS, _ONCE, _WRITES = "fieldkit_reads", "fieldkit_once", "fieldkit_writes"


def _settings(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        # As many as there are threads: readers wait for nobody.
        return {"pool_size": 0 if url.database and url.database != ":memory:" else 1}
    return {
        "pool_size": _CONNECTIONS,
        "max_overflow": _MORE_CONNECTIONS,
        "pool_use_lifo": True,  # the idle ones of the night end by themselves
        "connect_args": {"connect_timeout": _CONNECT_S},
    }


def _as_of_the_disk(context: sa.engine.ExceptionContext) -> OSError | None:
    error = context.original_exception
    code = int(getattr(error, "sqlite_errorcode", 0) or 0)
    if code in _FULL or getattr(error, "sqlstate", "") == _FULL_STATE:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "the database")
    return OSError(f"{error}: the database") if code & 0xFF in _OF_THE_DISK else None


def _prepare_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    # The driver must not open transactions by itself, or BEGIN IMMEDIATE below comes too late.
    connection.isolation_level = None
    for pragma in (f"busy_timeout={_BUSY_S * 1000}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: DBAPIConnection) -> None:
    """Let a log stand beside the file: SQLite itself does not wait for another program that does so just now."""
    gives_up_at = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > gives_up_at:
                raise
            time.sleep(_BUSY_PAUSE_S)
        else:
            return


class _Rested:
    """Asks a connection that was not used for a while whether it still is one: the server may have begun again.

    Asking each time, as the pool itself would, is a round trip for each transaction. Who meets a server that ended
    within the last second is told that it is away, and his kit comes again.
    """

    _USED, _AFTER_S = "fieldkit_used_s", 1.0

    def watch(self, engine: sa.Engine) -> None:
        """Look at each connection as it is given out."""
        self._dialect = engine.dialect
        sa.event.listen(engine, "checkin", self._note)
        sa.event.listen(engine, "checkout", self._ask)

    def _note(self, _connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        entry.info[self._USED] = time.monotonic()

    def _ask(self, connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: object) -> None:
        used_s = entry.info.get(self._USED)
        if used_s is None or time.monotonic() - used_s < self._AFTER_S:
            return
        try:
            self._dialect.do_ping(connection)
        except self._dialect.loaded_dbapi.Error as error:
            raise sa.exc.DisconnectionError from error  # the pool makes another


class _OneWriter:
    """Lets the writers of this process queue up, in their order.

    SQLite itself lets them sleep and look again: under load some never have luck, and fail after half a minute.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()

    def watch(self, engine: sa.Engine) -> None:
        """Begin each transaction, and hand the turn on when its connection goes back."""
        sa.event.listen(engine, "begin", self._begin)
        sa.event.listen(engine, "checkin", self._hand_on)

    def _begin(self, connection: sa.Connection) -> None:
        options = connection.get_execution_options()
        if options.get(_READS):
            if not options.get(_ONCE):
                connection.exec_driver_sql("BEGIN")
            return
        self._turn.acquire()
        connection.info[_WRITES] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def _hand_on(self, _connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        if entry.info.pop(_WRITES, False):
            self._turn.release()


# What every part of the gateway shares: name, database, bytes, keys and clock. Nothing here changes at run time.


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of what a kit may send and of how long things last."""

    max_record_bytes: int = 64 * 1024 * 1024
    max_chunk_bytes: int = 8 * 1024 * 1024
    reserve_bytes: int = 256 * 1024 * 1024  # never fill the disk below this: the database needs it to say so
    upload_life: timedelta = timedelta(days=30)
    sweep_every: timedelta = timedelta(hours=1)
    orphan_age: timedelta = timedelta(days=1)  # parts without a row: a request died between bytes and row
    token_life: timedelta = timedelta(minutes=10)
    # Requests that this process works on at the same moment: more than these only take turns at Python's one lock.
    threads: int = 20
    connections: int = 2048  # all clients together, idle ones included
    requests_per_address: int = 256  # a whole office may stand behind one address
    header_silence: timedelta = timedelta(seconds=30)  # also how long a connection may stay open without a request
    body_silence: timedelta = timedelta(seconds=30)
    slowest_bytes_per_s: int = 100  # over `rate_window`; a poor line of 2G carries ten times as much
    rate_window: timedelta = timedelta(seconds=60)
    stop_patience: timedelta = timedelta(seconds=10)  # for requests under way when the gateway is told to stop
    scrub_every: timedelta = timedelta(days=7)  # each object is read again after so long
    scrub_bytes_per_s: int = 4 * 1024 * 1024
    kit_requests_a_minute: int = 6000  # these four hold over all workers together
    kit_bytes_a_day: int = 64 * 1024 * 1024 * 1024
    address_requests_a_minute: int = 12_000  # of nobody who has signed in
    address_enrolments_a_minute: int = 60


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """One gateway. `configuration` lacks the revoked serials: they stand in the database."""

    engine: sa.Engine
    blobs: Blobs
    clock: Clock
    authority: SigningKey
    receipt_signer: Signer
    verifier_for: Callable[[bytes], SignatureVerifier]  # certificate (DER) → verifier of its key
    configuration: Configuration
    nik_key: bytes = field(repr=False)
    # Names and addresses in the server's certificate as its file holds it now.
    tls_hosts: Callable[[], Sequence[str]] = field(repr=False)
    limits: Limits = Limits()

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """Give a connection that only reads and waits for no writer."""
        return reading(self.engine)

    def asking(self) -> AbstractContextManager[sa.Connection]:
        """Give such a connection for one statement: on the way of each record a transaction is a cost."""
        return reading(self.engine, asks_once=True)

    @property
    def name(self) -> str:
        """Who we are in receipts, and the audience of assertions."""
        return self.configuration.gateway


class Refusal(Exception):  # noqa: N818 - an answer to the other side, not a failure of ours
    """An answer other than success: HTTP status and the code that `sync.protocol.outcomes` knows."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(f"{status} {code} {message}".strip())
