from __future__ import annotations

import pytest

from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Row, rows_of
from ui.presenters.messages import message
from ui.presenters.parts import Empty


def test_rows_in_memory_count_themselves_and_know_what_a_search_left_out() -> None:
    rows = (Row("a", (Cell("A"),)), Row("b", (Cell("B"),)))
    assert rows_of(rows).total == 2
    found = rows_of(rows, total=12)
    assert (found.count, found.total, found.row(1).name) == (2, 12, "b")
    with pytest.raises(IndexError):
        found.row(2)


def test_what_is_empty_says_its_phrase_and_the_hint_below() -> None:
    add = Command("add", "Tambah")
    assert Empty.of("x.none", add) == Empty(message("x.none"), message("x.none_hint"), add)
