"""Tenggat: the SLA clocks of records, what each waits for, why its due time moved; stopped and started again here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.facts import CardFacts, ClockPause
from fieldkit.domain.cards.sla import ClockState
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.profile import ClockStart
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses.run_clocks import ClockLine
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell, tagged
from ui.presenters.lists import ALL, Facts, Head, Hint, Listed, ListScreen, Panel, a_chip_each, named, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Tag, Tone
from ui.presenters.statuses.clock_messages import (
    STATE_TONES,
    about,
    due_text,
    moved_words,
    reading_tag,
    rule_words,
    why_moved,
)

_ORDER = (ClockState.MISSED, ClockState.PAUSED, ClockState.RUNNING, ClockState.NOT_STARTED, ClockState.KEPT)


class Clocks:
    """The clocks of all activities or of one; Enter stops or starts those of the row under the cursor."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "", record_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._record_id = record_id  # where the cursor stands at first

    def screen(self) -> ListScreen[ClockLine]:
        """Return the list."""
        person: Head[ClockLine] = named(
            message("status.person"), lambda line: line.record.masked_name, lambda line: line.record.masked_nik, 172
        )
        return ListScreen(
            title=message("tenggat.title"),
            heads=(
                person,
                Head(message("tenggat.promise"), _promise, 206, lambda line: line.reading.rule.rule_id),
                Head(message("tenggat.state"), lambda line: tagged(reading_tag(line.reading)), 184, _urgency),
                Head(message("tenggat.due"), self._due, 0, _due_order),
                Head(message("tenggat.moved"), _moved, 160, lambda line: sum(m.amount for m in line.reading.moved)),
            ),
            load=lambda: self._context.office.clocks.lines(self._of),
            name=lambda line: f"{line.record.record_id} {line.reading.rule.rule_id}",
            find=self._find,
            reads=frozenset({"record", "setting", CardCase.KIND, CardFacts.KIND, ClockPause.KIND}),
            filters=((ALL, *a_chip_each(_ORDER, "tenggat.state_", lambda line: line.reading.state, STATE_TONES)),),
            empty=nothing_yet(message("tenggat.empty"), message("tenggat.empty_hint")),
            side=self._side,
            commands=self._commands,
            begins_at=lambda line: line.record.record_id == self._record_id,
        )

    def _find(self, text: str) -> Callable[[ClockLine], bool]:
        records = self._context.office.statuses.find(text)
        return lambda line: line.record.record_id in records

    def _due(self, line: ClockLine) -> Cell:
        clock = self._context.clock
        return Cell(due_text(line.reading, clock) or message("tenggat.no_due"), about(line.reading, clock))

    def _side(self, listed: Listed[ClockLine]) -> tuple[Panel, ...]:
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

    def _commands(self, listed: Listed[ClockLine]) -> tuple[Command, ...]:
        line, words, hold = listed.current, message("tenggat.facts"), message("tenggat.pause")
        if line is None:
            none = message("status.none")
            return (Command("write_facts", words, Action.PERSON_NOTES, refused=none), enter(hold, None, none))
        of, at, opens = line.record.activity_id, line.record.record_id, partial(opening, self._navigator)
        no_facts: Message = "" if self._context.user.may(Permission.REGISTER) else message("tenggat.facts_not_yours")
        facts = opens("write_facts", words, Action.PERSON_NOTES, no_facts, "card_facts", record_id=at)
        refused = self._refusal(line)
        if line.pause is not None:
            return (facts, enter(message("tenggat.resume"), self._resume(line.pause), refused))
        return (facts, opens("accept", hold, Action.ACCEPT, refused, "clock_pause", activity_id=of, record_id=at))

    def _resume(self, pause: ClockPause) -> Operation[ClockPause]:
        resume = self._context.office.clocks.resume
        return Operation(work=lambda: resume(pause.thing_id), told=lambda _: message("tenggat.resumed"))

    def _refusal(self, line: ClockLine) -> Message:
        if not self._context.user.may(Permission.TYPE_STATUS):
            return message("status.not_yours")
        if not line.reading.rule.pauses:
            return message("tenggat.no_pauses")
        return message("tenggat.is_over") if line.reading.ended_at is not None else ""


def _promise(line: ClockLine) -> Cell:
    is_from_file = line.reading.rule.start is ClockStart.FILE_AND_RECORDING
    return Cell(rule_words(line.reading.rule), message("tenggat.from_file" if is_from_file else "tenggat.from_unique"))


def _urgency(line: ClockLine) -> int:
    return _ORDER.index(line.reading.state)


def _due_order(line: ClockLine) -> float:
    due = line.reading.due_at
    return due.timestamp() if due else float("inf")


def _moved(line: ClockLine) -> Cell:
    moved = line.reading.moved
    if not moved:
        return Cell()
    longest = replace(max(moved, key=lambda each: each.amount), amount=sum(each.amount for each in moved))
    return tagged(Tag(moved_words(longest, line.reading.rule.unit), Tone.CAUTION, "clock"))
