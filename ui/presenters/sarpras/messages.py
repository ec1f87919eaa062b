"""Sarpras in words and tags, and what the checklist shows: rows, the line under the cursor, what stands against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fieldkit.domain.errors import Problem
from fieldkit.domain.sarpras import (
    LEAST_BATTERY_PERCENT,
    LEAST_FREE_BYTES,
    MOST_SKEW_S,
    CheckIn,
    Checklist,
    CheckOut,
    Concern,
    Condition,
    CountLine,
    Gravity,
    ItemLine,
    LaptopReading,
    SarprasKind,
    TestResult,
    ready_count,
)
from fieldkit.ports.devices import Signature
from fieldkit.services.devices import DEVICE_OF
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Row, Rows
from ui.presenters.parts import Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Command, Message, message

CONDITION_TONES = {
    Condition.BAIK: Tone.GOOD,
    Condition.RUSAK_RINGAN: Tone.CAUTION,
    Condition.RUSAK_BERAT: Tone.BAD,
    Condition.HILANG: Tone.BAD,
}
_GB = 1024**3
COLUMNS = (
    Column(message("sarpras.item")),
    Column(message("sarpras.condition"), 176),
    Column(message("common.completeness"), 228),
    Column(message("sarpras.test"), 160),
)
_TONES = {Gravity.WARNS: Tone.CAUTION, Gravity.BLOCKS: Tone.BAD, Gravity.STOPS: Tone.BAD}


def condition_tag(condition: Condition | None) -> Tag:
    """Return a condition on its tone; what nobody looked at yet is neutral."""
    if condition is None:
        return Tag(message("common.not_checked"), Tone.NEUTRAL)
    return Tag(message(f"sarpras.condition.{condition.value}"), CONDITION_TONES[condition])


def answer_tag(key: str, answer: bool | None) -> Tag:
    """Return "Lengkap" or "Bersih" as a tick, a cross, or a question."""
    if answer is None:
        return Tag(message(f"sarpras.{key}_asked"), Tone.NEUTRAL)
    return (
        Tag(message(f"sarpras.{key}"), Tone.SOFT, "check") if answer else Tag(message(f"sarpras.not_{key}"), Tone.BAD)
    )


def test_tag(line: ItemLine) -> Tag | None:
    """Return what the self-test said, None for what people look at."""
    test = line.test
    if line.kind not in DEVICE_OF:
        return None
    if test is None:
        return Tag(message("sarpras.untested"), Tone.NEUTRAL)
    if line.is_other_device:
        return Tag(message("sarpras.other_device"), Tone.BAD)
    if not test.is_ok:
        return Tag(message("sarpras.absent" if test.code == "sarpras.no_device" else "sarpras.failed"), Tone.BAD)
    return Tag(message("sarpras.passed", seconds=seconds_text(test.ms)), Tone.GOOD)


def test_problem(test: TestResult | None) -> Problem | None:
    """Return what was wrong in a test."""
    return Problem(test.code, dict(test.params)) if test is not None and test.code and not test.is_ok else None


def seconds_text(ms: int) -> str:
    """Return seconds with one decimal: "1,9"."""
    return f"{ms / 1000:.1f}".replace(".", ",")


def serial_words(kind: SarprasKind, serial: str) -> Message:
    """Return a serial as such; the plate of a vehicle needs no name."""
    return serial if kind is SarprasKind.VEHICLE or not serial else message("sarpras.serial", serial=serial)


def line_row(line: ItemLine, *, is_under_test: bool) -> Row:
    """Return an item's row of the checklist."""
    detail = serial_words(line.kind, line.serial)
    if line.serial and line.spares:
        detail = message("sarpras.serial_spares", serial=line.serial, spares=line.spares)
    answers = () if line.is_lost else (answer_tag("complete", line.is_complete), answer_tag("clean", line.is_clean))
    tag = Tag(message("sarpras.testing")) if is_under_test and line.kind in DEVICE_OF else test_tag(line)
    test = FigureCell(tags=(tag,)) if tag is not None else FigureCell("–", is_muted=True)
    return Row(
        line.item_id,
        (
            FigureCell(line.name, detail or line.spares, is_strong=True),
            FigureCell(tags=(condition_tag(line.condition),)),
            FigureCell(tags=answers),
            test,
        ),
    )


def count_row(line: CountLine, most: str) -> Row:
    """Return a consumable's row; `most` is the message for the stock, or for what went out."""
    counted = Tag(
        message("sarpras.counted", count=line.count, unit=line.unit), Tone.SOFT if line.count else Tone.NEUTRAL
    )
    detail = message(most, most=line.most, unit=line.unit)
    if line.used is not None:
        detail = message("sarpras.blanks_back", numbers=line.numbers, used=line.used, left=line.most)
    elif line.numbers:
        detail = message("sarpras.blanks_out", numbers=line.numbers, most=line.most)
    return Row(
        line.consumable_id,
        (
            FigureCell(line.name, detail, is_strong=True),
            FigureCell(tags=(counted,)),
            FigureCell(message("sarpras.count_keys"), is_muted=True),
            FigureCell("–", is_muted=True),
        ),
    )


def gauge_tags(laptop: LaptopReading | None) -> tuple[Tag, ...]:
    """Return power, disk and clock of the laptop; what nobody can say is neutral."""
    if laptop is None:
        return (Tag(message("sarpras.not_measured"), Tone.NEUTRAL, "battery"),)
    return (_battery(laptop), _disk(laptop), _clock(laptop))


def _battery(laptop: LaptopReading) -> Tag:
    percent = laptop.battery_percent
    if percent is None:
        return Tag(message("sarpras.battery_unknown"), Tone.NEUTRAL, "battery")
    tone = Tone.GOOD if percent >= LEAST_BATTERY_PERCENT else Tone.CAUTION
    key = "sarpras.battery_plugged" if laptop.is_plugged else "sarpras.battery"
    return Tag(message(key, percent=percent), tone, "battery")


def _disk(laptop: LaptopReading) -> Tag:
    if laptop.free_bytes is None:
        return Tag(message("sarpras.disk_unknown"), Tone.NEUTRAL, "disk")
    tone = Tone.GOOD if laptop.free_bytes >= LEAST_FREE_BYTES else Tone.BAD
    return Tag(message("sarpras.disk", gb=laptop.free_bytes // _GB), tone, "disk")


def _clock(laptop: LaptopReading) -> Tag:
    if laptop.clock_skew_s is None:
        return Tag(message("sarpras.clock_unknown"), Tone.NEUTRAL, "clock")
    tone = Tone.GOOD if abs(laptop.clock_skew_s) <= MOST_SKEW_S else Tone.CAUTION
    return Tag(message("sarpras.clock", seconds=f"{laptop.clock_skew_s:+.1f}".replace(".", ",")), tone, "clock")


def unsent_tag(count: int, oldest_at: datetime, now: datetime) -> Tag:
    """Return how many records wait and for how long, in hours or days."""
    age = now - oldest_at
    if age < timedelta(days=2):
        hours = max(1, round(age.total_seconds() / 3600))
        return Tag(message("sarpras.unsent_hours", count=count, age=hours), Tone.BAD, "up")
    return Tag(message("sarpras.unsent_days", count=count, age=age.days), Tone.BAD, "up")


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


def closed_toast(held: CheckOut | CheckIn) -> Toast:
    """Return what left or came back, counted; what is lost or damaged is never told as all good."""
    lines, way = held.checklist.lines, "in" if isinstance(held, CheckIn) else "out"
    lost = sum(line.is_lost for line in lines)
    damaged = sum(line.condition in (Condition.RUSAK_RINGAN, Condition.RUSAK_BERAT) for line in lines)
    if not lost + damaged:
        return Toast(message(f"sarpras.{way}_done", count=len(lines)))
    counted = {"count": len(lines) - lost, "lost": lost, "damaged": damaged}
    return Toast(message(f"sarpras.{way}_done_but", **counted), Tone.CAUTION)


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
