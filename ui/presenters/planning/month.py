"""The month of the dinas as the calendar widget draws it, and its screen: a day opens what is on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from fieldkit.domain.planning.calendar import DayKind
from fieldkit.domain.planning.plan import Plan
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.keep_calendar import DayOfWork, MonthOfWork, Visit
from ui.presenters.actions import Action
from ui.presenters.commands import Command, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Stage, Tone, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave


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


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthState(ViewState):
    """A month with its cursor; None before it was read."""

    month: Month | None = None


class MonthPresenter(OperatingPresenter[MonthState]):
    """Goes from month to month and opens a day."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        turn = Command("turn", message("common.list"), Action.CALENDAR, runs=navigator.back)
        bar = Bar(leave(navigator.back), (turn, enter(message("kegiatan.open_day"), self.accept)))
        super().__init__(MonthState(stage=Stage.LOADING, bar=bar), tasks)
        self._context, self._navigator = context, navigator
        self._cursor = context.clock.today()

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of what stands on its days."""
        return frozenset({"activity", "setting", Plan.KIND})

    def start(self) -> None:
        """Read the month anew."""
        at, calendar = self._cursor, self._context.office.calendar
        self._tasks.run(STORE, lambda: calendar.month(at.year, at.month), self._read, self._failed)

    def show_month(self, first: date) -> None:
        """Show another month; a step over its edge keeps the day that `go_to` names next."""
        self._cursor = first
        self.start()

    def go_to(self, on: date) -> None:
        """Put the cursor on a day."""
        is_other = (on.year, on.month) != (self._cursor.year, self._cursor.month)
        self._cursor = on
        if is_other or self.state.month is None:
            self.start()
        else:
            self._become(replace(self.state, month=replace(self.state.month, cursor=on)))

    def open_day(self, on: date) -> None:
        """Open what is on a day: the one activity, or the list of them."""
        days = self.state.month.days if self.state.month else ()
        entries = next((day.entries for day in days if day.on == on), ())
        if len(entries) == 1:
            self._navigator.push("activity", activity_id=entries[0].name)
        elif entries:
            self._navigator.push("activities", on=on.isoformat())

    def accept(self) -> None:
        """Open the day under the cursor."""
        self.open_day(self._cursor)

    def _read(self, work: MonthOfWork) -> None:
        month = month_of(work, self._context.clock.today(), self._cursor)
        self._cursor = month.cursor
        self._become(replace(self.state, stage=Stage.CONTENT, month=month, problem=None, retry=None))
