"""What a chart draws: bars below each other or a line over days, always with their numbers."""

from __future__ import annotations

from dataclasses import dataclass

from fieldkit.services.reports.sections import Cell, Chart, Told
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar: its name, its length in the measure of the chart, what stands beside it, where its standard is."""

    label: Message
    value: int
    shown: Message
    tone: Tone = Tone.SOFT
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class ChartShown:
    """A chart; `top` is what the whole length stands for, `legend` says what marks and colours mean."""

    bars: tuple[ChartBar, ...] = ()
    is_line: bool = False
    legend: Message = ""
    top: int = 1


NO_CHART = ChartShown()


def words_of(told: Told) -> Message:
    """Return what a report says as words of a screen."""
    return told if isinstance(told, str) else message(told.key, **told.params)


def cell_words(cell: Cell) -> Message:
    """Return a cell of a report as words of a screen; a dash where there is nothing to say."""
    if cell is None:
        return "–"
    return str(cell) if isinstance(cell, int) else words_of(cell)


def chart_of(chart: Chart) -> ChartShown:
    """Return a chart of a report as a screen draws it."""
    bars = tuple(
        ChartBar(words_of(bar.label), bar.value, words_of(bar.shown), Tone(bar.mood.value), bar.mark)
        for bar in chart.bars
    )
    return ChartShown(bars, chart.is_line, words_of(chart.legend), chart.top)
