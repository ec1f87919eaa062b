"""Kalender dinas: national holidays, and what the dinas changed in them with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.planning.schedule import CalendarDay, CutiBersama, DayKind, WorkCalendar
from fieldkit.domain.typed import DraftName
from fieldkit.services.calendar import DayOfWork, MonthOfWork, Visit
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.form import DraftedPresenter, Drafting, FormField, Left
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Stage, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message
from ui.presenters.tasks import STORE, Tasks

# The month of the dinas as the calendar widget draws it, and its screen: a day opens what is on it.


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


_REASON = FormField("reason", message("common.reason"), hint=message("hari.reason_hint"))
CUTI = Choice.each(CutiBersama, "hari.cuti_")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDaysState(ViewState):
    """The month, the day under the cursor, and what may be done with it."""

    month: Month | None = None
    day: Message = ""
    about: Message = ""
    visits: Message = ""
    reason: FormField | None = None
    cuti: str = ""
    changes: tuple[Message, ...] = ()
    confirm: Command | None = None  # offered for a year without decree
    may_keep: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    work: MonthOfWork
    calendar: WorkCalendar
    changes: tuple[CalendarDay, ...]


class CalendarDaysPresenter(DraftedPresenter[CalendarDaysState]):
    """Walks through the months and changes days. A typed reason waits with its day."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        drafting = Drafting(context, tasks, DraftName("calendar_days"))
        super().__init__(CalendarDaysState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._cursor = context.clock.today()
        self._first = self._cursor.replace(day=1)
        self._reason: str = ""
        self._wrong: Message = ""  # why the reason does not do
        self._seen: _Seen | None = None

    def start(self) -> None:
        """Read the month; at first also what was left, which may be about another."""
        if self._seen is not None or not self._may_keep:
            self.refresh()
            return
        self._tasks.run(STORE, self._drafting.read, self._begin_with, self._failed)

    def refresh(self) -> None:
        """Read the month anew."""
        self._tasks.run(STORE, partial(self._look, self._first), self._read, self._failed)

    def typed(self) -> Mapping[str, str]:
        """Return the reason that was typed, and its day."""
        return {"reason": self._reason, "day": self._cursor.isoformat()} if self._reason.strip() else {}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show this reason, at its day."""
        self._reason, self._wrong = fields.get("reason", ""), ""
        if day := fields.get("day", ""):
            self._cursor = date.fromisoformat(day)
            self._first = self._cursor.replace(day=1)
        self._render()

    def _begin_with(self, left: Left | None) -> None:
        self._restore(left)
        self.refresh()

    def turn(self, first: date) -> None:
        """Show another month."""
        self._first, self._cursor = first, first
        self.start()

    def go_to(self, on: date) -> None:
        """Put the cursor on a day."""
        self._cursor, self._wrong = on, ""
        if self._seen is not None and self._seen.work.first == self._first:
            self._render()

    def type_reason(self, text: str) -> None:
        """Take over the typed reason."""
        self._reason, self._wrong = text, ""
        self._render()
        self._edited()

    def accept(self) -> None:
        """Turn the day under the cursor around: off where it is worked on, worked on where it is off."""
        day = self._day()
        if day is None or not self._may_keep:
            return
        kind = DayKind.DINAS_WORKS if day.is_off else DayKind.DINAS_OFF
        change = partial(self._context.office.calendar.change, day.on, kind, self._reason)
        told = message("hari.changed", day=day_text(day.on))
        self._keep_typed(Operation(work=change, told=lambda _: told, done=lambda _day: self._changed()))

    def restore(self) -> None:
        """Take the change of the day under the cursor back."""
        if self._may_keep and self._is_changed():
            on = self._cursor
            self._act(partial(self._context.office.calendar.restore, on), message("hari.restored", day=day_text(on)))

    def confirm(self) -> None:
        """Say that the year was compared with the decree."""
        year = self._first.year
        self._act(partial(self._context.office.calendar.confirm, year), message("hari.confirmed", year=year))

    def choose_cuti(self, name: str) -> None:
        """Count cuti bersama as days off or as working days."""
        self._act(partial(self._context.office.calendar.choose, CutiBersama(name)), message("hari.chosen"))

    @property
    def _may_keep(self) -> bool:
        return self._context.user.may(Permission.KEEP_PROFILE)

    def _look(self, first: date) -> _Seen:
        calendar = self._context.office.calendar
        return _Seen(calendar.month(first.year, first.month), calendar.calendar(), tuple(calendar.changes()))

    def _read(self, seen: _Seen) -> None:
        if seen.work.first == self._first:
            self._seen = seen
            self._render()

    def _day(self) -> DayOfWork | None:
        days = self._seen.work.days if self._seen else ()
        return next((day for day in days if day.on == self._cursor), None)

    def _is_changed(self) -> bool:
        return self._seen is not None and self._cursor in self._seen.calendar.changes

    def _render(self) -> None:
        seen, day = self._seen, self._day()
        if seen is None or day is None:
            return
        year = seen.work.first.year
        confirm = Command("confirm", message("hari.confirm", year=year), runs=self.confirm)
        names = ", ".join(visit.activity.place for visit in day.visits)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                month=month_of(seen.work, self._context.clock.today(), self._cursor),
                day=day_text(day.on),
                about=about_day(day),
                visits=message("hari.visits", names=names) if names else "",
                reason=replace(_REASON, text=self._reason, problem=self._wrong),
                cuti=seen.calendar.choice.cuti_bersama.value,
                changes=tuple(map(_line, seen.changes)),
                confirm=confirm if self._may_keep and not seen.work.is_published else None,
                may_keep=self._may_keep,
                problem=None,
                bar=self._bar(day),
            )
        )

    def _bar(self, day: DayOfWork) -> Bar:
        if not self._may_keep:
            return Bar(leave(self.back), (), message("hari.not_yours"))
        refused: Message = "" if self._is_changed() else message("hari.no_change_here")
        restore = Command("restore", message("hari.restore"), Action.REMOVE, refused=refused, runs=self.restore)
        words = message("hari.make_works" if day.is_off else "hari.make_off")
        return Bar(leave(self.back), (restore, enter(words, self.accept)), message("hari.keys"))

    def _act(self, act: Callable[[], object], told: Message) -> None:
        self._operate(Operation(work=act, told=lambda _: told, done=lambda _: self.refresh()))

    def _changed(self) -> None:
        self._reason = ""
        self.refresh()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if problem.code == "calendar.no_reason":
            self._wrong = problem
            self._render()


def about_day(day: DayOfWork) -> Message:
    """Return what a day is to the dinas."""
    if day.named is None:
        return message("hari.weekend" if day.is_off else "hari.workday")
    if day.named.kind is DayKind.DINAS_WORKS:
        return message("hari.works", name=day.named.name)
    return message("hari.off" if day.is_off else "hari.is_cuti_worked", name=day.named.name)


def _line(change: CalendarDay) -> Message:
    key = "hari.line_works" if change.kind is DayKind.DINAS_WORKS else "hari.line_off"
    return message(key, day=day_text(change.on), reason=change.reason)
