from __future__ import annotations

from fieldkit.domain.errors import InputError, KnownError, Recovery, StoreError


def test_a_known_error_carries_its_problem() -> None:
    error = InputError("nik.day", position=7)
    assert error.code == "nik.day"
    assert error.problem.params == {"position": 7}
    assert error.problem.recovery is Recovery.CORRECT_INPUT


def test_the_way_out_can_be_named_per_case() -> None:
    assert StoreError("store.disk_full").problem.recovery is Recovery.FREE_DISK
    assert StoreError("store.damaged", recovery=Recovery.ASK_OFFICE).problem.recovery is Recovery.ASK_OFFICE


def test_wrong_use_and_environment_have_their_exit_codes() -> None:
    assert InputError("x").exit_code == 2
    assert KnownError("x").exit_code == 3
