"""Kegiatan: every activity with its next step and whose turn it is, and the form that begins one without a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import NamedTuple

from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Plan
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.domain.typed import chosen, read_day
from fieldkit.domain.visits import Perekaman
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning import ActivityLine, Show
from fieldkit.services.sop.view import SopView, StepView, Turn
from ui.presenters.amounts import day_text
from ui.presenters.figures import FigureCell, Number
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.lists import Filter, Head, Listed, ListScreen, OfficeList
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Tone, leave
from ui.presenters.planning.steps import (
    StepAct,
    StepPanel,
    TimelineState,
    facts_of,
    line_of,
    now_words,
    own_first,
    params_of,
    preset,
    progress_tag,
    screens_of,
    sop_words,
    tag_of,
)
from ui.presenters.presenter import CHOICES, Action, Command, Message, Navigator, Opens, Operation, enter, message
from ui.presenters.readers import answer
from ui.presenters.tasks import STORE, Tasks

_AS_SOP = "sop"
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

    def _day(self, line: ActivityLine) -> FigureCell:
        return FigureCell(day_text(line.days[0]), _when(line, self._context.clock.today()))

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


def _targets(line: ActivityLine) -> FigureCell:
    recorded: Message = message("kegiatan.recorded", done=line.count.recorded) if line.count.targets else ""
    targets = message("kegiatan.count_targets", count=line.count.targets)
    return FigureCell(targets, recorded, is_muted=not line.count.targets)


def _steps(line: ActivityLine) -> FigureCell:
    glance = line.glance
    if glance is not None and glance.by_word:
        told = message("kegiatan.by_word", done=glance.done, total=glance.total, count=glance.by_word)
        return FigureCell(told, line.sop)
    return (
        FigureCell(message("kegiatan.of_steps", done=glance.done, total=glance.total), line.sop)
        if glance
        else FigureCell()
    )


def _when(line: ActivityLine, today: date) -> Message:
    away = (line.days[0] - today).days
    if len(line.days) > 1:
        return message("kegiatan.days", count=len(line.days))
    if away in (0, 1):
        return message("kegiatan.tomorrow" if away else "kegiatan.today")
    return message("kegiatan.in_days" if away > 0 else "kegiatan.days_ago", count=abs(away))


def _next(line: ActivityLine) -> FigureCell:
    step = line.mine or (line.glance.next if line.glance else None)
    if step is None:
        return FigureCell(message("kegiatan.nothing_next" if line.glance else "kegiatan.no_sop"), is_muted=True)
    whose: Message = message("common.your_turn") if line.mine else message("kegiatan.turn_of", who=step.column)
    return FigureCell(f"{step.no}. {step.words}", whose)


def sop_field(context: AppContext) -> FormField:
    """Return the field of the SOP that an activity follows, which may be none."""
    own = own_first(context)
    choices = (*(Choice(sop.sop_id, sop.title) for sop in own), Choice(_NO_SOP, message("rencana.no_sop")))
    return FormField("sop", message("rencana.sop"), preset(context, own), choices=choices, pick=Pick.TYPED)


def sop_of(values: Mapping[str, str]) -> str:
    """Return the sop_id that was chosen, "" for none."""
    sop = answer(values, "sop", chosen(str))
    return "" if sop == _NO_SOP else sop


def perekaman_field() -> FormField:
    """Return the field of the program in which people are recorded."""
    choices = Choice.each((_AS_SOP, *Perekaman), "rencana.perekaman_")
    return FormField("perekaman", message("rencana.perekaman"), _AS_SOP, choices=choices)


def perekaman_in(values: Mapping[str, str]) -> Perekaman | None:
    """Return what was chosen, None where the SOP decides."""
    return None if values["perekaman"] == _AS_SOP else Perekaman(values["perekaman"])


_PLANNED = {Fulfilment.SCHEDULED, Fulfilment.PLAN_APPROVED}  # by a plan; a counter has neither


class _Begun(NamedTuple):
    activity: Activity
    screen: str  # where it goes on


def new_activity_form(context: AppContext) -> Form:
    """Return the form that begins an activity with its SOP and goes on to its plan; a counter plans no day."""
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
            perekaman_field(),
        )

    def keep(values: Mapping[str, str]) -> _Begun:
        on, mode, sop = answer(values, "on", read_day), ModePerekaman(values["mode"]), sop_of(values)
        begun = office.planning.begin_activity(values["name"], values["place"], sop, mode, on, perekaman_in(values))
        if sop:
            office.sop.begin(begun.activity_id, sop)
        followed = [profile.facts for profile in own_first(context) if profile.sop_id == sop]
        return _Begun(begun, "plan" if all(facts & _PLANNED for facts in followed) else "activity")

    form = Form(
        message("rencana.new_title"),
        load,
        keep,
        save=message("rencana.begin"),
        go_on=lambda navigator, begun: navigator.replace(begun.screen, activity_id=begun.activity.activity_id),
    )
    return form.for_whom(context, Permission.PLAN, message("rencana.not_planner"))


# One kegiatan: its SOP as a timeline, and what can be done at the step under the cursor.

_BUSY = message("ui.stage.busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityState(TimelineState):
    """Numbers in the head, and the panel beside the timeline."""

    numbers: tuple[Number, ...] = ()
    panel: StepPanel | None = None


class ActivityPresenter(OperatingPresenter[ActivityState]):
    """Leads from a step to where it is done."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        super().__init__(ActivityState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._activity_id = context, navigator, activity_id
        self._view: SopView | None = None
        self._cursor = 0
        self._kinds = ""  # of the letters that the step under the cursor still asks for

    def start(self) -> None:
        """Read the activity anew: what another screen did shows at once."""
        self._tasks.run(STORE, self._load, self._loaded, self._failed)

    def _load(self) -> tuple[ActivityLine, SopView | None]:
        office = self._context.office
        return office.activities.one(self._activity_id), office.sop.view(self._activity_id)

    def _loaded(self, found: tuple[ActivityLine, SopView | None]) -> None:
        line, view = found
        activity, count, today = line.activity, line.count, self._context.clock.today()
        self._view = view
        days = (
            day_text(line.days[0]) if len(line.days) == 1 else f"{day_text(line.days[0])} – {day_text(line.days[-1])}"
        )
        surat = activity.surat_tugas
        state = replace(
            self.state,
            stage=Stage.CONTENT,
            where=activity.place,
            tag=progress_tag(line, today),
            title=activity.name,
            subtitle=message(
                f"langkah.about_{activity.mode.value}", place=activity.place, day=days, surat=surat or "–"
            ),
            numbers=(
                Number(str(count.targets), message("common.targets_counted")),
                Number(str(count.recorded), message("beranda.recorded"), Tone.GOOD),
                Number(str(count.unsent), message("langkah.unsent"), Tone.CAUTION if count.unsent else Tone.NEUTRAL),
            ),
            progress=None,
        )
        if view is None:
            begin = Command(
                "begin", message("langkah.choose_sop"), CHOICES[0], runs=partial(self._write_down, StepAct.BEGIN)
            )
            title, now = message("langkah.form_begin"), message("langkah.no_sop")
            panel = StepPanel(title, "", None, now, (), (begin,))
            self._become(replace(state, sop=now, steps=(), panel=panel, bar=self._bar(panel.ways)))
            return
        if self._cursor not in {step.no for step in view.steps}:
            self._cursor = _first_step(view)
        sop = sop_words(view)
        self._become(replace(state, sop=sop, steps=tuple(map(line_of, view.steps))))
        self._show_step()

    # --- the step under the cursor

    def choose_step(self, no: int) -> None:
        """Put the cursor on a step."""
        self._cursor = no
        self._become(replace(self.state, problem=None, retry=None))
        self._show_step()

    def next_step(self, by: int) -> None:
        """Move the cursor."""
        if self._view is not None:
            numbers = [step.no for step in self._view.steps]
            self.choose_step(numbers[max(0, min(len(numbers) - 1, numbers.index(self._cursor) + by))])

    def accept(self) -> None:
        """Do the first thing that the step asks for."""
        if self.state.panel is not None and self.state.panel.ways:
            self.perform(self.state.panel.ways[0])

    def declare(self) -> None:
        """Ask for somebody's word that the step was done."""
        step = self._step()
        if step is not None:
            self._navigator.push("declare", activity_id=self._activity_id, step=str(step.no))

    def begin_step(self) -> None:
        """Start the clock of the step."""
        step = self._step()
        if step is not None:
            work = partial(self._context.office.sop.start, self._activity_id, step.no)
            self._operate(Operation(work=work, done=lambda _: self.start(), busy=_BUSY))

    def resume_step(self) -> None:
        """Let a step that waited go on."""
        step = self._step()
        if step is not None:
            work = partial(self._context.office.sop.resume, self._activity_id, step.no)
            self._operate(Operation(work=work, done=lambda _: self.start(), busy=_BUSY))

    def _write_down(self, act: StepAct) -> None:
        step = str(self._cursor)
        self._navigator.push("step_form", activity_id=self._activity_id, step=step, act=act.value)

    def _to(self, screen: str) -> Opens:
        return Opens(self._navigator, screen, params_of(screen, self._activity_id))

    def _to_do(self, screen: str) -> Opens:
        """Return what opens a screen for the step under the cursor: the letters on those that it asks for."""
        way = self._to(screen)
        return replace(way, params={**way.params, "kinds": self._kinds}) if screen == "letters" else way

    def _show_step(self) -> None:
        step = self._step()
        if step is None or self._view is None:
            return
        screens = screens_of(fact for group in step.awaited for fact in group) if _may_go(step) else ()
        self._kinds = " ".join(kind for each in step.outputs if not each.is_there for kind in each.kinds)
        ways = self._ways_of(step, screens, self._view.may_override)
        panel = StepPanel(
            message("common.step", no=step.no),
            step.words,
            tag_of(step),
            now_words(step),
            facts_of(step, self._context.clock.local),
            ways,
        )
        self._become(replace(self.state, cursor=step.no, panel=panel, bar=self._bar(ways)))

    def _bar(self, ways: tuple[Command, ...]) -> Bar:
        beside = (
            Command("show_evaluation", message("langkah.evaluation"), Action.EVALUATE, runs=self._to("evaluation")),
            Command("show_letters", message("common.letters"), Action.LETTER, runs=self._to("letters")),
            Command("show_sop", message("common.sop"), Action.READ, runs=self._to("sop_document")),
            Command("show_queue", message("common.printing_day"), Action.PRINT, runs=self._to("printing_day")),
        )
        if not ways:
            return Bar(leave(self.back), beside, message("langkah.keys"))
        first = enter(ways[0].words, self.accept, ways[0].refused)
        return Bar(leave(self.back), (*beside, first), message("langkah.keys"))

    def _ways_of(self, step: StepView, screens: tuple[str, ...], may_override: bool) -> tuple[Command, ...]:
        """Return what can be done at a step, the likeliest first; each has its digit."""
        is_mine, is_over, write = step.turn is Turn.YOURS, step.turn is Turn.OVER, self._write_down
        is_running = step.is_mine and step.state is StepState.RUNNING
        may_tick = any(each.may_tick for each in step.inputs) and (_may_go(step) or (is_over and step.is_mine))
        may_pass = may_override and not is_over and step.turn is not Turn.ITSELF
        offered: tuple[tuple[bool, str, Callable[[], None]], ...] = (
            *((True, f"to_{screen}", self._to_do(screen)) for screen in screens),
            (is_mine, "complete", self.declare),
            (step.turn is Turn.RECORD, "to_write_down", self.declare),
            (is_mine and step.state is StepState.READY, "begin_step", self.begin_step),
            (is_running and not step.on_hold, "hold", partial(write, StepAct.HOLD)),
            (is_running and bool(step.on_hold), "resume", self.resume_step),
            (step.is_mine and step.now.started_at is not None, "work_late", partial(write, StepAct.WORK_LATE)),
            (may_tick, "tick", partial(write, StepAct.TICK)),
            (step.turn is not Turn.ITSELF, "note", partial(write, StepAct.NOTE)),
            (may_override and is_over, "repeat", partial(write, StepAct.REPEAT)),
            (may_pass and not is_mine, "override", self.declare),
            (may_pass, "skip", partial(write, StepAct.SKIP)),
        )
        ways = ((key, run) for is_there, key, run in offered if is_there)
        return tuple(
            Command(key, message(f"langkah.{key}"), act, runs=run)
            for (key, run), act in zip(ways, CHOICES, strict=False)
        )

    def _step(self) -> StepView | None:
        return next((step for step in self._view.steps if step.no == self._cursor), None) if self._view else None


def _first_step(view: SopView) -> int:
    """Return where the cursor begins: the user's own turn, else the next step, else the last."""
    ready = [step.no for step in view.steps if step.state in (StepState.READY, StepState.RUNNING)]
    return next(iter([*(step.no for step in view.my_turn), *ready]), view.steps[-1].no)


def _may_go(step: StepView) -> bool:
    return step.turn in (Turn.YOURS, Turn.RECORD, Turn.WAITS)
