"""How much time an outreach takes, on which days it fits, and what stands against a plan. Pure arithmetic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter
from typing import ClassVar, Protocol, TypeVar

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.outreach import (
    Plan,
    Rhythm,
    ServiceCategory,
    TargetFilter,
    TargetState,
    TargetVerdict,
    Terrain,
)

# Working days of a dinas: weekends, national holidays, cuti bersama, and what the dinas changed itself.
#
# Holidays are fixed each year by a joint decree (SKB) some months before; a year without it is known only in part.

_DAY = timedelta(days=1)
_FAR = 3_660  # ten years without a working day is no calendar


class DayKind(StrEnum):
    """Why a day is off, or that the dinas works on it although others do not."""

    WEEKEND = "weekend"
    PUBLIC = "public"
    CUTI_BERSAMA = "cuti_bersama"
    DINAS_OFF = "dinas_off"
    DINAS_WORKS = "dinas_works"


class CutiBersama(StrEnum):
    """How the dinas counts cuti bersama."""

    DAY_OFF = "day_off"
    WORKING_DAY = "working_day"


@dataclass(frozen=True, slots=True)
class Holiday:
    """A day with a name."""

    on: date
    name: str
    kind: DayKind


@dataclass(frozen=True, slots=True)
class HolidayYear:
    """The national holidays of one year; `is_published` once the decree with the cuti bersama is known."""

    year: int
    holidays: tuple[Holiday, ...]
    is_published: bool


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that the dinas changed: off for a reason of its own, or worked on although others do not."""

    KIND: ClassVar[str] = "calendar_day"

    thing_id: str  # the day, as 2026-12-28: one change per day
    on: date
    kind: DayKind  # DINAS_OFF or DINAS_WORKS
    reason: str
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Day and reason."""
        return f"{self.on.isoformat()} {self.reason}"


@dataclass(frozen=True, slots=True)
class WorkHours:
    """The office hours of one day, with the break within them."""

    opens: time = time(7, 30)
    closes: time = time(16)
    break_begins: time = time(12)
    break_ends: time = time(13)

    def check(self, day: str) -> None:
        """Raise `InputError("calendar.hours")`, at the break, which is not within, or leaves no time."""
        in_order = self.opens <= self.break_begins <= self.break_ends <= self.closes
        if not in_order or (self.opens, self.break_ends) == (self.break_begins, self.closes):
            raise InputError("calendar.hours").at(f"{day}_break_begins")

    def sessions(self, on: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the times before and after the break of a day, by the wall clock of the dinas."""
        clocks = ((self.opens, self.break_begins), (self.break_ends, self.closes))
        return tuple((datetime.combine(on, begin), datetime.combine(on, end)) for begin, end in clocks)


# Perpres 21/2023: 37.5 hours in five days from 07.30, a break of 60 minutes, on Friday of 90.
MONDAY_TO_THURSDAY = WorkHours()
FRIDAY = WorkHours(closes=time(16, 30), break_begins=time(11, 30))
_FRIDAY = 4


@dataclass(frozen=True, slots=True)
class CalendarChoice:
    """What the dinas decided about its whole calendar."""

    KIND: ClassVar[str] = "calendar_choice"
    ONLY: ClassVar[str] = "calendar"

    thing_id: str = "calendar"
    cuti_bersama: CutiBersama = CutiBersama.DAY_OFF
    confirmed_years: tuple[int, ...] = ()  # the dinas compared these with the decree by itself
    hours: WorkHours = MONDAY_TO_THURSDAY
    friday: WorkHours = FRIDAY
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Nothing to search by."""
        return ""


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The calendar that plans and clocks count by. Days outside its years have weekends only."""

    years: Mapping[int, HolidayYear] = field(default_factory=dict)
    changes: Mapping[date, CalendarDay] = field(default_factory=dict)
    choice: CalendarChoice = CalendarChoice()
    _days: dict[date, Holiday] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay all named days into one table; a public holiday outweighs the cuti bersama of the same day."""
        days: dict[date, Holiday] = {}
        for year in self.years.values():
            for holiday in sorted(year.holidays, key=lambda h: h.kind is DayKind.PUBLIC):
                days[holiday.on] = holiday
        for on, change in self.changes.items():
            days[on] = Holiday(on, change.reason, change.kind)
        object.__setattr__(self, "_days", days)

    def named(self, on: date) -> Holiday | None:
        """Return the day's name, if it has one, whether it is worked on or not."""
        return self._days.get(on)

    def day_off(self, on: date) -> Holiday | None:
        """Return why nobody works on a day, or None for a working day."""
        named = self._days.get(on)
        if named is not None and named.kind is DayKind.DINAS_WORKS:
            return None
        counts_cuti = self.choice.cuti_bersama is CutiBersama.DAY_OFF
        if named is not None and (counts_cuti or named.kind is not DayKind.CUTI_BERSAMA):
            return named
        return Holiday(on, "", DayKind.WEEKEND) if on.weekday() >= 5 else None

    def is_workday(self, on: date) -> bool:
        """Return whether the dinas works on a day."""
        return self.day_off(on) is None

    def office_time(self, begin: datetime, end: datetime) -> timedelta:
        """Return how much of a span lies in office hours; both ends by the wall clock of the dinas."""
        begin, end = begin.replace(tzinfo=None), end.replace(tzinfo=None)
        days = (begin.date() + n * _DAY for n in range((end.date() - begin.date()).days + 1))
        sessions = (each for on in days if self.is_workday(on) for each in self.hours_of(on).sessions(on))
        return sum((max(timedelta(), min(end, closes) - max(begin, opens)) for opens, closes in sessions), timedelta())

    def hours_of(self, on: date) -> WorkHours:
        """Return the office hours of a day on which the dinas works."""
        return self.choice.friday if on.weekday() == _FRIDAY else self.choice.hours

    def next_workday(self, after: date) -> date:
        """Return the first working day after a day. Raise `ValueError` for a calendar without working days."""
        return next(self.workdays(after))

    def workdays(self, after: date) -> Iterator[date]:
        """Yield the working days after a day, without end."""
        on, idle = after, 0
        while idle < _FAR:
            on, idle = on + _DAY, idle + 1
            if self.is_workday(on):
                idle = 0
                yield on
        raise ValueError(f"no working day in the ten years after {after.isoformat()}")

    def add_workdays(self, start: date, count: int) -> date:
        """Return the `count`th working day after `start`; day 1 is the next working day, 0 the start itself."""
        if count < 0:
            raise ValueError(f"working days are counted forward, not {count}")
        days, on = self.workdays(start), start
        for _ in range(count):
            on = next(days)
        return on

    def is_published(self, year: int) -> bool:
        """Return whether all holidays of a year are known."""
        known = self.years.get(year)
        return year in self.choice.confirmed_years or (known is not None and known.is_published)


# How many minutes things take, by which outreaches are planned.
#
# Minutes per person: 5 where people come by themselves, 30 as in the SOP of Blitar step 10 for one who cooperates, 60
# and more for lansia and ODGJ, where field reports say 30 to 120. They are estimates; a dinas sets its own.

_C = ServiceCategory
THE_DURATIONS = "efforts"
MOST_MINUTES = 600
EARLIEST_END = time(10)  # before that no day has room for a visit


@dataclass(frozen=True, slots=True)
class Durations:
    """Minutes that things take; one per dinas."""

    KIND: ClassVar[str] = "efforts"

    per_person: Mapping[ServiceCategory, int] = field(
        default_factory=lambda: {_C.PEMULA: 5, _C.UMUM: 5, _C.SAKIT: 30, _C.DISABILITAS: 30, _C.LANSIA: 60, _C.ODGJ: 90}
    )
    between_houses: Mapping[Terrain, int] = field(
        default_factory=lambda: {Terrain.EASY: 5, Terrain.ROUGH: 10, Terrain.REMOTE: 20}
    )
    way: Mapping[Terrain, int] = field(
        default_factory=lambda: {Terrain.EASY: 30, Terrain.ROUGH: 60, Terrain.REMOTE: 90}
    )
    coordination: int = 30  # Blitar step 8
    rest: int = 30
    day_ends: time = time(16)
    thing_id: str = THE_DURATIONS
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Nothing that anybody searches for."""
        return ""

    def check(self) -> None:
        """Raise `InputError("efforts.range")` or `InputError("efforts.day_ends")` for what no plan can be made with."""
        ways = (*self.between_houses.values(), *self.way.values(), self.coordination, self.rest)
        for least, minutes in ((1, tuple(self.per_person.values())), (0, ways)):
            if any(not least <= each <= MOST_MINUTES for each in minutes):
                raise InputError("efforts.range", least=least, most=MOST_MINUTES)
        if self.day_ends < EARLIEST_END:
            raise InputError("efforts.day_ends", earliest=f"{EARLIEST_END:%H.%M}").at("day_ends")


USUAL = Durations()


# Whom the team will see.
TO_VISIT = TargetFilter(
    states=(TargetState.PLANNED, TargetState.RECORDING, TargetState.POSTPONED),
    verdicts=(TargetVerdict.BELUM_DICEK, TargetVerdict.TERVERIFIKASI, TargetVerdict.NIK_BERMASALAH),
)
_PERSONS_PER_CREW = 2  # an exception wants two petugas
_FAR_DAYS = 730  # no proposal looks further than two years


class Visited(Protocol):
    """What the arithmetic asks of a target."""

    @property
    def target_id(self) -> str: ...  # noqa: D102 – says itself
    @property
    def house(self) -> int: ...  # noqa: D102 – says itself
    @property
    def category(self) -> ServiceCategory: ...  # noqa: D102 – says itself


V = TypeVar("V", bound=Visited)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a plan has to hold. All in minutes but `targets`, `crews` and `days`."""

    targets: Mapping[ServiceCategory, int]
    recording: int  # at the persons
    walking: int  # from house to house
    fixed: int  # of each crew and day: the way there and back, coordination
    crews: int
    days: int  # that the work needs
    stops: tuple[tuple[int, int], ...]  # day and crew of each target in the order of the route, from 0

    @property
    def total(self) -> int:
        """Return the whole work with every way."""
        return self.recording + self.walking + self.fixed * self.days * self.crews


def in_route(targets: Sequence[V], route: Sequence[str]) -> list[V]:
    """Return targets in the order of a route; whom it does not know comes last."""
    houses = {target.target_id: target for target in sorted(targets, key=attrgetter("house"))}
    known = [target for target_id in dict.fromkeys(route) if (target := houses.pop(target_id, None)) is not None]
    return [*known, *houses.values()]


def crews_of(plan: Plan) -> int:
    """Return how many crews can work side by side: a kit each, and two people each."""
    return max(1, min(len(plan.kits), len(plan.team) // _PERSONS_PER_CREW))


def estimate(plan: Plan, ordered: Sequence[Visited], durations: Durations = USUAL) -> Estimate:
    """Return what a plan has to hold for these targets, whom the crews share as they stand: by the route."""
    walk = durations.between_houses[plan.terrain]
    categories = Counter([target.category for target in ordered])
    cost = {category: durations.per_person[category] + walk for category in categories}
    costs = tuple([cost[target.category] for target in ordered])
    fixed = 2 * plan.way_minutes + durations.coordination
    open_minutes = _minutes(durations.day_ends) - _minutes(plan.starts) - durations.rest
    room, crews = max(0, open_minutes - fixed), crews_of(plan)
    stops = _share_out(costs, room, crews)
    return Estimate(
        categories,
        sum(costs) - walk * len(costs),
        walk * len(costs),
        fixed,
        crews,
        stops[-1][0] + 1 if stops else 0,
        stops,
    )


@lru_cache(maxsize=4)  # a draft is looked at more often than its work changes
def _share_out(costs: tuple[int, ...], room: int, crews: int) -> tuple[tuple[int, int], ...]:
    """Give each visit to a crew and day in order; a visit longer than a day has a day of its own."""
    stops: list[tuple[int, int]] = []
    turn, used = 0, 0
    for cost in costs:
        if used and used + cost > room:
            turn, used = turn + 1, 0
        used += cost
        stops.append(divmod(turn, crews))
    return tuple(stops)


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def propose_days(
    calendar: WorkCalendar, after: date, count: int, rhythm: Rhythm, taken: Iterable[date] = ()
) -> tuple[date, ...]:
    """Return the next working days for so many visits: one in each week without another visit, or day after day.

    `taken` are the days of other visits. Later weeks keep the weekday of the first where it is a working day.
    """
    days: list[date] = []
    busy = set(taken)
    weeks = {on.isocalendar()[:2] for on in busy} if rhythm is Rhythm.WEEKLY else set()
    for on in calendar.workdays(after):
        if len(days) >= count or (on - after).days > _FAR_DAYS:
            break
        week = on.isocalendar()[:2]
        if on in busy or week in weeks:
            continue
        if rhythm is Rhythm.WEEKLY:
            on = _like_first(on, days, calendar)
            weeks.add(week)
        days.append(on)
    return tuple(days)


def _like_first(on: date, days: Sequence[date], calendar: WorkCalendar) -> date:
    """Return the weekday of the first visit in the week of `on`, its first working day, if it is one too, else `on`."""
    if not days:
        return on
    year, week, _ = on.isocalendar()
    same = date.fromisocalendar(year, week, days[0].isoweekday())
    return same if calendar.is_workday(same) else on


class ConflictKind(StrEnum):
    """What stands against a plan."""

    KIT_TAKEN = "kit_taken"
    PERSON_TAKEN = "person_taken"
    VEHICLE_TAKEN = "vehicle_taken"
    HOLIDAY = "holiday"
    WEEKEND = "weekend"
    NO_CALENDAR = "no_calendar"
    TOO_MUCH_WORK = "too_much_work"
    PAST = "past"
    NO_TEAM = "no_team"
    NO_KIT = "no_kit"
    KIT_LACKS = "kit_lacks"  # something of it is lost or broken


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that stands against a plan: on which day, who or what, where else, how much."""

    kind: ConflictKind
    on: date | None = None
    subject: str = ""  # thing_id of kit or person, the vehicle, or the name of the holiday
    other: str = ""  # activity_id that has it, or what a kit lacks
    needed: int = 0
    held: int = 0

    @property
    def code(self) -> str:
        """Return kind, day and subject for the log, which holds no personal data."""
        is_named = self.kind in (ConflictKind.KIT_TAKEN, ConflictKind.PERSON_TAKEN, ConflictKind.KIT_LACKS)
        parts = (self.kind.value, self.on.isoformat() if self.on else "", self.subject if is_named else "")
        return ":".join(filter(None, parts))


def conflicts_of(
    plan: Plan, work: Estimate, calendar: WorkCalendar, others: Iterable[Plan], today: date
) -> tuple[Conflict, ...]:
    """Return everything that stands against a plan, by kind and day. `others` are all other plans of the office."""
    found = [conflict for on in plan.days for conflict in _of_day(on, calendar, today)]
    years = sorted({on.year for on in plan.days})
    found += [Conflict(ConflictKind.NO_CALENDAR, date(y, 1, 1)) for y in years if not calendar.is_published(y)]
    for other in others:
        if other.activity_id != plan.activity_id:
            found += _of_other(plan, other)
    if work.days > len(set(plan.days)):
        found.append(Conflict(ConflictKind.TOO_MUCH_WORK, needed=work.days, held=len(set(plan.days))))
    if not plan.team:
        found.append(Conflict(ConflictKind.NO_TEAM))
    if not plan.kits:
        found.append(Conflict(ConflictKind.NO_KIT))
    order = tuple(ConflictKind)
    return tuple(sorted(found, key=lambda c: (order.index(c.kind), c.on or date.max, c.subject)))


def _of_day(on: date, calendar: WorkCalendar, today: date) -> Iterable[Conflict]:
    if on < today:
        yield Conflict(ConflictKind.PAST, on)
    off = calendar.day_off(on)
    if off is not None:
        kind = ConflictKind.WEEKEND if off.kind is DayKind.WEEKEND else ConflictKind.HOLIDAY
        yield Conflict(kind, on, off.name)


def _of_other(plan: Plan, other: Plan) -> list[Conflict]:
    """Return what two plans want on the same day."""
    found: list[Conflict] = []
    for on in sorted(set(plan.days) & set(other.days)):
        for kit in sorted(set(plan.kits) & set(other.kits)):
            found.append(Conflict(ConflictKind.KIT_TAKEN, on, kit, other.activity_id))
        for person in sorted(set(plan.team) & set(other.team)):
            found.append(Conflict(ConflictKind.PERSON_TAKEN, on, person, other.activity_id))
        if plan.vehicle and _plain(plan.vehicle) == _plain(other.vehicle):
            found.append(Conflict(ConflictKind.VEHICLE_TAKEN, on, plan.vehicle, other.activity_id))
    return found


def _plain(vehicle: str) -> str:
    """Return a vehicle without the spaces and cases that people write differently."""
    return "".join(vehicle.split()).casefold()
