from __future__ import annotations

import pytest

from fieldkit.services.reports.sections import Bar, Chart, Mood, Term
from ui.presenters.figures import (
    NO_CHART,
    NO_ROWS,
    ChartBar,
    FigureCell,
    Number,
    Row,
    cell_words,
    chart_of,
    rows_of,
    tagged,
    words_of,
)
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message

ROWS = (Row("a", (FigureCell("SITI"),)), Row("b", (FigureCell("WARSITO"),)))


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
    assert tagged(None, none="–") == FigureCell("–", is_muted=True)


def test_a_count_of_nothing_is_no_number() -> None:
    assert Number.some((0, "open", Tone.SOFT), (2, "late", Tone.BAD)) == (Number("2", "late", Tone.BAD),)


def test_a_chart_keeps_its_measure_and_its_marks() -> None:
    bar = Bar(Term("reports.band", {"first": 1, "last": 10}), 7, "7", Mood.BAD, mark=9)
    shown = chart_of(Chart((bar,), legend="garis"))
    assert shown.bars == (ChartBar(message("reports.band", first=1, last=10), 7, "7", Tone.BAD, 9),)
    assert (shown.top, shown.legend, shown.is_line) == (9, "garis", False)
    assert chart_of(Chart(())) == NO_CHART


def test_a_chart_of_scores_never_stretches_them() -> None:
    assert chart_of(Chart((Bar("a", 40, "40"),), least_top=100)).top == 100


def test_every_mood_has_its_tone() -> None:
    assert [Tone(mood.value) for mood in Mood]


def test_a_cell_is_a_number_a_word_or_a_dash() -> None:
    assert (cell_words(3), cell_words(None), cell_words("Jimbe")) == ("3", "–", "Jimbe")
    assert cell_words(Term("reports.title")) == words_of(Term("reports.title")) == message("reports.title")
