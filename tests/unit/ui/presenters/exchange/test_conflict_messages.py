from __future__ import annotations

from datetime import datetime

import pytest

from ui.presenters.exchange.exchange import detail_words, field_words, kind_words, value_words
from ui.presenters.presenter import Message, message


def same(at: datetime) -> datetime:
    return at


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, message("conflicts.nothing")),
        ("", message("conflicts.nothing")),
        (True, message("common.yes")),
        (False, message("conflicts.no")),
        (7, "7"),
        ("menolak", message("end_reason.menolak")),
        ("rusak_ringan", "rusak ringan"),
        ("Takut difoto", "Takut difoto"),
        ("2026-11-21T09:14:00Z", "21-11-2026 09.14"),
        ("2026-T", "2026-T"),
        ([1, 2], message("conflicts.entries", count=2)),
        ({"receiver": "Sutrisno", "at": "2026-11-21T09:14:00Z", "n": 3}, "Sutrisno · 21-11-2026 09.14"),
    ],
)
def test_what_stands_in_a_field(value: object, words: Message) -> None:
    assert value_words(value, same) == words


def test_of_several_entries_the_last_is_told() -> None:
    assert detail_words([{"note": "rumah kosong"}, {"note": "Pintu terkunci"}], same) == "Pintu terkunci"
    assert detail_words([1], same) == detail_words("x", same) == ""


def test_kinds_and_fields_have_names() -> None:
    assert kind_words("visit") == message("conflicts.kind_visit")
    assert kind_words("house_spot") == message("conflicts.kind_other")
    assert field_words("biodata.name") == message("conflicts.field_name")
    assert field_words("check_out") == "check out"
