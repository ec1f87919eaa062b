from __future__ import annotations

from ui.presenters.lists import Head, Listed, ListScreen
from ui.presenters.parts import NOTHING


def listed(current: str | None, *ticked: str) -> Listed[str]:
    return Listed("abc", "abc", current, ticked, ())


def test_what_is_ticked_is_chosen_else_the_row_under_the_cursor() -> None:
    assert listed("a", "b", "c").chosen == ("b", "c")
    assert listed("a").chosen == ("a",)
    assert listed(None).chosen == ()


def test_a_list_needs_no_more_than_its_rows() -> None:
    screen = ListScreen(title="", heads=(), load=lambda: "abc", name=str)
    nothing = listed(None)
    assert (screen.empty(nothing), screen.side(nothing), screen.commands(nothing)) == (NOTHING, (), ())
    assert screen.text("a") == ""
    assert not screen.begins_at("a")
    assert Head("", str).order is None
