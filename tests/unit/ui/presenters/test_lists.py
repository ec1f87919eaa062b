from __future__ import annotations

from dataclasses import replace

from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Facts, Filter, Head, Listed, ListScreen, finding, nothing_yet
from ui.presenters.messages import message
from ui.presenters.parts import NOTHING, Empty, Stage, Tag, Tone


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
    says = nothing_yet("x.empty", "x.none")
    assert says(replace(listed(None), everything="")) == Empty(message("x.empty"), message("x.empty_hint"))
    assert says(listed(None)) == Empty(message("x.none"), message("x.none_hint"))
    assert nothing_yet("x.empty")(listed(None)).title == message("ui.list.none")
    assert ALL.kept(["a"]) == ["a"]


def test_each_value_has_a_chip_with_its_words_and_tone() -> None:
    chips: tuple[Filter[Stage | None], ...] = Filter.each(Stage, "x.", lambda stage: stage, {Stage.ERROR: Tone.BAD})
    assert [chip.name for chip in chips] == list(Stage)
    assert (chips[3].words, chips[3].tone, chips[0].tone) == (message("x.error"), Tone.BAD, Tone.SOFT)
    rows = [Stage.ERROR, None, Stage.ERROR, Stage.BUSY]
    assert [chip.name for chip in chips if chip.kept(rows)] == ["error", "busy"]
    assert chips[3].kept(rows) == [Stage.ERROR, Stage.ERROR]


def test_columns_are_made_of_what_they_show() -> None:
    named: Head[str] = Head.named("who", str.upper, lambda row: f"nik {row}", 90)
    assert (named.cell("a"), named.width) == (Cell("A", "nik a", is_strong=True), 90)
    plain: Head[str] = Head.plain("village", str.upper)
    assert (plain.cell("a"), plain.order and plain.order("a")) == (Cell("A"), "A")
    tagged: Head[str] = Head.tagged("state", lambda row: Tag(row) if row > "a" else None, 90, str, none="–")
    assert (tagged.cell("b"), tagged.cell("a")) == (Cell(tags=(Tag("b"),)), Cell("–", is_muted=True))


def test_chips_may_keep_rows_by_any_rule() -> None:
    late, early = Filter.by("x.", {"late": lambda row: row > "a", "early": lambda row: row == "a"}, {"late": Tone.BAD})
    assert (late.words, late.tone, early.tone) == (message("x.late"), Tone.BAD, Tone.SOFT)
    assert late.kept(["a", "b", "c"]) == ["b", "c"]
    assert early.kept(["a"]) == ["a"]


def test_a_chip_judges_what_rows_have_in_common_once() -> None:
    judged: list[int] = []

    def is_long(length: int) -> bool:
        judged.append(length)
        return length > 1

    (long,) = Filter[str].by("x.", {"long": is_long}, of=len)
    assert long.kept(["a", "bb", "c", "dd", "ee"]) == ["bb", "dd", "ee"]
    assert sorted(judged) == [1, 2]


def test_the_store_is_asked_once_for_what_was_typed() -> None:
    asked: list[str] = []
    find = finding(lambda text: asked.append(text) or frozenset("b"), str.lower)
    found = find("text")
    assert ([row for row in "ABC" if found(row)], asked) == (["B"], ["text"])


def test_facts_leave_out_what_is_not_known() -> None:
    assert Facts.known("who", {"x.phone": "1", "x.mail": ""}, "below") == Facts(
        "who", ((message("x.phone"), "1"),), "below"
    )
