"""What the disk and the file do to us, as errors with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import KnownError, Recovery, StoreError, known

NOT_A_DATABASE = 26  # SQLITE_NOTADB: SQLCipher's word for a key that does not fit the first page
_DISK_FULL = 13  # SQLITE_FULL
_IO_ERROR = 10  # SQLITE_IOERR
_CANNOT_OPEN = 14  # SQLITE_CANTOPEN: also a log that the disk has no room for
_CORRUPT = 11  # SQLITE_CORRUPT
# A backup tells what went wrong by SQLite's own words only.
_CODES = {
    "database or disk is full": _DISK_FULL,
    "disk I/O error": _IO_ERROR,
    "unable to open database file": _CANNOT_OPEN,
    "database disk image is malformed": _CORRUPT,
    "file is not a database": NOT_A_DATABASE,
}


def primary_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code of a driver error, 0 when it has none."""
    code = int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
    return code or (_CODES.get(str(error), 0) if isinstance(error, dbapi2.Error) else 0)


def is_without_room(error: BaseException) -> bool:
    """Return whether SQLite had no room for what it must write even to read; it says nothing about the file."""
    return primary_code(error) in (_DISK_FULL, _CANNOT_OPEN)


def has_found_no_room(error: BaseException) -> bool:
    """Return whether room may be what SQLite lacked: it calls a log, or the index of one, without room an IO error."""
    return primary_code(error) in (_DISK_FULL, _CANNOT_OPEN, _IO_ERROR)


def known_failure(error: BaseException | None) -> KnownError | None:
    """Return what a person can act on, None for everything that is our own mistake."""
    if isinstance(error, OSError):
        return known(error)
    return {
        _DISK_FULL: StoreError("store.disk_full"),
        _IO_ERROR: StoreError("store.disk_failed", recovery=Recovery.ASK_OFFICE),
        _CANNOT_OPEN: StoreError("store.not_opened"),
        _CORRUPT: StoreError("store.damaged", recovery=Recovery.ASK_OFFICE),
        NOT_A_DATABASE: StoreError("store.damaged", recovery=Recovery.ASK_OFFICE),
    }.get(primary_code(error))


@contextmanager
def named_failures() -> Iterator[None]:
    """Turn what the disk does to us within the block into errors with a sentence."""
    try:
        yield
    except (DBAPIError, dbapi2.Error, OSError) as error:
        failure = known_failure(error.orig if isinstance(error, DBAPIError) else error)
        if failure is None:
            raise
        raise failure from error
