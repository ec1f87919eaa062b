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
    assert care.done == ["quick", "deep", "files", "copy", "tidy"]
    care.done.clear()
    check.check()
    assert care.done == ["quick", "copy"]


def test_pages_are_looked_at_once_a_day_and_whenever_the_store_was_not_closed() -> None:
    care, clock = NothingWrong(), HandClock()
    for was_cut, after, has_looked in (
        (False, timedelta(0), True),
        (False, timedelta(hours=23), False),
        (True, timedelta(hours=23), True),
        (False, timedelta(hours=47), True),
    ):
        care.done.clear()
        clock.now = lambda after=after: NOW + after  # type: ignore[method-assign,misc]
        assert list(CheckStore(care, clock, was_cut=was_cut).run()) == []
        assert ("quick" in care.done, care.done[-1]) == (has_looked, "tidy")


def test_nothing_is_tidied_while_something_is_to_be_told() -> None:
    care = NothingWrong(damage=("page 3",))
    CheckStore(care, HandClock()).run()
    assert "tidy" not in care.done


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
