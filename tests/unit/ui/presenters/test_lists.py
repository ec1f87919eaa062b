from __future__ import annotations

from dataclasses import replace

from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, a_chip_each, nothing_yet
from ui.presenters.messages import message
from ui.presenters.parts import NOTHING, Empty, Stage, Tone


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
    assert (screen.text("a"), screen.where(nothing)) == ("", "")
    assert screen.begins_at is None
    assert Head("", str).order is None


def test_an_empty_list_says_whether_anything_is_there_at_all() -> None:
    says = nothing_yet("nothing", "write one")
    assert says(replace(listed(None), everything="")) == Empty("nothing", "write one")
    assert says(listed(None)).title == message("ui.list.none")
    assert ALL.keeps("a")


def test_each_value_has_a_chip_with_its_words_and_tone() -> None:
    chips: tuple[Filter[Stage | None], ...] = a_chip_each(Stage, "x.", lambda stage: stage, {Stage.ERROR: Tone.BAD})
    assert [chip.name for chip in chips] == list(Stage)
    assert (chips[3].words, chips[3].tone, chips[0].tone) == (message("x.error"), Tone.BAD, Tone.SOFT)
    assert [chip.name for chip in chips if chip.keeps(Stage.ERROR)] == ["error"]
    assert not any(chip.keeps(None) for chip in chips)
