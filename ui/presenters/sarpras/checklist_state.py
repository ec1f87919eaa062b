"""What the checklist shows: the rows, the line under the cursor, what stands against going on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras.checklist import Checklist, ItemLine
from fieldkit.domain.sarpras.rules import Concern, Gravity, ready_count
from fieldkit.ports.devices import Signature
from ui.presenters.commands import Command
from ui.presenters.figures import NO_ROWS, Column, Row, Rows
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone, ViewState
from ui.presenters.sarpras.messages import count_row, line_row, test_problem

COLUMNS = (
    Column(message("sarpras.item")),
    Column(message("sarpras.condition"), 176),
    Column(message("sarpras.completeness"), 228),
    Column(message("sarpras.test"), 160),
)
_TONES = {Gravity.WARNS: Tone.CAUTION, Gravity.BLOCKS: Tone.BAD, Gravity.STOPS: Tone.BAD}


@dataclass(frozen=True, slots=True)
class Answer:
    """What can be said of the item under the cursor, and whether it is."""

    command: Command
    is_on: bool = False


@dataclass(frozen=True, slots=True)
class LineShown:
    """The item under the cursor, with everything that can be said of it."""

    name: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class CounterShown:
    """The consumable under the cursor."""

    name: str
    count: int
    unit: str
    limit: Message
    fewer: Command
    more: Command


@dataclass(frozen=True, slots=True)
class Attention:
    """What stands against going on, of the line under the cursor or of the whole list."""

    problem: Problem  # with what to do; the others are counted
    tone: Tone
    more: Message = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistState(ViewState):
    """The list, the line under the cursor, what stands against it, and the signature."""

    title: Message = ""
    tags: tuple[Tag, ...] = ()
    rows: Rows = NO_ROWS
    cursor: str = ""  # the name of the row on which to stand
    line: LineShown | None = None
    counter: CounterShown | None = None
    gauges: tuple[Tag, ...] = ()
    attention: Attention | None = None
    override: Command | None = None
    izin: Message = ""
    ink: Signature | None = None
    is_closed: bool = False
    choose_kits: Command | None = None


def names_of(checklist: Checklist) -> list[str]:
    """Return the names of the rows in order."""
    return [*(line.item_id for line in checklist.lines), *(line.consumable_id for line in checklist.counts)]


def next_waiting(checklist: Checklist, name: str) -> str:
    """Return the next row that waits for an answer, round to the top; with none the row below."""
    names = names_of(checklist)
    below, above = names[names.index(name) + 1 :], names[: names.index(name)]
    waiting = {line.item_id for line in checklist.lines if not line.is_answered}
    return next((other for other in (*below, *above) if other in waiting), (*below, name)[0])


def head_tags(checklist: Checklist, concerns: Sequence[Concern]) -> tuple[Tag, ...]:
    """Return how many lines are ready and how many want to be looked at."""
    total, ready = len(checklist.lines), ready_count(checklist)
    tags = [Tag(message("sarpras.ready", ready=ready, total=total), Tone.GOOD if 0 < total == ready else Tone.SOFT)]
    items = {concern.item_id for concern in concerns if concern.item_id}
    if items:
        tags.append(Tag(message("sarpras.attention_count", count=len(items)), Tone.CAUTION))
    return tuple(tags)


def rows_shown(checklist: Checklist, way: str, *, is_under_test: bool) -> tuple[Row, ...]:
    """Return a row for each item, then one for each consumable."""
    lines = tuple(line_row(line, is_under_test=is_under_test) for line in checklist.lines)
    return (*lines, *(count_row(line, f"sarpras.{way}_limit") for line in checklist.counts))


def attention(concerns: Sequence[Concern], selected: str, line: ItemLine | None) -> Attention | None:
    """Return what is wrong with the line under the cursor, else with the list; how many lines wait is in the head."""
    mine = [concern for concern in concerns if selected and concern.item_id == selected]
    shown = mine or [concern for concern in concerns if concern.problem.code != "sarpras.unchecked"]
    if not shown:
        return None
    detail = test_problem(line.test) if line is not None and mine else None
    more = message("sarpras.more", count=len(concerns) - 1) if len(concerns) > 1 else ""
    return Attention(detail or shown[0].problem, _TONES[max(concern.gravity for concern in shown)], more)
