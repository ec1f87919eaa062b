from __future__ import annotations

from fieldkit.services.reports.sections import Bar, Chart, Mood, Term
from ui.presenters.charts import NO_CHART, ChartBar, cell_words, chart_of, words_of
from ui.presenters.messages import message
from ui.presenters.parts import Tone


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
