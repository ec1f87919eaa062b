"""The month of the dinas: what is on which day; a day opens what is on it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.errors import Problem
from fieldkit.domain.planning.plan import Plan
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.keep_calendar import MonthOfWork
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Stage, ViewState
from ui.presenters.planning.month import Month, month_of
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthState(ViewState):
    """A month with its cursor; None before it was read."""

    month: Month | None = None


class MonthPresenter(Presenter[MonthState]):
    """Goes from month to month and opens a day."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        back = Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=navigator.back)
        turn = Command("turn", message("kegiatan.as_list"), Action.CALENDAR, runs=navigator.back)
        enter = Command("accept", message("kegiatan.open_day"), Action.ACCEPT, Weight.PRIMARY, runs=self.accept)
        super().__init__(MonthState(stage=Stage.LOADING, bar=Bar(back, (turn, enter))))
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._again = Command("refresh", message("act.refresh"), Action.REFRESH, Weight.PRIMARY, runs=self.refresh)
        self._cursor = context.clock.today()

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of what stands on its days."""
        return frozenset({"activity", "setting", Plan.KIND})

    def start(self) -> None:
        """Read the month anew."""
        at, calendar = self._cursor, self._context.office.calendar
        self._tasks.run(STORE, lambda: calendar.month(at.year, at.month), self._read, self._failed)

    def refresh(self) -> None:
        """Read the month anew."""
        self.start()

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

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, retry=self._again))
