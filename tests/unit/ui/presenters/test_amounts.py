from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from ui.presenters.amounts import (
    AgeWords,
    age_words,
    clock_text,
    day_text,
    left_words,
    moment_text,
    size_words,
    span_text,
)
from ui.presenters.presenter import message


@pytest.mark.parametrize(
    ("size", "indonesian", "english"),
    [
        (0, "0,0 MB", "0.0 MB"),
        (1, "0,1 MB", "0.1 MB"),
        (1_849_999, "1,8 MB", "1.8 MB"),
        (12_400_000, "12,4 MB", "12.4 MB"),
    ],
)
def test_sizes_have_the_decimal_sign_of_the_language(size: int, indonesian: str, english: str) -> None:
    words = size_words(size)
    assert strict_catalogue("id").text(words.key, **words.params) == indonesian
    assert strict_catalogue("en").text(words.key, **words.params) == english


def test_what_is_left_is_told_in_seconds_then_in_minutes() -> None:
    assert left_words(timedelta(0)) == message("amount.seconds_left", count=1)
    assert left_words(timedelta(seconds=119)) == message("amount.seconds_left", count=119)
    assert left_words(timedelta(seconds=120)) == message("amount.minutes_left", count=2)
    assert left_words(timedelta(seconds=150)) == message("amount.minutes_left", count=2)


def test_days_and_moments_read_as_on_the_kk() -> None:
    assert day_text(date(2027, 3, 2)) == "02-03-2027"
    assert moment_text(datetime(2026, 11, 21, 9, 5, tzinfo=UTC)) == "21-11-2026 09.05"


def test_where_room_is_short_a_time_tells_less() -> None:
    at = datetime(2026, 11, 21, 9, 5, tzinfo=UTC)
    assert clock_text(at) == "09.05"
    assert (span_text(125), span_text(65, ".")) == ("2:05", "1.05")


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(seconds=-5), AgeWords("minutes", 0)),
        (timedelta(minutes=59, seconds=59), AgeWords("minutes", 59)),
        (timedelta(hours=1), AgeWords("hours", 1)),
        (timedelta(hours=47, minutes=59), AgeWords("hours", 47)),
        (timedelta(hours=48), AgeWords("days", 2)),
    ],
)
def test_an_age_takes_the_largest_unit_that_says_enough(age: timedelta, words: AgeWords) -> None:
    assert age_words(age) == words
