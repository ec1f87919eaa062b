from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.people.second_factor import SecondFactor, begun, digest_of, is_expected

NOW = datetime(2026, 11, 23, 9, 0, 10, tzinfo=UTC)
STEP = int(NOW.timestamp()) // 30


def code_at(step: int) -> str:
    return f"{step % 1_000_000:06d}"


@pytest.fixture
def kept() -> SecondFactor:
    made = begun("SECRET", code_at(STEP), NOW, ("ABCD-EFGH", "IJKL-MNOP"), code_at)
    assert made is not None
    return made


def test_who_signs_letters_or_administers_should_have_one() -> None:
    assert {role for role in Role if is_expected(role)} == {Role.KEPALA_DINAS, Role.ADMIN_DINAS}


def test_a_code_counts_once_and_none_before_it(kept: SecondFactor) -> None:
    assert kept.spend(code_at(STEP), NOW, code_at) is None  # it set the factor up
    after = kept.spend(code_at(STEP + 1), NOW, code_at)
    assert after is not None
    assert after.spend(code_at(STEP + 1), NOW, code_at) is None
    assert after.spend(code_at(STEP), NOW, code_at) is None
    assert after.spend(code_at(STEP + 2), NOW, code_at) is not None


@pytest.mark.parametrize(("minutes", "is_right"), [(1, True), (-1, True), (2, False), (-2, False)])
def test_a_clock_may_go_a_minute_wrong(kept: SecondFactor, minutes: int, is_right: bool) -> None:
    later = NOW + timedelta(hours=1)
    spent = kept.spend(code_at(int(later.timestamp()) // 30 + 2 * minutes), later, code_at)
    assert (spent is not None) is is_right


def test_how_far_the_phone_is_ahead_is_learnt_and_a_clock_that_is_mended_does_no_harm() -> None:
    ahead = begun("SECRET", code_at(STEP + 14), NOW, (), code_at)
    assert ahead is not None
    assert ahead.drift == 14
    later = NOW + timedelta(hours=1)
    here = int(later.timestamp()) // 30
    drifted = ahead.spend(code_at(here + 16), later, code_at)
    assert drifted is not None
    assert drifted.drift == 16
    mended = ahead.spend(code_at(here), later, code_at)
    assert mended is not None
    assert mended.drift == 0
    assert begun("SECRET", code_at(STEP + 21), NOW, (), code_at) is None


def test_a_spare_code_counts_once_however_it_is_spelled(kept: SecondFactor) -> None:
    after = kept.spend("abcd efgh", NOW, code_at)
    assert after is not None
    assert after.spares == (digest_of("IJKLMNOP"),)
    assert after.spend("ABCD-EFGH", NOW, code_at) is None
    assert after.last_step == kept.last_step


def test_after_five_wrong_codes_each_costs_more_patience(kept: SecondFactor) -> None:
    waits = []
    for _ in range(10):
        kept = kept.failed(NOW)
        waits.append(kept.locked_for(NOW) // timedelta(minutes=1))
    assert waits == [0, 0, 0, 0, 1, 5, 15, 60, 60, 60]
    assert kept.tries_left == 0
    assert kept.locked_for(NOW + timedelta(hours=1)) == timedelta()
    assert kept.locked_for(NOW - timedelta(days=400)) == timedelta(hours=1)  # the clock was set back
    assert replace(kept, failed_at=None).locked_for(NOW) == timedelta()
    right = kept.spend(code_at(STEP + 1), NOW, code_at)
    assert right is not None
    assert (right.failures, right.failed_at) == (0, None)


@pytest.mark.parametrize(("failed", "counted"), [(None, None), (-1, -1), (0, 0), (1, 0)])
def test_wait_begins_anew_where_the_clock_was_set_back(
    kept: SecondFactor, failed: int | None, counted: int | None
) -> None:
    wrong, right = (None if at is None else NOW + timedelta(minutes=at) for at in (failed, counted))
    assert replace(kept, failed_at=wrong).by_clock(NOW) == replace(kept, failed_at=right)


@pytest.mark.parametrize("typed", ["", "١٢٣٤٥٦", "²²²²²²", "12345A"])
def test_what_is_no_code_is_wrong(kept: SecondFactor, typed: str) -> None:
    assert kept.spend(typed, NOW, code_at) is None


def test_what_is_kept_comes_back_and_shows_no_secret(kept: SecondFactor) -> None:
    for each in (kept, kept.failed(NOW), replace(kept, spares=())):
        assert SecondFactor.of_value(each.as_value()) == each
    assert "SECRET" not in repr(kept)
    assert digest_of("ABCDEFGH") not in repr(kept)
