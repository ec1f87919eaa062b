from __future__ import annotations

from datetime import timedelta

import pytest

from ui.presenters.ages import AgeWords, age_words


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
