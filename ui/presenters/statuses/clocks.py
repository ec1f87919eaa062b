"""Tenggat: the SLA clocks of records, what each waits for, why its due time moved; stopped and started again here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.facts import CardFacts, ClockPause
from fieldkit.domain.cards.sla import ClockReading, ClockState
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.profile import ClockStart
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell
from ui.presenters.lists import ALL, Facts, Filter, Head, Hint, Listed, ListScreen, Panel, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Tag, Tone
from ui.presenters.statuses.clock_messages import (
    about,
    due_text,
    moved_words,
    reading_tag,
    rule_words,
    state_tag,
    why_moved,
)

_ORDER = (ClockState.MISSED, ClockState.PAUSED, ClockState.RUNNING, ClockState.NOT_STARTED, ClockState.KEPT)


@dataclass(frozen=True, slots=True)
class Line:
    """One clock of one record, and the newest pause that still holds it."""

    record: SealedRecord
    reading: ClockReading
    pause: ClockPause | None

    @property
    def name(self) -> str:
        """Return what it is known by."""
        return f"{self.record.record_id} {self.reading.rule.rule_id}"


class Clocks:
    """The clocks of all activities or of one; Enter stops or starts those of the row under the cursor."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "", record_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._record_id = record_id  # where the cursor stands at first

    def screen(self) -> ListScreen[Line]:
        """Return the list."""
        person: Head[Line] = Head(
            message("status.person"),
            lambda line: Cell(line.record.masked_name, line.record.masked_nik, is_strong=True),
            172,
            lambda line: line.record.masked_name,
        )
        return ListScreen(
            title=message("tenggat.title"),
            heads=(
                person,
                Head(message("tenggat.promise"), _promise, 206, lambda line: line.reading.rule.rule_id),
                Head(
                    message("tenggat.state"),
                    lambda line: Cell(tags=(reading_tag(line.reading),)),
                    184,
                    lambda line: _ORDER.index(line.reading.state),
                ),
                Head(message("tenggat.due"), self._due, 0, _due_order),
                Head(message("tenggat.moved"), _moved, 160, lambda line: sum(m.amount for m in line.reading.moved)),
            ),
            load=self._load,
            name=lambda line: line.name,
            find=self._find,
            reads=frozenset({"record", "setting", CardCase.KIND, CardFacts.KIND, ClockPause.KIND}),
            filters=((ALL, *map(_state_chip, _ORDER)),),
            empty=nothing_yet(message("tenggat.empty"), message("tenggat.empty_hint")),
            side=self._side,
            commands=self._commands,
            begins_at=lambda line: line.record.record_id == self._record_id,
        )

    def _load(self) -> Sequence[Line]:
        clocks = self._context.office.clocks
        standing = [pause for pause in clocks.pauses() if pause.ended_at is None]

        def pause_of(record: SealedRecord) -> ClockPause | None:
            return next((each for each in standing if each.holds_for(record.activity_id, record.record_id)), None)

        return [
            Line(card.record, reading, pause_of(card.record))
            for card in clocks.all(self._of)
            for reading in card.readings
        ]

    def _find(self, text: str) -> Callable[[Line], bool]:
        records = self._context.office.statuses.find(text)
        return lambda line: line.record.record_id in records

    def _due(self, line: Line) -> Cell:
        clock = self._context.clock
        return Cell(due_text(line.reading, clock) or message("tenggat.no_due"), about(line.reading, clock))

    def _side(self, listed: Listed[Line]) -> tuple[Panel, ...]:
        line = listed.current
        if line is None:
            return ()
        reading, local = line.reading, self._context.clock.local
        facts: list[tuple[Message, Message]] = [(message("tenggat.promise"), rule_words(reading.rule))]
        if reading.starts_at is not None:
            facts.append((message("tenggat.starts"), moment_text(local(reading.starts_at))))
        if reading.due_at is not None:
            facts.append((message("tenggat.due"), due_text(reading, self._context.clock)))
        if reading.ended_at is not None:
            facts.append((message("tenggat.printed"), moment_text(local(reading.ended_at))))
        panels: list[Panel] = []
        if line.pause is not None and reading.state is ClockState.PAUSED:
            since = message("tenggat.since", at=moment_text(local(line.pause.began_at)), note=line.pause.note)
            panels.append(Hint(message(f"tenggat.reason_{line.pause.reason.value}"), since, Tone.CAUTION))
        panels.append(Facts(f"{line.record.masked_name} · {line.record.masked_nik}", tuple(facts)))
        if reading.moved:
            panels.append(Facts(message("tenggat.why_moved"), why_moved(reading, self._context.clock)))
        if years := ", ".join(map(str, reading.unpublished_years)):
            panels.append(Hint(message("tenggat.unpublished", years=years), tone=Tone.CAUTION))
        return tuple(panels)

    def _commands(self, listed: Listed[Line]) -> tuple[Command, ...]:
        line = listed.current
        none: Message = "" if line else message("status.none")
        facts = none or ("" if self._context.user.may(Permission.REGISTER) else message("tenggat.facts_not_yours"))
        note, hold = message("tenggat.facts"), message("tenggat.pause")
        if line is None:
            return (Command("write_facts", note, Action.PERSON_NOTES, refused=facts), enter(hold, None, none))
        go, of, at = self._navigator.push, line.record.activity_id, line.record.record_id
        accept = enter(hold, None, self._refusal(line))
        if line.pause is None:
            accept = replace(accept, runs=lambda: go("clock_pause", activity_id=of, record_id=at))
        else:
            accept = replace(accept, words=message("tenggat.resume"), runs=self._resume(line.pause))
        return (
            Command(
                "write_facts", note, Action.PERSON_NOTES, refused=facts, runs=lambda: go("card_facts", record_id=at)
            ),
            accept,
        )

    def _resume(self, pause: ClockPause) -> Operation[ClockPause]:
        resume = self._context.office.clocks.resume
        return Operation(work=lambda: resume(pause.thing_id), told=lambda _: message("tenggat.resumed"))

    def _refusal(self, line: Line) -> Message:
        if not self._context.user.may(Permission.TYPE_STATUS):
            return message("status.not_yours")
        if not line.reading.rule.pauses:
            return message("tenggat.no_pauses")
        return message("tenggat.is_over") if line.reading.ended_at is not None else ""


def _state_chip(state: ClockState) -> Filter[Line]:
    tag = state_tag(state)
    return Filter(state, tag.words, lambda line: line.reading.state is state, tag.tone)


def _promise(line: Line) -> Cell:
    is_from_file = line.reading.rule.start is ClockStart.FILE_AND_RECORDING
    return Cell(rule_words(line.reading.rule), message("tenggat.from_file" if is_from_file else "tenggat.from_unique"))


def _due_order(line: Line) -> float:
    due = line.reading.due_at
    return due.timestamp() if due else float("inf")


def _moved(line: Line) -> Cell:
    moved = line.reading.moved
    if not moved:
        return Cell()
    longest = replace(max(moved, key=lambda each: each.amount), amount=sum(each.amount for each in moved))
    return Cell(tags=(Tag(moved_words(longest, line.reading.rule.unit), Tone.CAUTION, "clock"),))
