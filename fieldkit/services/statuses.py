"""Statuses of records: heard or typed, their clocks, and what residents are told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import NamedTuple

from fieldkit.domain.cards.card import CardCase, CardFacts, ClockPause, Place
from fieldkit.domain.cards.printing import ClockFacts, ClockReading, ClockRule, ClockState, clock_rules, read_clock
from fieldkit.domain.delivery import (
    CODE_LIMIT,
    STUCK_DAYS,
    TO_PRINT,
    TYPED_FROM_SIAK,
    CentralCode,
    CentralStatus,
    OfficeTask,
    QueueEntry,
    SealedRecord,
    follows,
    gate_day,
    is_dead,
    known_code,
    looks_illegal,
    task_after,
    typed_code,
    writings_of,
)
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, long_date
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.schedule import WorkCalendar
from fieldkit.domain.sop.profile import PauseReason, Sla
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.targets.requests import SuratPermohonan
from fieldkit.ports.documents import Documents
from fieldkit.ports.repositories import Asked, RecordLine, Standing, StandingLine
from fieldkit.ports.store import Unit
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.sop.run_sop import statuses_noted
from fieldkit.services.unit_of_work import UnitsOfWork

# What the data center says about each record, heard from the feed or typed from SIAK, and what the office must do.
_STUCK = "status.stuck_days"
_TO_PRINT = tuple(text for code in TO_PRINT for text in writings_of(code))
_URGENCY = list(OfficeTask)
Work = tuple[OfficeTask, str]  # what is to be done, after which code


@dataclass(frozen=True, slots=True)
class TypedStatus:
    """A status as it was kept. A doubtful one does not follow from the one before it."""

    entry: QueueEntry
    is_doubtful: bool


class WorkLine(NamedTuple):
    """One record with what is to be done about it. A plain tuple: of thousands that are read at once, few are seen."""

    line: StandingLine
    is_doubtful: bool
    now: datetime

    @property
    def record_id(self) -> str:
        """Return what it is known by."""
        return self.line.record_id

    @property
    def masked_name(self) -> str:
        """Return the masked name."""
        return self.line.masked_name

    @property
    def masked_nik(self) -> str:
        """Return the masked NIK."""
        return self.line.masked_nik

    @property
    def said(self) -> CentralStatus | None:
        """Return the last status, without its reason; None while nobody said anything."""
        code, source = self.line.standing.code, self.line.source
        return CentralStatus(code, source, datetime.fromisoformat(self.line.since)) if code else None

    @property
    def days(self) -> int:
        """Return the days since then, or since the seal."""
        return (self.now - datetime.fromisoformat(self.line.since)).days

    @property
    def card_from(self) -> date | None:
        """Return the day that the card waits for."""
        return date.fromisoformat(self.line.card_from) if self.line.card_from else None


@dataclass(frozen=True, slots=True)
class WorkGroup:
    """The records that have the same code and the same thing to do; code "" is silence."""

    code: str
    task: OfficeTask
    lines: tuple[WorkLine, ...]


@dataclass(frozen=True, slots=True)
class PrintLine:
    """A record that is unique. `card_from` is the day to wait for, None when none is."""

    record: SealedRecord
    unique_at: datetime
    card_from: date | None


@dataclass(frozen=True, slots=True)
class PrintList:
    """Whose card may be printed now, the longest waiting first, and whose later, by day."""

    now: tuple[PrintLine, ...]
    later: tuple[PrintLine, ...]


def read_status(code: str, observed_at: datetime | None, now: datetime, reason: str) -> CentralStatus:
    """Return a status as somebody typed it. Raise `InputError`: `status.no_code`, `code_unreadable`, `future`."""
    said = typed_code(code)
    if not said:
        raise InputError("status.no_code").at("code")
    if len(said) > CODE_LIMIT or not said.isprintable():
        raise InputError("status.code_unreadable", limit=CODE_LIMIT).at("code")
    if observed_at is not None and observed_at > now:
        raise InputError("status.future").at("at")
    return CentralStatus(said, TYPED_FROM_SIAK, observed_at or now, reason.strip())


class FollowStatuses:
    """Reads statuses and takes down those typed from SIAK."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def type_status(
        self, record_id: str, code: str, observed_at: datetime | None = None, reason: str = ""
    ) -> TypedStatus:
        """Keep a status as seen in SIAK; what looks wrong is told and kept. Raise `InputError`."""
        with self._units.write(Permission.TYPE_STATUS) as work:
            status = read_status(code, observed_at, work.at, reason)
            before = work.unit.records.get(record_id)
            is_doubtful = looks_illegal(before.statuses, status)
            work.unit.records.note_status(record_id, status)
            known = known_code(status.code)
            # A stranger may hold anything, so the log does not repeat it.
            work.note("status_typed", record_id, code=known.value if known else None, doubtful=is_doubtful)
            statuses_noted(work, [record_id])
            return TypedStatus(work.unit.records.get(record_id), is_doubtful)

    def get(self, record_id: str) -> QueueEntry:
        """Return a record with everything that was said about it. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.records.get(record_id)

    def find(self, text: str) -> frozenset[str]:
        """Return the ids of the records whose masked name, masked NIK or place fits what was typed."""
        with self._units.read() as unit:
            return unit.records.found(text)

    def tasks(self) -> Mapping[OfficeTask, int]:
        """Return how many records of all activities ask for each act of the office, but for what is done."""
        found: Counter[OfficeTask] = Counter()
        with self._units.read() as unit:
            for standing, number in unit.standings.counts(self._asked(unit, "")).items():
                found[_work_of(standing)[0]] += number
        return found

    def worklist(self, activity_id: str = "") -> Sequence[WorkGroup]:
        """Return the records of all activities or of one, by what is to be done; the oldest status first."""
        groups: dict[Work, list[WorkLine]] = {}
        with self._units.read() as unit:
            lines = unit.standings.lines(self._asked(unit, activity_id))
        now, work, is_doubtful = self._units.clock.now(), cache(_work_of), cache(_is_doubtful)
        for line in lines:
            group = groups.setdefault(work(line.standing), [])
            group.append(WorkLine(line, is_doubtful(line.code_before, line.standing.code), now))
        return [
            WorkGroup(code, task, tuple(groups[task, code]))
            for task, code in sorted(groups, key=lambda each: (_URGENCY.index(each[0]), each[1]))
        ]

    def _asked(self, unit: Unit, activity_id: str) -> Asked:
        stuck = timedelta(days=unit.settings.get(_STUCK) or STUCK_DAYS)
        return Asked(self._units.clock.today(), self._units.clock.now() - stuck, activity_id)


def print_list(unit: Unit, activity_id: str, today: date) -> PrintList:
    """Return whose card the official application may print: unique, and 17 or married."""
    lines = sorted(printable(unit, activity_id), key=lambda line: line.unique_at)
    later = [line for line in lines if not is_due(line, today)]
    return PrintList(
        tuple(line for line in lines if is_due(line, today)),
        tuple(sorted(later, key=lambda line: line.card_from or today)),
    )


def is_due(line: PrintLine, today: date) -> bool:
    """Return whether the card may be printed on a day."""
    return line.card_from is None or line.card_from <= today


def printable(unit: Unit, activity_id: str = "") -> Iterator[PrintLine]:
    """Yield the records that are unique and wait for their print, whatever the age."""
    waiting = unit.records.with_ids(unit.standings.without_card(_TO_PRINT, activity_id))
    for entry in sorted(waiting.values(), key=lambda entry: (entry.record.sealed_at, entry.record.record_id)):
        unique_at = next(s.observed_at for s in entry.statuses if known_code(s.code) in TO_PRINT)
        yield PrintLine(entry.record, unique_at, _gate(unit, entry.record))


def _gate(unit: Unit, record: SealedRecord) -> date | None:
    """Return the day from which the card of a record may be printed, None for at once."""
    if record.card_from is None:
        return None
    noted = unit.repository(CardFacts).find(record.target_id)
    return gate_day(record.card_from, noted.married_on if noted else None)


def _work_of(standing: Standing) -> Work:
    """Return what a standing asks for, with the code as we know it."""
    task = task_after(
        standing.code,
        is_stuck=standing.is_stuck,
        is_young=standing.is_young,
        has_card=bool(standing.place),
        is_received=standing.place == Place.PERSON,
        is_official=standing.is_official,
    )
    return task, str(known_code(standing.code) or standing.code)


def _is_doubtful(before: str, code: str) -> bool:
    """Return whether a code does not follow from the one before it; "" is silence."""
    return bool(before) and not follows(before, code)


def followed(unit: Unit, activity_id: str) -> Iterator[tuple[QueueEntry, date | None]]:
    """Yield the records of an activity that count, each with the day that its card waits for."""
    married = {each.thing_id: each.married_on for each in unit.repository(CardFacts).of(activity_id)}
    for entry in unit.records.of_activity(activity_id):
        yield entry, gate_day(entry.record.card_from, married.get(entry.record.target_id))


# The clocks of cards: how each stands, and what stops them.

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


# What a person hears of their recording: how it stands and what happens next, to share as a message or as paper.


@dataclass(frozen=True, slots=True)
class News:
    """How a recording stands, in words of the person, and what happens next; `text` is both as one message.

    The message goes over phones of others: no name, no NIK.
    """

    said: str
    then: str
    text: str


class TellResidents:
    """News of recordings. The words come from `wording.toml`, which a dinas may change."""

    def __init__(
        self, units: UnitsOfWork, documents: Documents, letterhead: KeepLetterhead, letters: WriteLetters
    ) -> None:
        self._units, self._documents = units, documents
        self._letterhead, self._letters = letterhead, letters

    def news(self, record_id: str) -> News:
        """Return what its person hears of a record. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            said, then = self._words(unit, record_id)
            dinas = self._letterhead.within(unit).dinas
        return News(said, then, f"{dinas}: kabar perekaman nomor {record_id[-8:]}. {said} {then} Gratis.")

    def slip(self, record_id: str) -> Letter:
        """Issue the paper that tells its person how a record stands."""
        with self._units.write(Permission.TYPE_STATUS) as work:
            record = work.unit.records.get(record_id).record
            said, then = self._words(work.unit, record_id)
            fields = {
                "name": _name(work.unit, record),
                "nik": record.masked_nik,
                "record": record_id[-8:],
                "said": said,
                "then": then,
            }
            letter = self._letters.draft_within(work, LetterKind.KABAR_WARGA, record.activity_id, fields)
            return self._letters.issue_within(work, letter)

    def _words(self, unit: Unit, record_id: str) -> tuple[str, str]:
        entry = unit.records.get(record_id)
        facts = unit.repository(CardFacts).find(entry.record.target_id)
        gate = gate_day(entry.record.card_from, facts.married_on if facts else None)
        known = news_of(entry.central, unit.repository(CardCase).find(record_id), gate, self._units.clock.today())
        if known == "none" and entry.record.is_official:
            known = "official"
        codes = self._documents.wording(LetterKind.KABAR_WARGA.value)["codes"]
        said, then = codes[known]
        return said, then.format(card_from=long_date(gate) if gate else "")


def news_of(said: CentralStatus | None, card: CardCase | None, gate: date | None, today: date) -> str:
    """Return the key of what a person hears: where our own card is, else what the data center said last."""
    if card is not None:
        return f"at_{card.place.value}"
    if said is None:
        return "none"
    known = known_code(said.code)
    if known is None:
        return "unknown"
    is_ready = known is CentralCode.PRINT_READY_RECORD
    return "waits_17" if is_ready and gate is not None and gate > today else known.value.lower()


def _name(unit: Unit, record: SealedRecord) -> str:
    """Return the whole name where the list is on this laptop."""
    try:
        return unit.targets.get(record.target_id).biodata.name
    except StoreError:
        return record.masked_name
