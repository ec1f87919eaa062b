from __future__ import annotations

import pytest

from fieldkit.domain.drafts import DraftName, draft_of_recording


@pytest.mark.parametrize(
    "name",
    [
        DraftName("staff"),
        DraftName("request", {"activity_id": ""}),
        DraftName("handover", {"to": "desa", "card_ids": "c1 c2&3=ü"}),
        draft_of_recording("s1"),
    ],
)
def test_a_name_is_read_back_as_it_was_spelled(name: DraftName) -> None:
    assert DraftName.parse(name.text) == name
    assert " " not in name.text, "the store keeps the owner before the name, with a blank between"


def test_the_same_form_always_spells_the_same() -> None:
    assert DraftName("staff").text == "staff"
    assert DraftName("a", {"x": "1", "y": "2"}).text == DraftName("a", {"y": "2", "x": "1"}).text
