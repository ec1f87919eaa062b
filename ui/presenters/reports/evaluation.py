"""Evaluasi: what an activity taught, beside its numbers; ends with the laporan kegiatan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial

from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.reports.evaluation import Points
from fieldkit.domain.visits import VISIT_MINUTES
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.reports.evaluate import EvaluationView
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.figures import Number
from ui.presenters.form import FormField
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Stage, Tag, Tone, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

NAMES = tuple(field.name for field in fields(Points))
_SAVE_MS = 5_000
_MOST_LATE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationState(ViewState):
    """The four lists as typed, and the numbers that they are about."""

    title: Message = ""
    tag: Tag | None = None
    fields: tuple[FormField, ...] = ()
    may_write: bool = False
    numbers: tuple[Number, ...] = ()
    late: tuple[Number, ...] = ()


class EvaluationPresenter(DraftedPresenter[EvaluationState]):
    """Keeps what is typed by itself, as a draft until it is kept; a report is written once."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("evaluation", {"activity_id": activity_id}))
        super().__init__(EvaluationState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._seen: EvaluationView | None = None
        self._texts: dict[str, str] = {}
        self._kept: Points | None = None
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Read the activity; what was typed is kept every few seconds."""
        self._stop()
        self._stop = self._tasks.every(_SAVE_MS, self._save)
        view = self._context.office.evaluation.view
        self._tasks.run(STORE, lambda: (view(self._activity_id), self._drafting.read()), self._read, self._failed)

    def stop(self) -> None:
        """Keep what was typed."""
        self._stop()
        self._save()
        self.settle()

    def typed(self) -> Mapping[str, str]:
        """Return the lists that stand otherwise than they are kept."""
        if not self.state.may_write or self._kept is None:
            return {}
        points = self._points()
        changed = (name for name in NAMES if getattr(points, name) != getattr(self._kept, name))
        return {name: self._texts[name] for name in changed}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the lists as they are kept, but for these."""
        kept = self._kept or Points()
        self._texts = {name: fields.get(name, "\n".join(getattr(kept, name))) for name in NAMES}
        self._render()

    def type_field(self, name: str, text: str) -> None:
        """Take what was typed into one of the lists."""
        if self.state.may_write:
            self._texts[name] = text
            self._render()
            self._edited()

    def report(self) -> None:
        """Write the laporan kegiatan, or go to the one that is there."""
        seen = self._seen
        if seen is not None and seen.letter is not None:
            self._open(seen.letter)
        elif self.state.may_write:
            self._write(partial(self._context.office.evaluation.report, self._activity_id, self._points()))

    def minutes(self) -> None:
        """Write the notulen of the meeting."""
        if self._may:
            self._write(partial(self._context.office.evaluation.minutes, self._activity_id, self._points()))

    @property
    def _may(self) -> bool:
        return self._context.user.may(Permission.EVALUATE)

    def _points(self) -> Points:
        return Points(**{name: tuple(self._texts.get(name, "").splitlines()) for name in NAMES})

    def _read(self, found: tuple[EvaluationView, Left | None]) -> None:
        is_first = self._seen is None
        seen, left = found
        self._seen = seen
        if is_first or seen.letter is not None:
            self._texts = {name: "\n".join(getattr(seen.points, name)) for name in NAMES}
            self._kept = self._points()
        self._become(replace(self.state, stage=Stage.CONTENT, problem=None, retry=None))
        self._render()
        if is_first and self.state.may_write:
            self._restore(left)

    def _save(self) -> None:
        points = self._points()
        if not self.state.may_write or self._is_operating or self._kept is None or points == self._kept:
            return
        before, self._kept = self._kept, points
        write = partial(self._context.office.evaluation.write, self._activity_id, points)

        def not_saved(problem: Problem) -> None:
            self._kept = before  # so that it is tried again
            self._become(replace(self.state, problem=problem))

        self._tasks.write(write, not_saved, lambda _kept: self._saved())

    def _saved(self) -> None:
        self._become(replace(self.state, restored=""))
        self._keep_at_once()

    def _write(self, act: Callable[[], Letter]) -> None:
        self._operate(Operation(work=act, done=self._open, busy=message("ui.stage.busy")))

    def _open(self, letter: Letter) -> None:
        self._kept = self._points()
        self._keep_at_once()
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _render(self) -> None:
        seen = self._seen
        if seen is None:
            return
        is_open = seen.letter is None
        self._become(
            replace(
                self.state,
                where=seen.activity.place,
                title=message("evaluasi.title", activity=seen.activity.name),
                tag=_tag(seen, lambda at: day_text(self._context.clock.local(at).date())),
                fields=tuple(_field(name, self._texts.get(name, "")) for name in NAMES),
                may_write=self._may and is_open,
                numbers=_numbers(seen),
                late=tuple(
                    Number(f"{each.minutes} / {each.standard_minutes}", f"{each.no}. {each.name}", Tone.CAUTION)
                    for each in seen.times
                    if each.is_late
                )[:_MOST_LATE],
                bar=self._bar(is_open=is_open),
            )
        )

    def _bar(self, *, is_open: bool) -> Bar:
        empty: Message = "" if any(map(str.strip, self._texts.values())) else message("evaluasi.nothing_said")
        refused = empty if self._may else message("evaluasi.not_yours")
        report = message("evaluasi.report" if is_open else "evaluasi.open_report")
        minutes = Command("minutes", message("evaluasi.minutes"), Action.NEW, refused=refused, runs=self.minutes)
        write = Command("report", report, Action.ISSUE, Weight.PRIMARY, refused if is_open else "", self.report)
        note = message("evaluasi.kept_by_itself") if is_open and self._may else ""
        return Bar(leave(self.back), (minutes, write), note)


def _field(name: str, text: str) -> FormField:
    return FormField(name, message(f"evaluasi.{name}"), text, message(f"evaluasi.{name}_hint"), is_long=True)


def _tag(seen: EvaluationView, day: Callable[..., str]) -> Tag:
    if seen.letter is not None:
        return Tag(message("evaluasi.reported", day=day(seen.letter.made_at)), Tone.GOOD)
    if seen.evaluation is not None:
        return Tag(message("evaluasi.draft", day=day(seen.evaluation.at)), Tone.SOFT)
    return Tag(message("evaluasi.not_begun"), Tone.NEUTRAL)


def _numbers(seen: EvaluationView) -> tuple[Number, ...]:
    count = seen.count
    numbers = [
        Number(str(count.targets), message("evaluasi.targets")),
        Number(str(count.recorded), message("evaluasi.recorded"), Tone.GOOD),
        Number(str(count.with_exception), message("evaluasi.with_exception")),
        Number(str(count.revisit), message("evaluasi.revisit"), Tone.CAUTION if count.revisit else Tone.NEUTRAL),
        Number(str(count.unsent), message("evaluasi.unsent"), Tone.CAUTION if count.unsent else Tone.NEUTRAL),
    ]
    if seen.visits:
        over = Tone.CAUTION if seen.over_standard else Tone.NEUTRAL
        numbers += [
            Number(str(seen.visit_minutes), message("evaluasi.visit_minutes")),
            Number(str(seen.over_standard), message("evaluasi.over_standard", minutes=VISIT_MINUTES), over),
        ]
    return tuple(numbers)
