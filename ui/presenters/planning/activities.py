"""Kegiatan: every activity with its next step and whose turn it is, as a list or as a month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.keep_calendar import MonthOfWork
from fieldkit.services.planning.list_activities import ActivityLine, ActivityList, Progress, Show, Wanted
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.planning.month import Month, month_of
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread

COLUMNS = (
    Column(message("kegiatan.day"), 128),
    Column(message("kegiatan.activity"), 316),
    Column(message("kegiatan.next")),
    Column(message("kegiatan.targets"), 128),
    Column(message("kegiatan.steps"), 148),
    Column(message("kegiatan.state"), 176),
)
NEW = ""
"""The activity_id that the screens `request` and `plan` take for an activity that does not exist yet."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One way of looking at the list, with how many it would show."""

    show: Show
    words: Message
    is_on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitiesState(ViewState):
    """The list as filtered, or the month; `month` is not None while the calendar is shown."""

    rows: Rows = NO_ROWS
    nothing: Empty = NOTHING
    tags: tuple[Tag, ...] = ()
    filters: tuple[Filter, ...] = ()
    sop: Message = ""  # which SOP is shown
    month: Month | None = None


class ActivitiesPresenter(Presenter[ActivitiesState]):
    """Finds an activity and opens it."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, show: Show = Show.ALL) -> None:
        super().__init__(ActivitiesState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._wanted = Wanted(show=show)
        self._lines: tuple[ActivityLine, ...] = ()
        self._sops: tuple[str, ...] = ()
        self._selected = ""
        self._cursor = context.clock.today()
        self._is_month = False

    def start(self) -> None:
        """Read what stands in front anew."""
        self._read()

    refresh = start

    def search(self, text: str) -> None:
        """Show the activities that match what was typed so far."""
        self._wanted = replace(self._wanted, text=text)
        self._read()

    def show(self, show: Show) -> None:
        """Look in one way; the same once more shows all."""
        self._wanted = replace(self._wanted, show=Show.ALL if show is self._wanted.show else show)
        self._read()

    def next_filter(self) -> None:
        """Look in the next way."""
        ways = tuple(Show)
        self._wanted = replace(self._wanted, show=ways[(ways.index(self._wanted.show) + 1) % len(ways)])
        self._read()

    def next_sop(self) -> None:
        """Show the activities of the next SOP, after the last one those of all."""
        ways = ("", *self._sops)
        at = ways.index(self._wanted.sop) if self._wanted.sop in ways else 0
        self._wanted = replace(self._wanted, sop=ways[(at + 1) % len(ways)])
        self._read()

    def turn(self) -> None:
        """Show the month instead of the list, or the list again."""
        self._is_month = not self._is_month
        if self._wanted.on is not None:
            self._wanted = replace(self._wanted, on=None)
        self._read()

    def show_month(self, first: date) -> None:
        """Show another month; a step over its edge keeps the day that `go_to` names next."""
        self._cursor = first
        self._read()

    def go_to(self, on: date) -> None:
        """Put the cursor of the month on a day."""
        is_other = (on.year, on.month) != (self._cursor.year, self._cursor.month)
        self._cursor = on
        if is_other or self.state.month is None:
            self._read()
        else:
            self._become(replace(self.state, month=replace(self.state.month, cursor=on)))

    def open_day(self, on: date) -> None:
        """Open what is on a day: the one activity, or the list of them."""
        month = self.state.month
        day = next((day for day in month.days if day.on == on), None) if month else None
        if day is None or not day.entries:
            return
        if len(day.entries) == 1:
            self.open(day.entries[0].name)
            return
        self._is_month = False
        self._wanted = replace(Wanted(), on=on)
        self._read()

    def select(self, activity_id: str) -> None:
        """Remember the row under the cursor."""
        self._selected = activity_id

    def accept(self) -> None:
        """Open the row under the cursor."""
        if self._is_month:
            self.open_day(self._cursor)
        elif any(line.activity.activity_id == self._selected for line in self._lines):
            self.open(self._selected)

    def open(self, activity_id: str) -> None:
        """Open an activity."""
        self._selected = activity_id
        self._navigator.push("activity", activity_id=activity_id)

    def new_request(self) -> None:
        """Register a surat permohonan."""
        self._navigator.push("request", activity_id=NEW)

    def new_plan(self) -> None:
        """Plan an outreach of the dinas's own."""
        self._navigator.push("plan", activity_id=NEW)

    def back(self) -> None:
        """Go back to the month that a day was opened from, or leave."""
        if self._wanted.on is not None:
            self.turn()
        else:
            self._navigator.back()

    def _read(self) -> None:
        if self._is_month:
            at = self._cursor
            calendar = self._context.office.calendar
            self._tasks.run(STORE, lambda: calendar.month(at.year, at.month), self._month_read, self._failed)
        else:
            wanted = self._wanted
            self._tasks.run(
                STORE, lambda: self._context.office.activities.wanted(wanted), self._list_read, self._failed
            )

    def _month_read(self, work: MonthOfWork) -> None:
        month = month_of(work, self._context.clock.today(), self._cursor)
        self._cursor = month.cursor
        self._become(replace(self.state, stage=Stage.CONTENT, month=month, problem=None, retry=None, bar=self._bar()))

    def _list_read(self, found: ActivityList) -> None:
        self._lines = found.lines
        self._sops = tuple(sorted(found.sops, key=lambda sop: found.sops[sop]))
        today = self._context.clock.today()
        if not found.total:
            empty = Empty(message("kegiatan.empty"), message("kegiatan.empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, month=None, bar=self._bar()))
            return
        wanted, lines = self._wanted, found.lines
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                month=None,
                rows=Rows(len(lines), found.total, lambda at: _row(lines[at], today)),
                nothing=_nothing(wanted),
                tags=(Tag(day_text(wanted.on), Tone.SOFT, "clock"),) if wanted.on else (),
                filters=tuple(
                    Filter(
                        show,
                        message(f"kegiatan.show_{show.value}", count=found.counts.get(show, 0)),
                        show is wanted.show and wanted.on is None,
                    )
                    for show in Show
                ),
                sop=message("kegiatan.of_sop", sop=found.sops[wanted.sop])
                if wanted.sop in found.sops
                else message("kegiatan.every_sop"),
                problem=None,
                retry=None,
                bar=self._bar(),
            )
        )
        if all(line.activity.activity_id != self._selected for line in lines):
            self._selected = lines[0].activity.activity_id if lines else ""

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))

    def _bar(self) -> Bar:
        user = self._context.user
        turn = message("kegiatan.as_list" if self._is_month else "kegiatan.as_month")
        actions = [Command("turn", turn, Action.CALENDAR)]
        if user.may(Permission.PLAN):
            actions.append(Command("new_plan", message("kegiatan.new_plan"), Action.NEW_PLAN))
        if user.may(Permission.REGISTER):
            actions.append(Command("new_request", message("kegiatan.new_request"), Action.NEW))
        refused: Message = "" if self._lines or self._is_month else message("kegiatan.choose_first")
        open_it = message("kegiatan.open_day" if self._is_month else "kegiatan.open")
        return Bar(BACK, (*actions, Command("accept", open_it, Action.ACCEPT, Weight.PRIMARY, refused)))


def _nothing(wanted: Wanted) -> Empty:
    if wanted.text:
        return Empty(message("kegiatan.not_found", text=wanted.text), message("kegiatan.not_found_hint"))
    if wanted.show is Show.MINE:
        return Empty(message("kegiatan.none_mine"), message("kegiatan.none_mine_hint"))
    return Empty(message("kegiatan.none_here"), message("kegiatan.none_here_hint"))


def _row(line: ActivityLine, today: date) -> Row:
    activity, count, glance = line.activity, line.count, line.glance
    recorded: Message = message("kegiatan.recorded", done=count.recorded) if count.targets else ""
    steps: Message = message("kegiatan.of_steps", done=glance.done, total=glance.total) if glance else ""
    return Row(
        activity.activity_id,
        (
            Cell(day_text(line.days[0]), _when(line, today)),
            Cell(activity.name, activity.place, is_strong=True),
            _next_cell(line),
            Cell(message("kegiatan.count_targets", count=count.targets), recorded, is_muted=not count.targets),
            Cell(steps, line.sop if glance else ""),
            Cell(tags=(state_tag(line, today),)),
        ),
    )


def _when(line: ActivityLine, today: date) -> Message:
    away = (line.days[0] - today).days
    if len(line.days) > 1:
        return message("kegiatan.days", count=len(line.days))
    if away == 0:
        return message("kegiatan.today")
    if away == 1:
        return message("kegiatan.tomorrow")
    return message("kegiatan.in_days" if away > 0 else "kegiatan.days_ago", count=abs(away))


def _next_cell(line: ActivityLine) -> Cell:
    if line.glance is None:
        return Cell(message("kegiatan.no_sop"), is_muted=True)
    step = line.mine or line.glance.next
    if step is None:
        return Cell(message("kegiatan.nothing_next"), is_muted=True)
    whose: Message = message("kegiatan.your_turn") if line.mine else message("kegiatan.turn_of", who=step.column)
    return Cell(f"{step.no}. {step.words}", whose)


def state_tag(line: ActivityLine, today: date) -> Tag:
    """Return how an activity stands, the user's own turn first."""
    if line.mine is not None:
        return Tag(message("kegiatan.tag_mine"), Tone.CAUTION)
    if line.is_late(today):
        return Tag(message("kegiatan.tag_late"), Tone.BAD)
    tones = {Progress.FINISHED: Tone.GOOD, Progress.UNDER_WAY: Tone.SOFT, Progress.NOT_BEGUN: Tone.NEUTRAL}
    return Tag(message(f"kegiatan.tag_{line.progress.value}"), tones[line.progress])
