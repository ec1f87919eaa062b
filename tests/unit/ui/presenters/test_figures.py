from __future__ import annotations

import pytest

from ui.presenters.figures import NO_ROWS, Cell, Number, Row, rows_of, tagged
from ui.presenters.parts import Tag, Tone

ROWS = (Row("a", (Cell("SITI"),)), Row("b", (Cell("WARSITO"),)))


def test_rows_in_memory_are_all_there_unless_a_filter_hides_some() -> None:
    assert (rows_of(ROWS).count, rows_of(ROWS).total) == (2, 2)
    assert (rows_of(ROWS, 12).count, rows_of(ROWS, 12).total) == (2, 12)
    assert [rows_of(ROWS).row(place).name for place in range(2)] == ["a", "b"]


def test_no_rows_give_none() -> None:
    assert (NO_ROWS.count, NO_ROWS.total) == (0, 0)
    with pytest.raises(IndexError):
        NO_ROWS.row(0)


def test_a_cell_of_tags_leaves_out_none() -> None:
    tag = Tag("baru")
    assert tagged(None, tag).tags == (tag,)
    assert tagged(None).tags == ()
    assert tagged(None, none="–") == Cell("–", is_muted=True)


def test_a_count_of_nothing_is_no_number() -> None:
    assert Number.some((0, "open", Tone.SOFT), (2, "late", Tone.BAD)) == (Number("2", "late", Tone.BAD),)
