"""What the disk does to us, by its name."""

from __future__ import annotations

import errno

import pytest
from sqlalchemy.exc import DBAPIError
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import StoreError
from fieldkit.storage.failures import is_without_room, known_failure, named_failures, primary_code


class DriverError(Exception):
    """An error as the driver raises it, with SQLite's extended code."""

    def __init__(self, code: int) -> None:
        self.sqlite_errorcode = code


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (13, "store.disk_full"),
        (10 | 3 << 8, "store.disk_failed"),  # SQLITE_IOERR_WRITE
        (14, "store.not_opened"),
        (11, "store.damaged"),
        (26, "store.damaged"),
    ],
)
def test_results_of_sqlite_have_names(code: int, named: str) -> None:
    failure = known_failure(DriverError(code))
    assert failure is not None
    assert failure.code == named


@pytest.mark.parametrize(
    ("words", "named", "is_room"),
    [
        ("database or disk is full", "store.disk_full", True),
        ("disk I/O error", "store.disk_failed", False),
        ("unable to open database file", "store.not_opened", True),
        ("database disk image is malformed", "store.damaged", False),
        ("file is not a database", "store.damaged", False),
        ("no such table: x", None, False),
    ],
)
def test_a_backup_tells_by_its_words_only(words: str, named: str | None, is_room: bool) -> None:
    error = dbapi2.OperationalError(words)
    failure = known_failure(error)
    assert (failure and failure.code, is_without_room(error)) == (named, is_room)
    assert primary_code(ValueError(words)) == 0  # only the driver's own words count
    error.sqlite_errorcode = 11  # and only without a number
    assert primary_code(error) == 11


def test_what_the_driver_said_is_named_through_sqlalchemy() -> None:
    for words, wanted in (("database or disk is full", StoreError), ("no such table: x", DBAPIError)):
        with pytest.raises(wanted), named_failures():
            raise DBAPIError("SELECT 1", None, dbapi2.OperationalError(words))


def test_our_own_mistakes_have_none() -> None:
    assert known_failure(DriverError(19)) is None  # SQLITE_CONSTRAINT
    assert known_failure(OSError(errno.EACCES, "no")) is None
    assert primary_code(ValueError()) == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_for_a_file_is_a_full_disk(number: int) -> None:
    with pytest.raises(StoreError) as caught, named_failures():
        raise OSError(number, "no room")
    assert caught.value.code == "store.disk_full"


def test_other_errors_pass_unchanged() -> None:
    with pytest.raises(PermissionError), named_failures():
        raise PermissionError
