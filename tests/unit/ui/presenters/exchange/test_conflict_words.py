from __future__ import annotations

from datetime import datetime

import pytest

from ui.presenters.exchange.conflict_words import detail_words, field_words, kind_words, value_words
from ui.presenters.words import Words, phrase


def same(at: datetime) -> datetime:
    return at


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, phrase("conflicts.nothing")),
        ("", phrase("conflicts.nothing")),
        (True, phrase("conflicts.yes")),
        (False, phrase("conflicts.no")),
        (7, "7"),
        ("menolak", phrase("end_reason.menolak")),
        ("rusak_ringan", "rusak ringan"),
        ("Takut difoto", "Takut difoto"),
        ("2026-11-21T09:14:00Z", "21-11-2026 09.14"),
        ("2026-T", "2026-T"),
        ([1, 2], phrase("conflicts.entries", count=2)),
        ({"receiver": "Sutrisno", "at": "2026-11-21T09:14:00Z", "n": 3}, "Sutrisno · 21-11-2026 09.14"),
    ],
)
def test_what_stands_in_a_field(value: object, words: Words) -> None:
    assert value_words(value, same) == words


def test_of_several_entries_the_last_is_told() -> None:
    assert detail_words([{"note": "rumah kosong"}, {"note": "Pintu terkunci"}], same) == "Pintu terkunci"
    assert detail_words([1], same) == detail_words("x", same) == ""


def test_kinds_and_fields_have_names() -> None:
    assert kind_words("visit") == phrase("conflicts.kind_visit")
    assert kind_words("house_spot") == phrase("conflicts.kind_other")
    assert field_words("biodata.name") == phrase("conflicts.field_name")
    assert field_words("check_out") == "check out"
