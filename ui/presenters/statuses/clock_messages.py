"""The clocks of cards in words: what is promised, how it stands, when it is due and why that moved."""

from __future__ import annotations

from datetime import datetime, timedelta

from fieldkit.domain.cards.sla import Awaited, ClockReading, ClockRule, ClockState, ClockUnit, Moved, Pause
from fieldkit.ports.clock import Clock
from ui.presenters.amounts import clock_text, day_text, moment_text
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone

_HOURS_BELOW = timedelta(hours=48)
STATE_TONES = {
    ClockState.NOT_STARTED: Tone.NEUTRAL,
    ClockState.RUNNING: Tone.SOFT,
    ClockState.PAUSED: Tone.CAUTION,
    ClockState.KEPT: Tone.GOOD,
    ClockState.MISSED: Tone.BAD,
}


def rule_words(rule: ClockRule) -> Message:
    """Return what is promised: "14 hari kerja", "24 jam setelah penunggalan"."""
    if rule.unit is ClockUnit.WORKDAYS:
        return message("tenggat.rule_workdays", days=rule.amount)
    return message("tenggat.rule_hours", hours=rule.amount // 60)


def state_tag(state: ClockState) -> Tag:
    """Return how a clock stands."""
    icon = "clock" if state is ClockState.PAUSED else ""
    return Tag(message(f"tenggat.state_{state.value}"), STATE_TONES[state], icon)


def reading_tag(reading: ClockReading) -> Tag:
    """Return how a clock stands, and that it waits for an age where it does."""
    tag = state_tag(reading.state)
    return tag._replace(words=message("tenggat.awaits_17")) if reading.awaits is Awaited.AGE else tag


def due_text(reading: ClockReading, clock: Clock) -> str:
    """Return the due day, with the time where hours are counted; "" for a clock that has not started."""
    if reading.due_at is None:
        return ""
    due = clock.local(reading.due_at)
    return day_text(due.date()) if reading.rule.unit is ClockUnit.WORKDAYS else moment_text(due)


def about(reading: ClockReading, clock: Clock) -> Message:
    """Return what is left, by how much it is late, or what the clock waits for."""
    if reading.awaits is Awaited.AGE and reading.starts_at is not None:
        return message("tenggat.begins_at_17", day=day_text(clock.local(reading.starts_at).date()))
    if reading.awaits is not None:
        return message(f"tenggat.awaits_{reading.awaits.value}")
    if reading.ended_at is not None:
        return message("tenggat.ended_at", day=day_text(clock.local(reading.ended_at).date()))
    if reading.due_at is None:
        return ""
    left = reading.due_at - clock.now()
    return _late(-left) if left < timedelta() else _left(left)


def moved_words(moved: Moved, unit: ClockUnit) -> Message:
    """Return by how much a pause moved the due time."""
    if unit is ClockUnit.WORKDAYS:
        return message("tenggat.moved_days", days=moved.amount)
    return message("tenggat.moved_minutes", minutes=moved.amount)


def why_moved(reading: ClockReading, clock: Clock) -> tuple[tuple[Message, Message], ...]:
    """Return why the due time moved: what each pause cost, its reason and its time."""
    return tuple((moved_words(moved, reading.rule.unit), pause_words(moved.pause, clock)) for moved in reading.moved)


def pause_words(pause: Pause, clock: Clock) -> Message:
    """Return reason, note and time of a pause."""
    span = _span(pause.began_at, pause.ended_at, clock)
    return message(f"tenggat.why_{pause.reason.value}", note=pause.note, span=span)


def _span(began: datetime, ended: datetime | None, clock: Clock) -> str:
    first = clock.local(began)
    if ended is None:
        return f"{moment_text(first)} –"
    last = clock.local(ended)
    same = first.date() == last.date()
    return f"{moment_text(first)}–{clock_text(last)}" if same else f"{moment_text(first)} – {moment_text(last)}"


def _left(left: timedelta) -> Message:
    if left < _HOURS_BELOW:
        return message("tenggat.left_hours", hours=left // timedelta(hours=1))
    return message("tenggat.left_days", days=left.days)


def _late(late: timedelta) -> Message:
    if late < _HOURS_BELOW:
        return message("tenggat.late_hours", hours=max(1, late // timedelta(hours=1)))
    return message("tenggat.late_days", days=late.days)
