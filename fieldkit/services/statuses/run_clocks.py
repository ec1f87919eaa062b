"""The clocks of cards: how each stands, and what stops them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache

from fieldkit.domain.cards.facts import CardFacts, ClockPause
from fieldkit.domain.cards.sla import ClockFacts, ClockReading, ClockRule, ClockState, clock_rules, read_clock
from fieldkit.domain.delivery.central_status import CentralCode, CentralStatus, is_dead, known_code
from fieldkit.domain.delivery.sealed import QueueEntry, SealedRecord
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.calendar import WorkCalendar
from fieldkit.domain.sop.profile import PauseReason, Sla
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.requests import SuratPermohonan
from fieldkit.ports.figures import RecordLine
from fieldkit.ports.store import Unit
from fieldkit.services.planning.keep_calendar import KeepCalendar
from fieldkit.services.unit_of_work import UnitsOfWork

_LATELY = timedelta(days=30)
_PRINTED = (CentralCode.CARD_PRINTED, CentralCode.CARD_SHIPPED, CentralCode.CARD_ISSUED)
_ENDED = frozenset(code.value for code in _PRINTED)


@dataclass(frozen=True, slots=True)
class CardClocks:
    """The clocks of one record; none where its activity runs an SOP without a promise."""

    record: SealedRecord
    readings: tuple[ClockReading, ...]


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock of one record, and the newest pause that still holds it."""

    record: SealedRecord
    reading: ClockReading
    pause: ClockPause | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What is read once for many records."""

    calendar: WorkCalendar
    now: datetime
    zone: tzinfo
    rules: dict[str, tuple[ClockRule, ...]]
    pauses: tuple[ClockPause, ...]
    facts: dict[str, CardFacts]
    received: dict[str, date]  # activity_id → when its request came
    printed: Mapping[str, datetime]  # record_id → when the office noted the print


class RunClocks:
    """Reads the clocks, and notes what moves them."""

    def __init__(self, units: UnitsOfWork, calendar: KeepCalendar) -> None:
        self._units, self._calendar = units, calendar

    def of_record(self, record_id: str) -> CardClocks:
        """Return the clocks of one record. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return self._read(unit, [unit.records.get(record_id)])[0]

    def all(self, activity_id: str = "") -> Sequence[CardClocks]:
        """Return the clocks of an activity's records, or of all that run or ended lately; first what is due first."""
        with self._units.read() as unit:
            if activity_id:
                entries: Iterable[QueueEntry] = unit.records.of_activity(activity_id)
            else:
                lately = unit.standings.unfinished(_ENDED, self._units.clock.now() - _LATELY)
                entries = unit.records.with_ids(lately).values()
            clocks = self._read(unit, entries)
        return sorted(clocks, key=_first_due)

    def lines(self, activity_id: str = "") -> Sequence[ClockLine]:
        """Return each clock of `all` by itself, with the newest pause that still holds it."""
        standing = [pause for pause in self.pauses() if pause.ended_at is None]

        def pause_of(record: SealedRecord) -> ClockPause | None:
            return next((each for each in standing if each.holds_for(record.activity_id, record.record_id)), None)

        return [
            ClockLine(clocks.record, reading, pause_of(clocks.record))
            for clocks in self.all(activity_id)
            for reading in clocks.readings
        ]

    def pauses(self) -> Sequence[ClockPause]:
        """Return all pauses, the newest first."""
        with self._units.read() as unit:
            return sorted(unit.repository(ClockPause).search(), key=lambda p: p.began_at, reverse=True)

    def pause(
        self,
        reason: PauseReason,
        note: str,
        activity_id: str = "",
        record_id: str = "",
        began_at: datetime | None = None,
        ended_at: datetime | None = None,
    ) -> ClockPause:
        """Stop clocks from now on, or note a fault that began earlier and may be over.

        Raise `InputError` without a note, because the due time must say why it moved, and for times out of order.
        """
        if not note.strip():
            raise InputError("clock.no_note").at("note")
        with self._units.write(Permission.TYPE_STATUS) as work:
            began = began_at or work.at
            if max(began, ended_at or began) > work.at:
                raise InputError("clock.future").at("ended")
            if ended_at is not None and ended_at <= began:
                raise InputError("clock.order").at("ended")
            pause = ClockPause(work.ids.new(), reason, began, note.strip(), ended_at, activity_id, record_id)
            work.keep(pause, "clock_paused", reason=reason.value, activity=activity_id, record=record_id)
        return pause

    def resume(self, pause_id: str) -> ClockPause:
        """Let the clocks of a pause run again. Raise `RuleError("clock.runs")` for one that ended before."""
        with self._units.write(Permission.TYPE_STATUS) as work:
            pause = work.unit.repository(ClockPause).get(pause_id)
            if pause.ended_at is not None:
                raise RuleError("clock.runs")
            pause = replace(pause, ended_at=max(work.at, pause.began_at))
            work.keep(pause, "clock_resumed", reason=pause.reason.value)
        return pause

    def facts(self, target_id: str) -> CardFacts:
        """Return what was noted about a target; empty when nothing was."""
        with self._units.read() as unit:
            known = unit.repository(CardFacts).find(target_id)
            return known or CardFacts(target_id, unit.targets.get(target_id).activity_id)

    def note_facts(self, target_id: str, file_complete_on: date | None, married_on: date | None) -> CardFacts:
        """Note both days of a target as they stand now, None for what is not known. Raise `InputError`."""
        days = [day for day in (file_complete_on, married_on) if day is not None]

        def changed(facts: CardFacts) -> CardFacts:
            return replace(facts, file_complete_on=file_complete_on, married_on=married_on)

        return self._note(target_id, max(days, default=date.min), "card_facts_noted", changed)

    def _note(self, target_id: str, on: date, act: str, change: Callable[[CardFacts], CardFacts]) -> CardFacts:
        if on > self._units.clock.today():
            raise InputError("clock.future").at("ended")
        with self._units.write(Permission.REGISTER) as work:
            target = work.unit.targets.get(target_id)
            before = work.unit.repository(CardFacts).find(target_id) or CardFacts(target_id, target.activity_id)
            facts = change(before)
            work.keep(facts, act)
        return facts

    def standings(
        self, unit: Unit, lines: Iterable[RecordLine], runs: Iterable[SopRun]
    ) -> Mapping[ClockRule, Counter[ClockState]]:
        """Return how the clocks of many records stand, by their promise; `runs` are those of their activities."""
        promises = {run.activity_id: run.profile.sla for run in runs}
        known, found = self._known(unit, promises), defaultdict[ClockRule, Counter[ClockState]](Counter)
        for line in lines:
            for reading in _readings(line, line.statuses, known):
                found[reading.rule][reading.state] += 1
        return found

    def _read(self, unit: Unit, entries: Iterable[QueueEntry]) -> list[CardClocks]:
        entries = list(entries)
        known = self._known(unit, unit.figures.promises())
        return [CardClocks(entry.record, _readings(entry.record, entry.statuses, known)) for entry in entries]

    def _known(self, unit: Unit, promises: Mapping[str, tuple[Sla, ...]]) -> _Known:
        now = self._units.clock.now()
        zone = self._units.clock.local(now).tzinfo
        assert zone is not None
        rules = cache(clock_rules)  # few profiles run in many activities
        requests = sorted(unit.repository(SuratPermohonan).search(), key=lambda r: r.received_on, reverse=True)
        return _Known(
            self._calendar.calendar_in(unit),
            now,
            zone,
            {name: rules(promised) for name, promised in promises.items()},
            tuple(unit.repository(ClockPause).search()),
            {facts.thing_id: facts for facts in unit.repository(CardFacts).search()},
            {request.activity_id: request.received_on for request in requests},
            unit.figures.first_prints(),
        )


def _readings(
    record: SealedRecord | RecordLine, statuses: Sequence[CentralStatus], known: _Known
) -> tuple[ClockReading, ...]:
    rules = known.rules.get(record.activity_id, ())
    facts = _facts(record, statuses, known)
    return tuple(read_clock(rule, facts, known.calendar, known.now, known.zone) for rule in rules)


def _facts(record: SealedRecord | RecordLine, statuses: Sequence[CentralStatus], known: _Known) -> ClockFacts:
    noted = known.facts.get(record.target_id) or CardFacts(record.target_id, record.activity_id)
    asked = known.received.get(record.activity_id, record.sealed_at.astimezone(known.zone).date())
    gates = [on for on in (record.card_from, noted.married_on) if on is not None]
    unique_at, heard_at = _milestones(statuses)
    printed_at = min((at for at in (heard_at, known.printed.get(record.record_id)) if at is not None), default=None)
    return ClockFacts(
        record.sealed_at,
        noted.file_complete_on or asked,
        unique_at,
        printed_at,
        min(gates) if record.card_from is not None else None,
        tuple(p.pause for p in known.pauses if p.holds_for(record.activity_id, record.record_id)),
    )


def _milestones(statuses: Sequence[CentralStatus]) -> tuple[datetime | None, datetime | None]:
    """Return when a record was found unique and when its card was printed; a deletion or failure begins anew."""
    unique_at: datetime | None = None
    printed_at: datetime | None = None
    for status in statuses:
        code = known_code(status.code)
        if is_dead(status.code):
            unique_at = printed_at = None
        elif code is CentralCode.PRINT_READY_RECORD:
            unique_at = unique_at or status.observed_at
        elif code in _PRINTED:
            printed_at = printed_at or status.observed_at
    return unique_at, printed_at


def _first_due(clocks: CardClocks) -> tuple[bool, float, datetime]:
    """Sort by the nearest due time of a clock that is not yet decided; the rest by their seal."""
    open_dues = [r.due_at.timestamp() for r in clocks.readings if r.due_at is not None and r.ended_at is None]
    return (not open_dues, min(open_dues, default=0.0), clocks.record.sealed_at)
