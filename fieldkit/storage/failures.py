"""What the disk and the file do to us, as errors with a sentence."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import KnownError, Recovery, StoreError

NOT_A_DATABASE = 26  # SQLITE_NOTADB: SQLCipher's word for a key that does not fit the first page
_DISK_FULL = 13  # SQLITE_FULL
_IO_ERROR = 10  # SQLITE_IOERR
_CORRUPT = 11  # SQLITE_CORRUPT
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def primary_code(error: BaseException | None) -> int:
    """Return SQLite's primary result code of a driver error, 0 when it has none."""
    return int(getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def known_failure(error: BaseException | None) -> KnownError | None:
    """Return what a person can act on, None for everything that is our own mistake."""
    if isinstance(error, OSError):
        return StoreError("store.disk_full") if error.errno in NO_ROOM else None
    return {
        _DISK_FULL: StoreError("store.disk_full"),
        _IO_ERROR: StoreError("store.disk_failed", recovery=Recovery.ASK_OFFICE),
        _CORRUPT: StoreError("store.damaged", recovery=Recovery.ASK_OFFICE),
        NOT_A_DATABASE: StoreError("store.damaged", recovery=Recovery.ASK_OFFICE),
    }.get(primary_code(error))


@contextmanager
def named_failures() -> Iterator[None]:
    """Turn what the disk does to us within the block into errors with a sentence."""
    try:
        yield
    except (DBAPIError, dbapi2.Error, OSError) as error:
        known = known_failure(error.orig if isinstance(error, DBAPIError) else error)
        if known is None:
            raise
        raise known from error
