"""A month as the calendar widget draws it, made from what the office knows of its days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from fieldkit.domain.planning.calendar import DayKind
from fieldkit.services.planning.keep_calendar import DayOfWork, MonthOfWork, Visit
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone


@dataclass(frozen=True, slots=True)
class MonthEntry:
    """Something on a day; `name` is the activity_id."""

    name: str
    words: Message
    tone: Tone = Tone.SOFT


@dataclass(frozen=True, slots=True)
class MonthDay:
    """A day with the name of its holiday or the reason of a change, and what is planned."""

    on: date
    is_off: bool = False
    note: Message = ""
    entries: tuple[MonthEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Month:
    """Whole weeks from Monday; `cursor` is the day under the keyboard, `warning` stands below the title."""

    first: date
    days: tuple[MonthDay, ...]
    today: date
    cursor: date
    warning: Message = ""

    @property
    def day(self) -> MonthDay | None:
        """Return the day under the cursor."""
        return next((day for day in self.days if day.on == self.cursor), None)


def month_of(work: MonthOfWork, today: date, cursor: date) -> Month:
    """Return the month to draw; a cursor outside it stands on its first day."""
    is_inside = (cursor.year, cursor.month) == (work.first.year, work.first.month)
    warning: Message = "" if work.is_published else message("kalender.not_published", year=work.first.year)
    return Month(work.first, tuple(map(_day, work.days)), today, cursor if is_inside else work.first, warning)


def step_month(first: date, months: int) -> date:
    """Return the first day of the month so many months later, or earlier."""
    at = first.year * 12 + first.month - 1 + months
    return date(at // 12, at % 12 + 1, 1)


def step_day(on: date, days: int) -> date:
    """Return the day so many days later, or earlier."""
    return on + timedelta(days=days)


def _day(day: DayOfWork) -> MonthDay:
    return MonthDay(day.on, day.is_off, day_note(day), tuple(map(_entry, day.visits)))


def day_note(day: DayOfWork) -> Message:
    """Return the name of a day; a weekend needs none."""
    if day.named is None:
        return ""
    if day.named.kind is DayKind.DINAS_WORKS:
        return message("kalender.works", reason=day.named.name)
    return day.named.name


def _entry(visit: Visit) -> MonthEntry:
    tone = Tone.GOOD if visit.is_approved else Tone.SOFT if visit.has_plan else Tone.NEUTRAL
    return MonthEntry(visit.activity.activity_id, visit.activity.place, tone)
