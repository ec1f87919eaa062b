from __future__ import annotations

from dataclasses import replace

import pytest

from fieldkit.domain.errors import Problem
from ui.presenters.figures import FigureCell, Row, rows_of
from ui.presenters.parts import Bar, Empty, Stage, Toast, leave, unread
from ui.presenters.presenter import Command, message
from ui.presenters.recording.panels import CardCheckState


def test_rows_in_memory_count_themselves_and_know_what_a_search_left_out() -> None:
    rows = (Row("a", (FigureCell("A"),)), Row("b", (FigureCell("B"),)))
    assert rows_of(rows).total == 2
    found = rows_of(rows, total=12)
    assert (found.count, found.total, found.row(1).name) == (2, 12, "b")
    with pytest.raises(IndexError):
        found.row(2)


def test_what_is_empty_says_its_phrase_and_the_hint_below() -> None:
    add = Command("add", "Tambah")
    assert Empty.of("x.none", add) == Empty(message("x.none"), message("x.none_hint"), add)


class Card:
    def __init__(self) -> None:
        self.done: list[str] = []

    def refresh(self) -> None:
        self.done.append("refresh")

    def back(self) -> None:
        self.done.append("back")


def test_a_screen_that_could_not_be_read_keeps_what_it_has_and_offers_two_ways() -> None:
    before = CardCheckState(stage=Stage.LOADING, where="Jimbe", title="SITI", toast=Toast(message("act.back")))
    card = Card()
    after = unread(before, Problem("store.damaged"), card)
    assert (after.stage, after.problem, after.bar) == (Stage.ERROR, Problem("store.damaged"), Bar(leave(card.back)))
    for command in (after.retry, after.bar.back):
        command.runs()
    assert card.done == ["refresh", "back"]
    assert replace(after, stage=before.stage, problem=None, retry=None, bar=before.bar) == before
    assert after.title == "SITI"
