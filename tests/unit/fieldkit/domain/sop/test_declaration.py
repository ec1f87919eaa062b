"""A word that counts: somebody, a day, a reason, and something that shows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.errors import InputError
from fieldkit.domain.sop.declaration import Declaration

WORD = Declaration("Kades", "di luar program", NOW, "005/1")
DAY = NOW - timedelta(hours=8)


def test_a_word_with_everything_is_taken_by_letter_or_by_file() -> None:
    WORD.demand(1, NOW, DAY, 0)
    replace(WORD, letter="").demand(1, DAY, DAY, 1)


@pytest.mark.parametrize(
    ("word", "minutes", "code"),
    [
        (replace(WORD, who=" "), 0, "sop.name_needed"),
        (replace(WORD, why=""), 0, "sop.why_needed"),
        (replace(WORD, letter=" "), 0, "sop.evidence_needed"),
        (WORD, 1, "sop.in_future"),
        (WORD, -481, "sop.before_activity"),
    ],
)
def test_each_thing_that_is_missing_has_its_sentence(word: Declaration, minutes: int, code: str) -> None:
    with pytest.raises(InputError) as refused:
        word.demand(1, NOW + timedelta(minutes=minutes), DAY, 0)
    assert refused.value.code == code
