"""Kegiatan: every activity with its next step and whose turn it is, and the form that begins one without a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.typed import read_day
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.list_activities import ActivityLine, Show
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.lists import Filter, Head, Listed, ListScreen
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Choice, Empty, Tag
from ui.presenters.planning.sop_messages import progress_tag
from ui.presenters.readers import answer

_NO_SOP = "-"


class Activities(OfficeList):
    """Finds an activity and opens it; with a day only what is on that day."""

    def __init__(self, context: AppContext, navigator: Navigator, on: date | None = None) -> None:
        super().__init__(context, navigator)
        self._on = on

    def screen(self) -> ListScreen[ActivityLine]:
        """Return the list: what is to come in its order, below it what was."""
        return ListScreen(
            title=message("kegiatan.of_day", day=day_text(self._on)) if self._on else message("common.activities"),
            heads=(
                Head(message("common.day"), self._day, 128, lambda line: line.days[0]),
                Head.named(message("common.activity"), lambda e: e.activity.name, lambda e: e.activity.place, 316),
                Head(message("common.next_step"), _next),
                Head(message("common.targets"), _targets, 128, lambda line: line.count.targets),
                Head(message("common.sop"), _steps, 148, lambda line: line.sop),
                Head.tagged(message("common.state"), self._state, 176, lambda line: line.progress.value),
            ),
            load=lambda: self._office.activities.next_first(self._on),
            name=lambda line: line.activity.activity_id,
            text=lambda line: f"{line.activity.name} {line.activity.place} {line.activity.surat_tugas} {line.sop}",
            reads=frozenset({"activity", "targets", "record", Plan.KIND, SopRun.KIND}),
            filters=(tuple(map(self._filter, Show)),),
            empty=self._nothing,
            commands=self._commands,
            hint=message("kegiatan.hint"),
        )

    def _filter(self, show: Show) -> Filter[ActivityLine]:
        today = self._context.clock.today()
        return Filter(show, message(f"kegiatan.show_{show}"), lambda line: line.is_shown(show, today))

    def _day(self, line: ActivityLine) -> Cell:
        return Cell(day_text(line.days[0]), _when(line, self._context.clock.today()))

    def _state(self, line: ActivityLine) -> Tag:
        return progress_tag(line, self._context.clock.today())

    def _nothing(self, listed: Listed[ActivityLine]) -> Empty:
        if listed.everything and listed.filters[0] == Show.MINE:
            return Empty(message("common.nothing_waits"), message("ui.list.none_hint"))
        if listed.everything:
            return Empty.of("ui.list.none")
        may = self._context.user.may
        next_step = "plan" if may(Permission.PLAN) else "register" if may(Permission.REGISTER) else "wait"
        return Empty(message("kegiatan.empty"), message(f"kegiatan.empty_{next_step}"))

    def _commands(self, listed: Listed[ActivityLine]) -> tuple[Command, ...]:
        line, may, opens = listed.current, self._context.user.may, self._opens
        none: Message = "" if line else message("kegiatan.choose_first")
        at = line.activity.activity_id if line else ""
        plan = opens("new_plan", message("kegiatan.new_plan"), Action.NEW_PLAN, "", "plan", activity_id="")
        request = opens("new_request", message("common.request_letter"), Action.NEW, "", "request", activity_id="")
        return (
            *(() if self._on else (opens("turn", message("common.calendar"), Action.CALENDAR, "", "month"),)),
            *((plan,) if may(Permission.PLAN) else ()),
            *((request,) if may(Permission.REGISTER) else ()),
            *((self._today(at, none),) if may(Permission.RECORD) else ()),
            opens("accept", message("kegiatan.open"), Action.ACCEPT, none, "activity", activity_id=at),
        )

    def _today(self, at: str, refused: Message) -> Command:
        """Offer to work on one of several: Beranda and the lists of the field are about one at a time."""
        work = Operation(
            work=partial(self._context.visits.work_on, at),
            told=lambda activity: message("kegiatan.worked_on", name=activity.name),
        )
        return Command("work_on", message("kegiatan.work_on"), Action.TODAY, refused=refused, runs=work)


def _targets(line: ActivityLine) -> Cell:
    recorded: Message = message("kegiatan.recorded", done=line.count.recorded) if line.count.targets else ""
    targets = message("kegiatan.count_targets", count=line.count.targets)
    return Cell(targets, recorded, is_muted=not line.count.targets)


def _steps(line: ActivityLine) -> Cell:
    glance = line.glance
    if glance is not None and glance.by_word:
        told = message("kegiatan.by_word", done=glance.done, total=glance.total, count=glance.by_word)
        return Cell(told, line.sop)
    return Cell(message("kegiatan.of_steps", done=glance.done, total=glance.total), line.sop) if glance else Cell()


def _when(line: ActivityLine, today: date) -> Message:
    away = (line.days[0] - today).days
    if len(line.days) > 1:
        return message("kegiatan.days", count=len(line.days))
    if away in (0, 1):
        return message("kegiatan.tomorrow" if away else "kegiatan.today")
    return message("kegiatan.in_days" if away > 0 else "kegiatan.days_ago", count=abs(away))


def _next(line: ActivityLine) -> Cell:
    step = line.mine or (line.glance.next if line.glance else None)
    if step is None:
        return Cell(message("kegiatan.nothing_next" if line.glance else "kegiatan.no_sop"), is_muted=True)
    whose: Message = message("common.your_turn") if line.mine else message("kegiatan.turn_of", who=step.column)
    return Cell(f"{step.no}. {step.words}", whose)


def sop_field(context: AppContext) -> FormField:
    """Return the field of the SOP that an activity follows, which may be none."""
    sops = tuple(Choice(sop.sop_id, sop.title) for sop in context.office.sop.chosen())
    choices = (*sops, Choice(_NO_SOP, message("rencana.no_sop")))
    return FormField("sop", message("rencana.sop"), choices[0].name, choices=choices, pick=Pick.TYPED)


def sop_of(values: Mapping[str, str]) -> str:
    """Return the sop_id that was chosen, "" for none."""
    return "" if values["sop"] == _NO_SOP else values["sop"]


def new_activity_form(context: AppContext) -> Form:
    """Return the form that begins an activity with its SOP and goes on to its plan."""
    office = context.office

    def load() -> tuple[FormField, ...]:
        on = office.calendar.calendar().next_workday(context.clock.today())
        modes = Choice.each(ModePerekaman, "rencana.mode_")
        return (
            FormField("name", message("rencana.new_name")),
            FormField("place", message("common.place")),
            FormField("on", message("rencana.new_on"), day_text(on)),
            FormField("mode", message("rencana.mode"), ModePerekaman.LURING.value, choices=modes),
            sop_field(context),
        )

    def keep(values: Mapping[str, str]) -> Activity:
        on, mode, sop = answer(values, "on", read_day), ModePerekaman(values["mode"]), sop_of(values)
        begun = office.planning.begin_activity(values["name"], values["place"], sop, mode, on)
        if sop:
            office.sop.begin(begun.activity_id, sop)
        return begun

    form = Form(
        message("rencana.new_title"),
        load,
        keep,
        save=message("rencana.begin"),
        go_on=lambda navigator, begun: navigator.replace("plan", activity_id=begun.activity_id),
    )
    return form.for_whom(context, Permission.PLAN, message("rencana.not_planner"))
