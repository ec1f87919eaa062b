"""The calendar of the dinas: national holidays, its own changes, office hours, and what is planned on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity, Plan
from fieldkit.domain.planning.schedule import (
    CalendarChoice,
    CalendarDay,
    CutiBersama,
    DayKind,
    Holiday,
    HolidayYear,
    WorkCalendar,
    WorkHours,
)
from fieldkit.domain.sop.times import OfficeClock
from fieldkit.ports.repositories import NationalHolidays
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitsOfWork

_YEARS_AROUND = 3  # clocks look back over old records, plans and 17th birthdays ahead


@dataclass(frozen=True, slots=True)
class Visit:
    """One activity on one of its days. `has_plan` is false where only the day of the activity is known."""

    activity: Activity
    has_plan: bool
    is_approved: bool


@dataclass(frozen=True, slots=True)
class DayOfWork:
    """A day as the month shows it. `named` is its name, `is_off` whether nobody works on it."""

    on: date
    named: Holiday | None
    is_off: bool
    visits: tuple[Visit, ...]


@dataclass(frozen=True, slots=True)
class MonthOfWork:
    """Whole weeks from Monday around one month."""

    first: date
    days: tuple[DayOfWork, ...]
    is_published: bool


class KeepCalendar:
    """Reads and changes the calendar."""

    def __init__(self, units: UnitsOfWork, source: NationalHolidays) -> None:
        self._units, self._source = units, source

    def calendar(self) -> WorkCalendar:
        """Return the calendar that plans and clocks count by."""
        with self._units.read() as unit:
            return self.calendar_in(unit)

    def calendar_in(self, unit: Unit) -> WorkCalendar:
        """Return the calendar within an open transaction."""
        return WorkCalendar(self._years(), self._changes(unit), self._choice(unit))

    def office_clock(self, unit: Unit) -> OfficeClock:
        """Return what counts in office hours, within an open transaction."""
        return OfficeClock(self.calendar_in(unit), self._units.clock.local)

    def changes(self) -> Sequence[CalendarDay]:
        """Return what the dinas changed, by day."""
        with self._units.read() as unit:
            return sorted(self._changes(unit).values(), key=lambda change: change.on)

    def change(self, on: date, kind: DayKind, reason: str) -> CalendarDay:
        """Let a day be off, or be worked on. Raise `InputError` without a reason or where it is so already."""
        if kind not in (DayKind.DINAS_OFF, DayKind.DINAS_WORKS):
            raise InputError("calendar.not_a_change", kind=kind.value)
        if not reason.strip():
            raise InputError("calendar.no_reason")
        day = CalendarDay(on.isoformat(), on, kind, reason.strip())
        with self._units.write(Permission.KEEP_PROFILE) as work:
            others = {o: c for o, c in self._changes(work.unit).items() if o != on}
            before = WorkCalendar(self._years(), others, self._choice(work.unit))
            if before.is_workday(on) is (kind is DayKind.DINAS_WORKS):
                raise InputError("calendar.is_so_already", day=on.strftime("%d-%m-%Y"))
            work.keep(day, "calendar_changed", kind=kind.value)
        return day

    def restore(self, on: date) -> None:
        """Take a change back."""
        with self._units.write(Permission.KEEP_PROFILE) as work:
            work.unit.repository(CalendarDay).remove(on.isoformat())
            work.note("calendar_restored", on.isoformat())

    def choose(self, cuti_bersama: CutiBersama) -> None:
        """Count cuti bersama as days off or as working days."""
        self._keep_choice(lambda choice: replace(choice, cuti_bersama=cuti_bersama))

    def set_hours(self, usual: WorkHours, friday: WorkHours) -> None:
        """Set the office hours of Monday to Thursday and of Friday. Raise `InputError("calendar.hours")`."""
        usual.check("usual")
        friday.check("friday")
        self._keep_choice(lambda choice: replace(choice, hours=usual, friday=friday))

    def confirm(self, year: int) -> None:
        """Note that the dinas compared a year with the decree and entered what was missing."""
        self._keep_choice(lambda choice: replace(choice, confirmed_years=tuple({*choice.confirmed_years, year})))

    def month(self, year: int, month: int) -> MonthOfWork:
        """Return a month with its holidays and visits. Raise `InputError` outside the years 1900 to 2199."""
        if not (1900 <= year < 2200 and 1 <= month <= 12):
            raise InputError("calendar.no_such_month", year=year, month=month)
        first = date(year, month, 1)
        start = first - timedelta(days=first.weekday())
        last = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        count = ((last - start).days // 7 + 1) * 7
        with self._units.read() as unit:
            calendar, visits = self.calendar_in(unit), _visits(unit)
        days = (start + timedelta(days=n) for n in range(count))
        return MonthOfWork(
            first,
            tuple(
                DayOfWork(on, calendar.named(on), not calendar.is_workday(on), tuple(visits.get(on, ()))) for on in days
            ),
            calendar.is_published(year),
        )

    def _keep_choice(self, change: Callable[[CalendarChoice], CalendarChoice]) -> None:
        with self._units.write(Permission.KEEP_PROFILE) as work:
            choice = change(self._choice(work.unit))
            work.keep(choice, "calendar_chosen", cuti_bersama=choice.cuti_bersama.value)

    def _years(self) -> dict[int, HolidayYear]:
        this = self._units.clock.today().year
        return {year: self._source.year(year) for year in range(this - _YEARS_AROUND, this + _YEARS_AROUND + 1)}

    @staticmethod
    def _changes(unit: Unit) -> dict[date, CalendarDay]:
        return {change.on: change for change in unit.repository(CalendarDay).search()}

    @staticmethod
    def _choice(unit: Unit) -> CalendarChoice:
        return unit.repository(CalendarChoice).find(CalendarChoice.ONLY) or CalendarChoice()


def _visits(unit: Unit) -> Mapping[date, list[Visit]]:
    """Return who goes where on which day; an activity without a plan stands on its own day."""
    plans = {plan.activity_id: plan for plan in unit.repository(Plan).search()}
    found: dict[date, list[Visit]] = defaultdict(list)
    for activity in unit.activities.all():
        plan = plans.get(activity.activity_id)
        visit = Visit(activity, plan is not None, plan is not None and bool(plan.approved_by))
        for on in plan.days if plan else (activity.on,):
            found[on].append(visit)
    for visits in found.values():
        visits.sort(key=lambda visit: visit.activity.name)
    return found
