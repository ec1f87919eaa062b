"""What lists and recordings show: rows, steps, fingers, frames. A presenter makes them, a widget draws them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from fieldkit.domain.recording.positions import Position
from fieldkit.services.reports.sections import Cell, Chart, Told
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Command, Message, message

# What a chart draws: bars below each other or a line over days, always with their numbers.


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


class StepMark(StrEnum):
    """How far a step is."""

    PENDING = "pending"
    CURRENT = "current"
    DONE = "done"
    EXCEPTED = "excepted"
    DECLARED = "declared"  # on somebody's word
    INCOMPLETE = "incomplete"  # done, and a paper is missing
    MISSING = "missing"  # tried or passed over, and still needed


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the rail or of a timeline. `name` comes back in the signal when it is chosen."""

    name: str
    words: Message
    mark: StepMark = StepMark.PENDING
    detail: Message = ""


class FingerMark(StrEnum):
    """What is known of a finger."""

    PENDING = "pending"
    WANTED = "wanted"  # asked for in this step
    SCORED = "scored"
    EXCEPTED = "excepted"
    FAILED = "failed"  # all attempts used


@dataclass(frozen=True, slots=True)
class Finger:
    """One finger, or one eye, as the picture shows it. `quality` belongs to SCORED only."""

    position: Position
    mark: FingerMark = FingerMark.PENDING
    quality: int | None = None
    tone: Tone = Tone.NEUTRAL
    is_selected: bool = False


@dataclass(frozen=True, slots=True)
class QualityRow:
    """A line of the quality panel: whose, the number, the word for it; `beside` is what the device itself says."""

    label: Message
    value: str
    tag: Tag
    beside: Message = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A line of the list of attempts."""

    title: Message
    tag: Tag
    note: Message = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A big number with its label."""

    value: str
    label: Message
    tone: Tone = Tone.NEUTRAL

    @classmethod
    def some(cls, *counts: tuple[int, Message, Tone]) -> tuple[Number, ...]:
        """Return each count that is not 0, with its label and tone."""
        return tuple(cls(str(count), label, tone) for count, label, tone in counts if count)


@dataclass(frozen=True, slots=True)
class BigAction:
    """A card of Beranda that is a button as a whole."""

    action: Command
    line: Message
    headline: Message
    tone: Tone = Tone.NEUTRAL


class Guide(StrEnum):
    """What is drawn over the preview to show where to be."""

    NONE = "none"
    FACE = "face"
    EYES = "eyes"


@dataclass(frozen=True, slots=True)
class Frame:
    """A box on the preview, in thousandths of its width and height."""

    left: int
    top: int
    width: int
    height: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `width` in px at 100 %; 0 takes what is left."""

    title: Message
    width: int = 0


@dataclass(frozen=True, slots=True)
class FigureCell:
    """A cell: text with a quieter line below, or tags."""

    words: Message = ""
    detail: Message = ""
    tags: tuple[Tag, ...] = ()
    is_strong: bool = False
    is_muted: bool = False


def tagged(*tags: Tag | None, none: Message = "") -> FigureCell:
    """Return a cell of tags; None is left out, and where nothing is left stands `none`."""
    shown = tuple(tag for tag in tags if tag is not None)
    return FigureCell(tags=shown) if shown else FigureCell(none, is_muted=bool(none))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table; `name` comes back when it is opened."""

    name: str
    cells: tuple[FigureCell, ...]
    is_ticked: bool | None = None  # None: it has no box to tick


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table made on demand: `count` of them of `total`, `row(i)` gives one and must be quick."""

    count: int
    total: int
    row: Callable[[int], Row]


def rows_of(rows: tuple[Row, ...], total: int | None = None) -> Rows:
    """Return rows that are all in memory."""
    return Rows(len(rows), len(rows) if total is None else total, rows.__getitem__)


NO_ROWS = rows_of(())
