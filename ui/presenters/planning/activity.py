"""One kegiatan: its SOP as a timeline, and what can be done at the step under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.sop.run import StepState
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning.list_activities import ActivityLine
from fieldkit.services.sop.view import SopView, StepView, Turn
from ui.presenters.actions import CHOICES, Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.figures import Number
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, Opens
from ui.presenters.parts import Bar, Stage, Tone
from ui.presenters.planning.sop_figures import FormKind, StepForm, StepPanel, TimelineState
from ui.presenters.planning.sop_messages import facts_of, line_of, now_words, progress_tag, sop_words, tag_of
from ui.presenters.planning.step_form import (
    begin_form,
    do_form,
    form_of,
    left_of,
    next_choice,
    typed,
    unkept,
    with_left,
)
from ui.presenters.planning.step_ways import params_of, screens_of
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave, unread

_BUSY = message("ui.stage.busy")


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityState(TimelineState):
    """Numbers in the head, and the panel or the form beside the timeline."""

    numbers: tuple[Number, ...] = ()
    panel: StepPanel | None = None
    form: StepForm | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    line: ActivityLine
    view: SopView | None
    left: Left | None


class ActivityPresenter(DraftedPresenter[ActivityState]):
    """Leads from a step to where it is done. What is typed into the forms of its steps is one draft."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("activity", {"activity_id": activity_id}))
        super().__init__(ActivityState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._view: SopView | None = None
        self._cursor = 0
        self._left: Mapping[str, str] = {}  # what was typed into the forms of the steps
        self._blank: StepForm | None = None  # the form in front as it was opened

    def start(self) -> None:
        """Read the activity anew: what another screen did shows at once."""
        self._tasks.run(STORE, self._load, self._loaded, self._failed)

    refresh = start

    def _load(self) -> _Found:
        office = self._context.office
        line, view = office.activities.one(self._activity_id), office.sop.view(self._activity_id)
        return _Found(line, view, self._drafting.read() if self._view is None else None)

    def _loaded(self, found: _Found) -> None:
        line, view, is_first = found.line, found.view, self._view is None
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
                Number(str(count.targets), message("beranda.targets")),
                Number(str(count.recorded), message("beranda.recorded"), Tone.GOOD),
                Number(str(count.unsent), message("langkah.unsent"), Tone.CAUTION if count.unsent else Tone.NEUTRAL),
            ),
            progress=None,
        )
        if view is None:
            form = self.state.form or begin_form(self._context.office.sop.chosen(), activity.sop)
            self._become(
                replace(state, sop=message("langkah.no_sop"), steps=(), panel=None, form=form, bar=self._form_bar(form))
            )
            return
        if self._cursor not in {step.no for step in view.steps}:
            self._cursor = _first_step(view)
        sop = sop_words(view)
        kept = self.state.form if self.state.form and self.state.form.kind is not FormKind.BEGIN else None
        self._become(replace(state, sop=sop, steps=tuple(map(line_of, view.steps)), form=kept))
        self._show_step()
        if is_first and found.left is not None:
            self._go_on_typing(found.left)

    # --- the step under the cursor

    def choose_step(self, no: int) -> None:
        """Put the cursor on a step."""
        if self._view is not None and self.state.form is None:
            self._cursor = no
            self._become(replace(self.state, problem=None, retry=None))
            self._show_step()

    def next_step(self, by: int) -> None:
        """Move the cursor, or the choice of the form."""
        if self.state.form is not None:
            self._change(next_choice(self.state.form, by))
        elif self._view is not None:
            numbers = [step.no for step in self._view.steps]
            self.choose_step(numbers[max(0, min(len(numbers) - 1, numbers.index(self._cursor) + by))])

    def accept(self) -> None:
        """Do the first thing that the step asks for, or what the form says."""
        if self.state.form is not None:
            self._submit(self.state.form)
        elif self.state.panel is not None and self.state.panel.ways:
            way = self.state.panel.ways[0]
            self.perform(way)

    def declare(self) -> None:
        """Ask for somebody's word that the step was done."""
        step = self._step()
        if step is not None:
            self._navigator.push("declare", activity_id=self._activity_id, step=str(step.no))

    def begin_step(self) -> None:
        """Start the clock of the step."""
        step = self._step()
        if step is not None:
            self._do(partial(self._context.office.sop.start, self._activity_id, step.no))

    # --- the form

    def type_field(self, name: str, text: str) -> None:
        """Keep what is typed."""
        if self.state.form is not None:
            self._change(typed(self.state.form, name, text))

    def choose(self, name: str) -> None:
        """Choose a line of the form."""
        if self.state.form is not None:
            self._change(replace(self.state.form, chosen=name))

    def typed(self) -> Mapping[str, str]:
        """Return what was typed into any form of a step."""
        return self._left

    def fill(self, fields: Mapping[str, str]) -> None:
        """Let these be what was typed; the form in front shows its own."""
        self._left = dict(fields)
        if self._blank is not None:
            self._become(replace(self.state, form=with_left(self._blank, self._cursor, self._left)))

    def _change(self, form: StepForm) -> None:
        self._become(replace(self.state, form=form))
        if self._blank is not None:
            self._left = unkept(self._left, form, self._blank, self._cursor)
            self._edited()

    def _go_on_typing(self, left: Left) -> None:
        """Open the form that was typed into when the program stopped, where its step still asks for one."""
        self._left = left.fields
        for no, kind in left_of(left.fields):
            if self._view is not None and no in {step.no for step in self._view.steps}:
                self._cursor = no
                self._show_step()
                self.ask(kind)
                return

    def back(self) -> None:
        """Put the form away, or leave; what was typed waits for the next time."""
        form = self.state.form
        if form is not None and form.kind is not FormKind.BEGIN:
            self.settle()
            self._blank = None
            self._become(replace(self.state, form=None, problem=None, retry=None, restored=""))
            self._show_step()
        else:
            self._navigator.back()

    def ask(self, kind: FormKind) -> None:
        """Open a form of the step under the cursor."""
        step = self._step()
        if step is not None:
            self._blank = form_of(kind, step)
            form = with_left(self._blank, step.no, self._left)
            restored = self._drafting.words if form != self._blank else ""
            bar = self._form_bar(form)
            self._become(replace(self.state, form=form, problem=None, retry=None, bar=bar, restored=restored))

    def _submit(self, form: StepForm) -> None:
        no = self._cursor
        rest = unkept(self._left, self._blank, self._blank, no) if self._blank is not None else self._left

        def done(_nothing: None) -> None:
            self._left, self._blank = rest, None
            self._done()

        do = partial(do_form, self._context, self._activity_id, no, form)
        self._keep_typed(Operation(work=do, done=done, busy=_BUSY), rest)

    def _do(self, act: Callable[[], None]) -> None:
        self._operate(Operation(work=act, done=lambda _: self._done(), busy=_BUSY))

    def _done(self) -> None:
        self._become(replace(self.state, form=None))
        self.start()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))

    def _to(self, screen: str) -> Opens:
        return Opens(self._navigator, screen, params_of(screen, self._activity_id))

    def _show_step(self) -> None:
        step = self._step()
        if step is None or self._view is None:
            return
        screens = screens_of(fact for group in step.awaited for fact in group) if _may_go(step) else ()
        ways = self._ways_of(step, screens, self._view.may_override)
        panel = StepPanel(
            message("langkah.step", no=step.no),
            step.words,
            tag_of(step),
            now_words(step),
            facts_of(step, self._context.clock.local),
            ways,
        )
        bar = self._form_bar(self.state.form) if self.state.form else self._bar(ways)
        self._become(replace(self.state, cursor=step.no, panel=panel, bar=bar))

    def _bar(self, ways: tuple[Command, ...]) -> Bar:
        beside = (
            Command("show_evaluation", message("langkah.evaluation"), Action.EVALUATE, runs=self._to("evaluation")),
            Command("show_letters", message("langkah.letters"), Action.LETTER, runs=self._to("letters")),
            Command("show_sop", message("langkah.sop_document"), Action.READ, runs=self._to("sop_document")),
            Command("show_queue", message("langkah.printing_day"), Action.PRINT, runs=self._to("printing_day")),
        )
        if not ways:
            return Bar(leave(self.back), beside, message("langkah.keys"))
        first = enter(ways[0].words, self.accept, ways[0].refused)
        return Bar(leave(self.back), (*beside, first), message("langkah.keys"))

    def _form_bar(self, form: StepForm) -> Bar:
        save = message("langkah.begin" if form.kind is FormKind.BEGIN else "langkah.save")
        return Bar(leave(self.back), (enter(save, self.accept),))

    def _ways_of(self, step: StepView, screens: tuple[str, ...], may_override: bool) -> tuple[Command, ...]:
        """Return what can be done at a step, the likeliest first; each has its digit."""
        ways: list[tuple[str, Message, Callable[[], None]]] = [
            (f"open_{screen}", message(f"langkah.to_{screen}"), self._to(screen)) for screen in screens
        ]
        is_mine = step.turn is Turn.YOURS
        if is_mine:
            ways.append(("complete", message("langkah.complete"), self.declare))
        if step.turn is Turn.RECORD:
            ways.append(("write_down", message("langkah.to_write_down"), self.declare))
        if is_mine and step.state is StepState.READY:
            ways.append(("begin_step", message("langkah.begin_step"), self.begin_step))
        if any(each.may_tick for each in step.inputs) and (_may_go(step) or (step.turn is Turn.OVER and step.is_mine)):
            ways.append(("tick", message("langkah.tick"), partial(self.ask, FormKind.TICK)))
        if step.turn is not Turn.ITSELF:
            ways.append(("note", message("langkah.note"), partial(self.ask, FormKind.NOTE)))
        if may_override and step.turn is Turn.OVER:
            ways.append(("repeat", message("langkah.repeat"), partial(self.ask, FormKind.REPEAT)))
        elif may_override and step.turn is not Turn.ITSELF:
            override = ("override", message("langkah.override"), self.declare)
            ways += [] if is_mine else [override]
            ways.append(("skip", message("langkah.skip"), partial(self.ask, FormKind.SKIP)))
        return tuple(
            Command(name, words, act, runs=run) for (name, words, run), act in zip(ways, CHOICES, strict=False)
        )

    def _step(self) -> StepView | None:
        return next((step for step in self._view.steps if step.no == self._cursor), None) if self._view else None


def _first_step(view: SopView) -> int:
    """Return where the cursor begins: the user's own turn, else the next step, else the last."""
    ready = [step.no for step in view.steps if step.state in (StepState.READY, StepState.RUNNING)]
    return next(iter([*(step.no for step in view.my_turn), *ready]), view.steps[-1].no)


def _may_go(step: StepView) -> bool:
    return step.turn in (Turn.YOURS, Turn.RECORD, Turn.WAITS)
