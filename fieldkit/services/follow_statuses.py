"""What the data center says about each record, heard from the feed or typed from SIAK, and what the office must do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fieldkit.domain.card_facts import CardFacts
from fieldkit.domain.cards import CardCase
from fieldkit.domain.central_status import CentralStatus, known_code, looks_illegal
from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Permission
from fieldkit.domain.sealed import QueueEntry, SealedRecord
from fieldkit.domain.status_work import (
    AFTER_UNIQUE,
    CODE_LIMIT,
    STUCK_DAYS,
    TO_PRINT,
    TYPED_FROM_SIAK,
    OfficeTask,
    gate_day,
    task_of,
    typed_code,
)
from fieldkit.ports.store import Unit
from fieldkit.services.acts import Acts

_ALL = 1_000_000
_STUCK = "status.stuck_days"


@dataclass(frozen=True, slots=True)
class TypedStatus:
    """A status as it was kept. A doubtful one does not follow from the one before it."""

    entry: QueueEntry
    is_doubtful: bool


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One record with what is to be done about it. `since` is None while nobody said anything."""

    entry: QueueEntry
    since: datetime | None
    days: int
    card_from: date | None
    is_doubtful: bool


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

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def type_status(
        self, record_id: str, code: str, observed_at: datetime | None = None, reason: str = ""
    ) -> TypedStatus:
        """Keep a status as seen in SIAK; what looks wrong is told and kept. Raise `InputError`."""
        said = typed_code(code)
        if not said:
            raise InputError("status.no_code")
        if len(said) > CODE_LIMIT or not said.isprintable():
            raise InputError("status.code_unreadable", limit=CODE_LIMIT)
        with self._acts.write(Permission.TYPE_STATUS) as writing:
            if observed_at is not None and observed_at > writing.at:
                raise InputError("status.future")
            before = writing.unit.records.get(record_id)
            status = CentralStatus(said, TYPED_FROM_SIAK, observed_at or writing.at, reason.strip())
            is_doubtful = looks_illegal(before.statuses, status)
            writing.unit.records.note_status(record_id, status)
            known = known_code(said)
            # A stranger may hold anything, so the log does not repeat it.
            writing.note("status_typed", record_id, code=known.value if known else None, doubtful=is_doubtful)
            return TypedStatus(writing.unit.records.get(record_id), is_doubtful)

    def get(self, record_id: str) -> QueueEntry:
        """Return a record with everything that was said about it. Raise `StoreError("store.not_found")`."""
        with self._acts.read() as unit:
            return unit.records.get(record_id)

    def find(self, text: str) -> frozenset[str]:
        """Return the ids of the records whose masked name, masked NIK or place fits what was typed."""
        with self._acts.read() as unit:
            return unit.records.found(text)

    def worklist(self, activity_id: str = "") -> Sequence[WorkGroup]:
        """Return the records of all activities or of one, by what is to be done; the oldest status first."""
        now, groups = self._acts.clock.now(), dict[tuple[OfficeTask, str], list[WorkLine]]()
        today = self._acts.clock.today()
        with self._acts.read() as unit:
            stuck_days = unit.settings.get(_STUCK) or STUCK_DAYS
            printed = cards_of_records(unit, activity_id)
            for entry, gate in followed(unit, activity_id):
                said, card = entry.central, printed.get(entry.record.record_id)
                task = task_of(said.code, said.observed_at, now, stuck_days) if said else OfficeTask.CHECK_QUEUE
                if task is OfficeTask.PRINT and gate is not None and gate > today:
                    task = OfficeTask.WAIT_FOR_AGE
                if card is not None and said is not None and known_code(said.code) in AFTER_UNIQUE:
                    task = OfficeTask.HAND_OVER if card.receipt is None else OfficeTask.CLOSE
                since = said.observed_at if said else None
                days = (now - (since or entry.record.sealed_at)) // timedelta(days=1)
                is_doubtful = said is not None and looks_illegal(entry.statuses[:-1], said)
                code = (known_code(said.code) or said.code) if said else ""
                groups.setdefault((task, str(code)), []).append(WorkLine(entry, since, days, gate, is_doubtful))
        urgency = list(OfficeTask)
        return [
            WorkGroup(code, task, tuple(sorted(lines, key=lambda line: line.since or line.entry.record.sealed_at)))
            for (task, code), lines in sorted(groups.items(), key=lambda item: (urgency.index(item[0][0]), item[0][1]))
        ]

    def print_list(self, activity_id: str = "") -> PrintList:
        """Return whose card the official application may print: unique, and 17 or married."""
        with self._acts.read() as unit:
            lines = list(printable(unit, activity_id))
        today = self._acts.clock.today()
        return PrintList(
            tuple(sorted((line for line in lines if is_due(line, today)), key=lambda line: line.unique_at)),
            tuple(
                sorted((line for line in lines if not is_due(line, today)), key=lambda line: line.card_from or today)
            ),
        )


def is_due(line: PrintLine, today: date) -> bool:
    """Return whether the card may be printed on a day."""
    return line.card_from is None or line.card_from <= today


def printable(unit: Unit, activity_id: str = "") -> Iterator[PrintLine]:
    """Yield the records that are unique and wait for their print, whatever the age."""
    printed = cards_of_records(unit, activity_id)
    for entry, gate in followed(unit, activity_id):
        said = entry.central
        if said is not None and known_code(said.code) in TO_PRINT and entry.record.record_id not in printed:
            unique_at = next(
                (s.observed_at for s in entry.statuses if known_code(s.code) in TO_PRINT), said.observed_at
            )
            yield PrintLine(entry.record, unique_at, gate)


def cards_of_records(unit: Unit, activity_id: str = "") -> dict[str, CardCase]:
    """Return the KTP-el that were printed, by record."""
    shelf = unit.shelf(CardCase)
    cards = shelf.of(activity_id) if activity_id else shelf.search(limit=_ALL)
    return {card.record_id: card for card in cards if card.record_id}


def followed(unit: Unit, activity_id: str = "") -> Iterator[tuple[QueueEntry, date | None]]:
    """Yield the records that count, without those that another amends, each with the day that its card waits for."""
    entries = unit.records.of_activity(activity_id) if activity_id else unit.records.search(limit=_ALL)
    noted = unit.shelf(CardFacts)
    facts = noted.of(activity_id) if activity_id else noted.search(limit=_ALL)
    married = {each.thing_id: each.married_on for each in facts}
    amended = {entry.record.amends for entry in entries if entry.record.amends}  # `of_activity` left them out already
    for entry in entries:
        record = entry.record
        if record.record_id not in amended:
            yield entry, gate_day(record.card_from, married.get(record.target_id))
