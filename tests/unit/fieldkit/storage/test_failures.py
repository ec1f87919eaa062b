"""What the disk does to us, by its name."""

from __future__ import annotations

import errno

import pytest
from sqlcipher3 import dbapi2

from fieldkit.domain.errors import StoreError
from fieldkit.storage.failures import known_failure, named_failures, primary_code


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


def test_a_backup_tells_by_its_words_only() -> None:
    failure = known_failure(dbapi2.OperationalError("database or disk is full"))
    assert failure is not None
    assert failure.code == "store.disk_full"
    assert known_failure(dbapi2.OperationalError("no such table: x")) is None


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
