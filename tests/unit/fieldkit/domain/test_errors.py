from __future__ import annotations

import errno

import pytest

from fieldkit.domain.errors import InputError, KnownError, Recovery, StoreError, known, reason_of


def test_a_known_error_carries_its_problem() -> None:
    error = InputError("nik.day", position=7)
    assert error.code == "nik.day"
    assert (str(error), str(InputError("nik.day"))) == ("nik.day {'position': 7}", "nik.day")
    assert error.problem.params == {"position": 7}
    assert error.problem.recovery is Recovery.CORRECT_INPUT


def test_the_way_out_can_be_named_per_case() -> None:
    assert StoreError("store.disk_full").problem.recovery is Recovery.FREE_DISK
    assert StoreError("store.damaged", recovery=Recovery.ASK_OFFICE).problem.recovery is Recovery.ASK_OFFICE


def test_wrong_use_and_environment_have_their_exit_codes() -> None:
    assert InputError("x").exit_code == 2
    assert KnownError("x").exit_code == 3


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_known_wherever_it_is_met(number: int) -> None:
    told = known(OSError(number, "no room"))
    assert told is not None
    assert told.code == "store.disk_full"


def test_our_own_mistakes_stay_what_they_are() -> None:
    refusal = InputError("x")
    assert known(refusal) is refusal
    assert known(OSError(errno.EACCES, "no")) is None
    assert known(ValueError()) is None


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError(errno.EACCES, "Permission denied"), "reason.denied"),
        (FileNotFoundError(errno.ENOENT, "No such file or directory"), "reason.missing"),
        (OSError(errno.ENOSPC, "No space left on device"), "reason.full"),
        (OSError(errno.EMLINK, "Too many links"), "EMLINK"),
        (OSError("odd"), "OSError"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "reason.no_text"),
        (ValueError("embedded null byte"), "reason.name"),
    ],
)
def test_why_a_file_cannot_be_used_is_never_said_in_the_words_of_the_system(error: OSError, reason: str) -> None:
    assert reason_of(error) == reason
