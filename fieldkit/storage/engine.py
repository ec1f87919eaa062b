"""Two engines on one encrypted file: the writer with its single connection, and the reader that cannot write."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.pool import Pool, QueuePool, StaticPool
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import VaultError
from fieldkit.storage.failures import NOT_A_DATABASE, primary_code
from fieldkit.storage.roomy import RoomyConnection

# What the process frees is overwritten, by the C library itself where it can, and given back after each recording.

_M_PERTURB = -6  # <malloc.h> of glibc: freed memory is filled with this byte, fresh memory with its complement
_FILL = 0x5A


@cache
def is_overwritten() -> bool:
    """Make glibc overwrite everything that is freed; return False where there is no glibc to do it.

    A switch in the environment (MALLOC_PERTURB_) stays as somebody has set it.
    """
    if not sys.platform.startswith("linux"):
        return False
    if os.environ.get("MALLOC_PERTURB_", "0") != "0":
        return True
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
    return mallopt is not None and bool(mallopt(_M_PERTURB, _FILL))


def give_back() -> None:
    """Let the system have the pages in which nothing is kept any more: glibc alone holds them for good.

    Pictures and samples of a recording are freed on many threads, each of which has a heap of its own.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform.startswith("linux") else None
    if trim is not None:
        trim(0)


KEY_BYTES = 32
PAGE_BYTES = 4096  # SQLCipher's own
_NORMAL = 1  # of `PRAGMA synchronous`: in WAL only a checkpoint waits for the disk
_HEX = b"0123456789abcdef"

# Recursive triggers: else an INSERT OR REPLACE would slip past the triggers that forbid deleting.
_SETTINGS = (
    "PRAGMA cipher_log_level = NONE",  # SQLCipher would write to stderr for each wrong key
    "PRAGMA temp_store = MEMORY",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
)
# Pages are wiped when they are freed: by the C library, which costs nothing to speak of, else by SQLCipher
# (docs/decisions/0007-freed-memory.md).
_WIPING = "PRAGMA cipher_memory_security = ON"
# WAL with FULL: a commit is on the disk when it returns. The log holds a whole recording, so that what it writes is
# written back once, when the seal empties the log, and not at each 4 MB.
_WRITER = (
    "PRAGMA secure_delete = ON",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 4000",
)
# A list of 10,000 people is 6 MB of pages: with the 2 MB that SQLite keeps, each look at it deciphers all of them anew.
_READER = ("PRAGMA query_only = ON", "PRAGMA cache_size = -16000")


def writer_engine(path: Path, key: bytes) -> Engine:
    """Return the engine of the one writer; whoever uses it takes turns."""
    return _engine(path, key, _WRITER, StaticPool, "BEGIN IMMEDIATE")


def reader_engine(path: Path, key: bytes) -> Engine:
    """Return the engine of the readers; each thread gets a connection of its own."""
    return _engine(path, key, _READER, QueuePool, "BEGIN")


def _engine(path: Path, key: bytes, settings: tuple[str, ...], pool: type[Pool], begin: str) -> Engine:
    engine = create_engine(
        "sqlite://",
        module=dbapi2,
        creator=lambda: _connect(path, key, settings),
        poolclass=pool,
        hide_parameters=True,  # no name or number may reach a log through an error
    )

    @event.listens_for(engine, "begin")
    def begin_explicitly(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


@contextmanager
def one_connection(path: Path, key: bytes, *, is_read_only: bool = False) -> Iterator[Any]:
    """Open a store file outside the engines, for copies and checks. Raise `VaultError("store.wrong_key")`."""
    connection = _connect(path, key, _READER if is_read_only else ("PRAGMA secure_delete = ON",))
    try:
        yield connection
    finally:
        connection.close()


def lone_connection(path: Path, key: bytes) -> Any:
    """Open a store file that must not be changed, its log beside it included; the caller closes it.

    Raise `VaultError("store.wrong_key")`, or the driver's error.
    """
    return _connect(path, key, _READER, uri=f"{path.absolute().as_uri()}?mode=ro")


def outside_transaction(engine: Engine, pragma: str) -> tuple[Any, ...]:
    """Run a pragma that SQLite heeds only outside a transaction and return its first row."""
    pooled = engine.raw_connection()
    try:
        driver = pooled.driver_connection
        assert driver is not None
        return tuple(driver.execute(pragma).fetchone() or ())
    finally:
        pooled.close()


@contextmanager
def not_waiting(engine: Engine) -> Iterator[None]:
    """Let transactions be on the disk with the next one that is waited for; a kill leaves them either way."""
    (level,) = outside_transaction(engine, "PRAGMA synchronous")
    outside_transaction(engine, f"PRAGMA synchronous = {min(level, _NORMAL)}")
    try:
        yield
    finally:
        outside_transaction(engine, f"PRAGMA synchronous = {level}")


def fits(path: Path, key: bytes) -> bool:
    """Return whether the key opens the file, without changing it. Raise `dbapi2.Error` for other troubles."""
    try:
        _connect(path, key, _READER).close()
    except VaultError:
        return False
    return True


def _connect(path: Path, key: bytes, settings: tuple[str, ...], uri: str = "") -> Any:
    """Open the file with the raw key. Raise `VaultError("store.wrong_key")`."""
    if len(key) != KEY_BYTES:
        raise ValueError(f"a store key has {KEY_BYTES} bytes, not {len(key)}")
    connection = RoomyConnection(
        path, uri or str(path), timeout=1.0, isolation_level=None, check_same_thread=False, uri=bool(uri)
    )
    try:
        _hand_over(connection, key)
        for setting in _SETTINGS if is_overwritten() else (*_SETTINGS, _WIPING):
            connection.execute(setting)
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        for setting in settings:
            connection.execute(setting)
    except dbapi2.Error as error:
        connection.close()
        if primary_code(error) == NOT_A_DATABASE:
            raise VaultError("store.wrong_key") from error
        raise
    return connection


def _hand_over(connection: Any, key: bytes) -> None:
    """Give SQLCipher the raw key. No text of the key is left behind: as a statement it would stay in many places."""
    spelled = bytearray(2 * len(key) + 3)
    try:
        spelled[0], spelled[1], spelled[-1] = b"x''"
        for at, byte in enumerate(key):
            spelled[2 * at + 2], spelled[2 * at + 3] = _HEX[byte >> 4], _HEX[byte & 15]
        connection.set_key(spelled)
    finally:
        spelled[:] = bytes(len(spelled))
