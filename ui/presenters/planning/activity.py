"""One kegiatan: its SOP as a timeline, and what can be done at the step under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.sop.run import StepState
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.list_activities import ActivityLine
from fieldkit.services.sop.view import SopView, StepView, Turn
from ui.presenters.actions import CHOICES, Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Number
from ui.presenters.messages import message
from ui.presenters.navigator import Navigator, Opens
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Stage, Tone
from ui.presenters.planning.sop_figures import StepPanel, TimelineState
from ui.presenters.planning.sop_messages import facts_of, line_of, now_words, progress_tag, sop_words, tag_of
from ui.presenters.planning.step_form import StepAct, params_of, screens_of
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

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

    def _write_down(self, act: StepAct) -> None:
        step = str(self._cursor)
        self._navigator.push("step_form", activity_id=self._activity_id, step=step, act=act.value)

    def _to(self, screen: str) -> Opens:
        return Opens(self._navigator, screen, params_of(screen, self._activity_id))

    def _show_step(self) -> None:
        step = self._step()
        if step is None or self._view is None:
            return
        screens = screens_of(fact for group in step.awaited for fact in group) if _may_go(step) else ()
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
        may_tick = any(each.may_tick for each in step.inputs) and (_may_go(step) or (is_over and step.is_mine))
        may_pass = may_override and not is_over and step.turn is not Turn.ITSELF
        offered: tuple[tuple[bool, str, Callable[[], None]], ...] = (
            *((True, f"to_{screen}", self._to(screen)) for screen in screens),
            (is_mine, "complete", self.declare),
            (step.turn is Turn.RECORD, "to_write_down", self.declare),
            (is_mine and step.state is StepState.READY, "begin_step", self.begin_step),
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
