"""Tenggat: the SLA clocks of records, what each waits for, why its due time moved; stopped and started again here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from fieldkit.domain.cards.card import CardCase, CardFacts, ClockPause
from fieldkit.domain.cards.printing import Awaited, ClockReading, ClockRule, ClockState, ClockUnit, Moved, Pause
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.profile import ClockStart
from fieldkit.ports.clock import Clock
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses import ClockLine
from ui.presenters.amounts import clock_text, day_text, moment_text
from ui.presenters.figures import FigureCell
from ui.presenters.lists import (
    ALL,
    Facts,
    Filter,
    Head,
    Hint,
    Listed,
    ListScreen,
    OfficeList,
    Panel,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message

_ORDER = (ClockState.MISSED, ClockState.PAUSED, ClockState.RUNNING, ClockState.NOT_STARTED, ClockState.KEPT)
_HOURS_BELOW = timedelta(hours=48)
STATE_TONES = {
    ClockState.NOT_STARTED: Tone.NEUTRAL,
    ClockState.RUNNING: Tone.SOFT,
    ClockState.PAUSED: Tone.CAUTION,
    ClockState.KEPT: Tone.GOOD,
    ClockState.MISSED: Tone.BAD,
}


class Clocks(OfficeList):
    """The clocks of all activities or of one; Enter stops or starts those of the row under the cursor."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "", record_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._record_id = record_id  # where the cursor stands at first

    def screen(self) -> ListScreen[ClockLine]:
        """Return the list."""
        person: Head[ClockLine] = Head.named(
            message("common.person"), lambda line: line.record.masked_name, lambda line: line.record.masked_nik, 172
        )
        return ListScreen(
            title=message("tenggat.title"),
            heads=(
                person,
                Head(message("tenggat.promise"), _promise, 206, lambda line: line.reading.rule.rule_id),
                Head.tagged(message("common.state"), lambda line: reading_tag(line.reading), 184, _urgency),
                Head(message("tenggat.due"), self._due, 0, _due_order),
                Head.tagged(
                    message("tenggat.moved"), _moved, 160, lambda line: sum(m.amount for m in line.reading.moved)
                ),
            ),
            load=lambda: self._office.clocks.lines(self._of),
            name=lambda line: f"{line.record.record_id} {line.reading.rule.rule_id}",
            find=finding(self._office.statuses.find, lambda line: line.record.record_id),
            reads=frozenset({"record", "setting", CardCase.KIND, CardFacts.KIND, ClockPause.KIND}),
            filters=((ALL, *Filter.each(_ORDER, "tenggat.state_", lambda line: line.reading.state, STATE_TONES)),),
            empty=nothing_yet("tenggat.empty"),
            side=self._side,
            commands=self._commands,
            begins_at=lambda line: line.record.record_id == self._record_id,
        )

    def _due(self, line: ClockLine) -> FigureCell:
        clock = self._context.clock
        return FigureCell(due_text(line.reading, clock) or message("tenggat.no_due"), about(line.reading, clock))

    def _side(self, listed: Listed[ClockLine]) -> tuple[Panel, ...]:
        line = listed.current
        if line is None:
            return ()
        reading, at = line.reading, self._moment_text
        known: Mapping[str, Message] = {
            "tenggat.promise": rule_words(reading.rule),
            "tenggat.began": at(reading.starts_at) if reading.starts_at else "",
            "tenggat.due": due_text(reading, self._context.clock),
            "common.printed": at(reading.ended_at) if reading.ended_at else "",
            "field.perekaman": message("field.perekaman_resmi") if line.record.is_official else "",
        }
        panels: list[Panel] = []
        if line.pause is not None and reading.state is ClockState.PAUSED:
            since = message("tenggat.since", at=at(line.pause.began_at), note=line.pause.note)
            panels.append(Hint(message(f"tenggat.reason_{line.pause.reason.value}"), since, Tone.CAUTION))
        panels.append(Facts.known(f"{line.record.masked_name} · {line.record.masked_nik}", known))
        if reading.moved:
            panels.append(Facts(message("tenggat.why_moved"), why_moved(reading, self._context.clock)))
        if years := ", ".join(map(str, reading.unpublished_years)):
            panels.append(Hint(message("tenggat.unpublished", years=years), tone=Tone.CAUTION))
        return tuple(panels)

    def _commands(self, listed: Listed[ClockLine]) -> tuple[Command, ...]:
        line, words, hold = listed.current, message("tenggat.facts"), message("common.pause")
        if line is None:
            none = message("status.none")
            return (Command("write_facts", words, Action.PERSON_NOTES, refused=none), enter(hold, None, none))
        of, at, opens = line.record.activity_id, line.record.record_id, self._opens
        no_facts = self._refusal(Permission.REGISTER, "tenggat.facts_not_yours")
        facts = opens("write_facts", words, Action.PERSON_NOTES, no_facts, "card_facts", record_id=at)
        refused = self._refused(line)
        if line.pause is not None:
            return (facts, enter(message("tenggat.resume"), self._resume(line.pause), refused))
        return (facts, opens("accept", hold, Action.ACCEPT, refused, "clock_pause", activity_id=of, record_id=at))

    def _resume(self, pause: ClockPause) -> Operation[ClockPause]:
        resume = self._office.clocks.resume
        return Operation(work=lambda: resume(pause.thing_id), told=lambda _: message("tenggat.resumed"))

    def _refused(self, line: ClockLine) -> Message:
        if not_yours := self._refusal(Permission.TYPE_STATUS, "status.not_yours"):
            return not_yours
        if not line.reading.rule.pauses:
            return message("tenggat.no_pauses")
        return message("tenggat.is_over") if line.reading.ended_at is not None else ""


def _promise(line: ClockLine) -> FigureCell:
    is_from_file = line.reading.rule.start is ClockStart.FILE_AND_RECORDING
    return FigureCell(
        rule_words(line.reading.rule), message("tenggat.from_file" if is_from_file else "tenggat.from_unique")
    )


def _urgency(line: ClockLine) -> int:
    return _ORDER.index(line.reading.state)


def _due_order(line: ClockLine) -> float:
    due = line.reading.due_at
    return due.timestamp() if due else float("inf")


def _moved(line: ClockLine) -> Tag | None:
    moved = line.reading.moved
    if not moved:
        return None
    longest = replace(max(moved, key=lambda each: each.amount), amount=sum(each.amount for each in moved))
    return Tag(moved_words(longest, line.reading.rule.unit), Tone.CAUTION, "clock")


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
