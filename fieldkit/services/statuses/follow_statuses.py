"""What the data center says about each record, heard from the feed or typed from SIAK, and what the office must do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralStatus, follows, known_code, looks_illegal, writings_of
from fieldkit.domain.delivery.sealed import QueueEntry, SealedRecord
from fieldkit.domain.delivery.status_work import (
    CODE_LIMIT,
    STUCK_DAYS,
    TO_PRINT,
    TYPED_FROM_SIAK,
    OfficeTask,
    gate_day,
    task_after,
    typed_code,
)
from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.standings import Asked, Standing, StandingLine
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitsOfWork

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


class FollowStatuses:
    """Reads statuses and takes down those typed from SIAK."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def type_status(
        self, record_id: str, code: str, observed_at: datetime | None = None, reason: str = ""
    ) -> TypedStatus:
        """Keep a status as seen in SIAK; what looks wrong is told and kept. Raise `InputError`."""
        said = typed_code(code)
        if not said:
            raise InputError("status.no_code").at("code")
        if len(said) > CODE_LIMIT or not said.isprintable():
            raise InputError("status.code_unreadable", limit=CODE_LIMIT).at("code")
        with self._units.write(Permission.TYPE_STATUS) as work:
            if observed_at is not None and observed_at > work.at:
                raise InputError("status.future").at("at")
            before = work.unit.records.get(record_id)
            status = CentralStatus(said, TYPED_FROM_SIAK, observed_at or work.at, reason.strip())
            is_doubtful = looks_illegal(before.statuses, status)
            work.unit.records.note_status(record_id, status)
            known = known_code(said)
            # A stranger may hold anything, so the log does not repeat it.
            work.note("status_typed", record_id, code=known.value if known else None, doubtful=is_doubtful)
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
