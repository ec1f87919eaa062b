"""A printing day: people take a number, are called in its order, and leave with their card.

The numbers are those of one laptop and one day; they never travel. On the screen for those who wait stand numbers only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.errors import RuleError
from fieldkit.domain.nik import CARD_FROM_YEARS, MaritalStatus, birthday
from fieldkit.domain.planning.schedule import WorkCalendar
from fieldkit.domain.sop.profile import ClockStart, PauseReason, Sla, SlaKind

MOST_SHOWN = 5
"""Of those who are next, on the screen for those who wait."""


class TicketState(StrEnum):
    """How far a number is."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class QueueTicket:
    """A number. `place` is its place in the order of calls: the number itself, until somebody goes to the end."""

    KIND: ClassVar[str] = "queue_ticket"

    thing_id: str
    activity_id: str  # "" at the dinas
    on: date
    number: int
    place: int
    name: str
    taken_at: datetime
    by: str  # user_id
    masked_nik: str = ""
    record_id: str = ""  # whose card waits for its print
    card_id: str = ""  # the document that waits for its person
    state: TicketState = TicketState.WAITING
    called_at: datetime | None = None
    calls: int = 0
    ended_at: datetime | None = None
    has_slip: bool = False

    @property
    def words(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}"

    @property
    def key(self) -> str:
        """Return the document or record that it is about, "" of somebody who stands on no list."""
        return self.card_id or self.record_id

    @property
    def is_open(self) -> bool:
        """Return whether the person still waits or stands at the desk."""
        return self.state in (TicketState.WAITING, TicketState.CALLED)

    def called(self, at: datetime) -> QueueTicket:
        """Return it called, or called once more: also who was absent, and who was sent away too early."""
        return replace(self, state=TicketState.CALLED, called_at=at, calls=self.calls + 1, ended_at=None)

    def ended(self, state: TicketState, at: datetime) -> QueueTicket:
        """Return it served, or absent. Raise `RuleError("queue.over")`."""
        if self.state is TicketState.SERVED:
            raise RuleError("queue.over", number=self.number)
        return replace(self, state=state, ended_at=at)

    def at_the_end(self, place: int) -> QueueTicket:
        """Return it waiting again at another place. Raise `RuleError("queue.over")`."""
        if self.state is TicketState.SERVED:
            raise RuleError("queue.over", number=self.number)
        return replace(self, state=TicketState.WAITING, place=place, called_at=None, ended_at=None)


@dataclass(frozen=True, slots=True)
class QueueBoard:
    """What those who wait see: the number that was called last, how often, and who is next."""

    current: int | None = None
    calls: int = 0
    following: tuple[int, ...] = ()
    waiting: int = 0


NO_BOARD = QueueBoard()


def in_order(tickets: Iterable[QueueTicket]) -> list[QueueTicket]:
    """Return tickets as they are called: who is at the desk, who waits, then who was here."""
    ranks = [TicketState.CALLED, TicketState.WAITING, TicketState.ABSENT, TicketState.SERVED]
    return sorted(tickets, key=lambda ticket: (ranks.index(ticket.state), ticket.place))


def board_of(tickets: Sequence[QueueTicket]) -> QueueBoard:
    """Return what the screen for those who wait shows."""
    called = [ticket for ticket in tickets if ticket.state is TicketState.CALLED]
    last = max(called, key=lambda ticket: (ticket.called_at is not None, ticket.called_at), default=None)
    waiting = [ticket.number for ticket in in_order(tickets) if ticket.state is TicketState.WAITING]
    number, calls = (last.number, last.calls) if last else (None, 0)
    return QueueBoard(number, calls, tuple(waiting[:MOST_SHOWN]), len(waiting))


def minutes_each(tickets: Iterable[QueueTicket]) -> int:
    """Return how many minutes a person took from the call to the end, on average, 0 before the first."""
    took = [t.ended_at - t.called_at for t in tickets if t.state is TicketState.SERVED and t.called_at and t.ended_at]
    return round(sum(took, timedelta()) / len(took) / timedelta(minutes=1)) if took else 0


# The clocks that run for a card: 24 clock hours after penunggalan, 14 working days after file and recording.
#
# Sources: Grobogan SOP-DKC.IP-08 step 8 ("1 x 24 jam"); Blitar SOP SI JARAN IJO, peringatan 1–3. The documents leave
# open how days are counted; our reading: day 1 is the next working day, and a working day does not count when a pause
# took at least half of its office hours.

OFFICE_HOURS = (time(8), time(16))
_END_OF_DAY = time(23, 59, 59)
_NEVER = datetime.max.replace(tzinfo=UTC)


class ClockUnit(StrEnum):
    """What a clock counts."""

    MINUTES = "minutes"
    WORKDAYS = "workdays"


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One SLA of a profile; `pauses` are the reasons that its SOP excludes from the time, `words` what it says."""

    rule_id: str
    amount: int
    unit: ClockUnit
    start: ClockStart
    pauses: frozenset[PauseReason] = frozenset()
    words: str = ""


GROBOGAN = ClockRule("jam_kalender_1440", 24 * 60, ClockUnit.MINUTES, ClockStart.PENUNGGALAN)
BLITAR = ClockRule("hari_kerja_14", 14, ClockUnit.WORKDAYS, ClockStart.FILE_AND_RECORDING, frozenset(PauseReason))


class ClockState(StrEnum):
    """How a clock stands."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"
    KEPT = "kept"
    MISSED = "missed"


class Awaited(StrEnum):
    """What a clock that has not started waits for."""

    RECORDING = "recording"
    COMPLETE_FILE = "complete_file"
    PENUNGGALAN = "penunggalan"
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Pause:
    """A time that does not count; without `ended_at` it still lasts."""

    reason: PauseReason
    began_at: datetime
    ended_at: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A pause that moved the due time: by so many minutes (clock hours) or days (working days)."""

    pause: Pause
    amount: int


@dataclass(frozen=True, slots=True)
class ClockFacts:
    """What is known of one person's card. `card_from` is the 17th birthday or the marriage, None when neither waits."""

    recorded_at: datetime | None = None
    file_complete_on: date | None = None
    unique_at: datetime | None = None  # PRINT_READY_RECORD observed
    printed_at: datetime | None = None
    card_from: date | None = None
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A clock at a moment. While a pause lasts `due_at` is what it would be if the pause ended now."""

    rule: ClockRule
    state: ClockState
    starts_at: datetime | None = None
    due_at: datetime | None = None
    moved: tuple[Moved, ...] = ()
    awaits: Awaited | None = None
    unpublished_years: tuple[int, ...] = ()  # years of the span whose holidays are not all known
    ended_at: datetime | None = None  # when the card was printed


def clock_rules(sla: Iterable[Sla]) -> tuple[ClockRule, ...]:
    """Return the clocks that the SLAs of a profile ask for; none for one that does not say from when it counts."""
    units = {SlaKind.CALENDAR_MINUTES: ClockUnit.MINUTES, SlaKind.WORKING_DAYS: ClockUnit.WORKDAYS}
    return tuple(
        ClockRule(
            f"{each.kind.value}_{each.amount}",
            each.amount,
            units[each.kind],
            each.counted_from,
            frozenset(each.paused_by),
            each.words,
        )
        for each in sla
        if each.counted_from is not None
    )


def card_from(birth_date: date, marital_status: MaritalStatus, married_on: date | None = None) -> date | None:
    """Return the day from which somebody may get the card: 17th birthday or marriage; None when that is not waited for.

    A marriage without a known day opens the gate at once.
    """
    seventeen = birthday(birth_date, CARD_FROM_YEARS)
    if married_on is not None:
        return min(seventeen, married_on)
    return None if marital_status.was_married else seventeen


def read_clock(rule: ClockRule, facts: ClockFacts, calendar: WorkCalendar, now: datetime, zone: tzinfo) -> ClockReading:
    """Return how a clock stands at `now`; `zone` is that of the dinas, whose days are counted."""
    starts_at, awaits = _start(rule, facts, zone)
    if starts_at is None:
        return ClockReading(rule, ClockState.NOT_STARTED, awaits=awaits)
    until = facts.printed_at or now
    pauses = _standing(rule, facts.pauses, starts_at, until)
    if rule.unit is ClockUnit.MINUTES:
        due_at, moved = _after_minutes(rule.amount, starts_at, pauses)
    else:
        due_at, moved = _after_workdays(rule.amount, starts_at.astimezone(zone).date(), pauses, calendar, zone)
    years = range(starts_at.astimezone(zone).year, due_at.astimezone(zone).year + 1)
    unpublished = tuple(y for y in years if rule.unit is ClockUnit.WORKDAYS and not calendar.is_published(y))
    lasts = any(p.reason in rule.pauses and p.began_at <= now < (p.ended_at or _NEVER) for p in facts.pauses)
    state = _state(facts, starts_at, due_at, now)
    if state is ClockState.RUNNING and lasts:
        state = ClockState.PAUSED
    awaits = Awaited.AGE if state is ClockState.NOT_STARTED else None
    return ClockReading(rule, state, starts_at, due_at, moved, awaits, unpublished, facts.printed_at)


def _state(facts: ClockFacts, starts_at: datetime, due_at: datetime, now: datetime) -> ClockState:
    if facts.printed_at is not None:
        return ClockState.KEPT if facts.printed_at <= due_at else ClockState.MISSED
    if now < starts_at:
        return ClockState.NOT_STARTED
    return ClockState.MISSED if now > due_at else ClockState.RUNNING


def _start(rule: ClockRule, facts: ClockFacts, zone: tzinfo) -> tuple[datetime | None, Awaited | None]:
    """Return when the clock starts, or what it waits for."""
    if rule.start is ClockStart.PENUNGGALAN:
        if facts.unique_at is None:
            return None, Awaited.PENUNGGALAN
        begin = facts.unique_at
    else:
        if facts.recorded_at is None:
            return None, Awaited.RECORDING
        if facts.file_complete_on is None:
            return None, Awaited.COMPLETE_FILE
        begin = max(facts.recorded_at, _at(facts.file_complete_on, time(), zone))
    if facts.card_from is not None:
        begin = max(begin, _at(facts.card_from, time(), zone))
    return begin, None


def _at(on: date, clock: time, zone: tzinfo) -> datetime:
    return datetime.combine(on, clock, zone).astimezone(UTC)


def _standing(rule: ClockRule, pauses: Sequence[Pause], starts_at: datetime, until: datetime) -> tuple[Pause, ...]:
    """Return the pauses that the rule knows, cut to the time of the clock, without their overlaps."""
    found: list[Pause] = []
    reached = starts_at
    for pause in sorted(pauses, key=lambda p: p.began_at):
        began = max(pause.began_at, reached)
        ended = min(pause.ended_at or until, until)
        if pause.reason in rule.pauses and ended > began:
            found.append(Pause(pause.reason, began, ended, pause.note))
            reached = ended
    return tuple(found)


def _after_minutes(minutes: int, starts_at: datetime, pauses: Sequence[Pause]) -> tuple[datetime, tuple[Moved, ...]]:
    """Add clock hours; each pause that began before the time was up adds its length."""
    due_at, moved = starts_at + timedelta(minutes=minutes), list[Moved]()
    for pause in pauses:
        if pause.ended_at is None or pause.began_at >= due_at:
            continue
        length = pause.ended_at - pause.began_at
        due_at += length
        moved.append(Moved(pause, round(length / timedelta(minutes=1))))
    return due_at, tuple(moved)


def _after_workdays(
    count: int, start: date, pauses: Sequence[Pause], calendar: WorkCalendar, zone: tzinfo
) -> tuple[datetime, tuple[Moved, ...]]:
    """Count working days after `start`, leaving out those that a pause took; a day goes to the pause that took most."""
    taken: dict[Pause, int] = {}
    counted, on = 0, start
    for on in calendar.workdays(start):
        shares = {pause: _share(pause, on, zone) for pause in pauses}
        if shares and sum(shares.values(), timedelta()) * 2 >= _office_day(on, zone)[1] - _office_day(on, zone)[0]:
            longest = max(shares, key=lambda pause: shares[pause])
            taken[longest] = taken.get(longest, 0) + 1
            continue
        counted += 1
        if counted == count:
            break
    return _at(on, _END_OF_DAY, zone), tuple(Moved(pause, days) for pause, days in taken.items())


def _office_day(on: date, zone: tzinfo) -> tuple[datetime, datetime]:
    return _at(on, OFFICE_HOURS[0], zone), _at(on, OFFICE_HOURS[1], zone)


def _share(pause: Pause, on: date, zone: tzinfo) -> timedelta:
    """Return how much of the office hours of a day a pause took."""
    opens, closes = _office_day(on, zone)
    return max(timedelta(), min(pause.ended_at or _NEVER, closes) - max(pause.began_at, opens))
