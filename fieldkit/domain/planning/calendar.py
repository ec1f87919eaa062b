"""Working days of a dinas: weekends, national holidays, cuti bersama, and what the dinas changed itself.

Holidays are fixed each year by a joint decree (SKB) some months before; a year without it is known only in part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

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
class CalendarChoice:
    """What the dinas decided about its whole calendar."""

    KIND: ClassVar[str] = "calendar_choice"
    ONLY: ClassVar[str] = "calendar"

    thing_id: str = "calendar"
    cuti_bersama: CutiBersama = CutiBersama.DAY_OFF
    confirmed_years: tuple[int, ...] = ()  # the dinas compared these with the decree by itself
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
