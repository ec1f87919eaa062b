from __future__ import annotations

from datetime import timedelta

from support.care import NothingWrong
from support.clock import NOW, HandClock

from fieldkit.services.delivery.check_store import CheckStore


def codes(care: NothingWrong) -> list[str]:
    return [problem.code for problem in CheckStore(care, HandClock()).run()]


def test_a_sound_store_is_copied_and_once_a_week_checked_whole() -> None:
    care = NothingWrong()
    check = CheckStore(care, HandClock())
    assert check.is_due
    assert list(check.run()) == []
    assert (check.is_due, care.checked_whole_at()) == (False, NOW)
    assert care.done == ["quick", "deep", "files", "copy"]
    care.done.clear()
    check.run()
    assert care.done == ["quick", "copy"]


def test_the_whole_check_waits_a_week_and_trusts_no_date_ahead() -> None:
    least = timedelta(microseconds=1)
    for checked, is_whole in (
        (NOW, False),
        (NOW - timedelta(days=7) + least, False),
        (NOW - timedelta(days=7), True),
        (NOW + least, True),
    ):
        care = NothingWrong(checked=checked)
        assert codes(care) == []
        assert ("deep" in care.done) is is_whole


def test_damage_is_noted_and_told_and_not_copied() -> None:
    for care in (NothingWrong(damage=("page 3",)), NothingWrong(deep=("index", "attachment"))):
        assert codes(care) == ["store.damage_found"]
        assert care.done[-1] == "noted"
        assert "copy" not in care.done


def test_a_sealed_file_that_is_not_as_it_was_sealed_is_told_by_name() -> None:
    [problem] = CheckStore(NothingWrong(files=("r-1", "r-2")), HandClock()).run()
    assert (problem.code, dict(problem.params)) == ("store.files_damaged", {"count": 2, "first": "r-1"})
