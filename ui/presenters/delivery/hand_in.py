"""Kirim dari flashdisk: the sealed records of another laptop go to the data center, and what became of each is told."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.backups import Drive
from fieldkit.ports.data_center import CarryReport, NotCarried, SyncProgress
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.cancel import CancelFlag
from ui.presenters.commands import Command, Weight
from ui.presenters.delivery.drives import place_of, stick_fields, with_text
from ui.presenters.figures import Number
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Progress, Stage, Toast, Tone
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STICK, SYNC, Tasks
from ui.presenters.ways_out import leave, unread


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why some records were not taken, and which."""

    problem: Problem
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInState(FormState):
    """The sticks, and below them what became of the last one's records; no counts before."""

    counts: tuple[Number, ...] = ()
    refusals: tuple[Refusal, ...] = ()


class HandInPresenter(Presenter[HandInState]):
    """Enter sends what is on the stick, F5 looks for sticks again. A `ProgressSink` too."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        title, hint = message("titip.title"), message("titip.hint")
        super().__init__(HandInState(stage=Stage.LOADING, title=title, hint=hint, bar=Bar(leave(self.back))))
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._drives: tuple[Drive, ...] = ()
        self._flag: CancelFlag | None = None
        self._turn = threading.Lock()
        self._newest: SyncProgress | None = None

    def start(self) -> None:
        """Look for sticks."""
        self.refresh()

    def refresh(self) -> None:
        """Look for sticks again: one was plugged in or pulled out."""
        self._tasks.run(STICK, lambda: tuple(self._context.backups.drives()), self._found, self._unread)

    def type(self, name: str, text: str) -> None:
        """Take a keystroke of the other folder, or the choice of a stick."""
        self._become(replace(self.state, fields=with_text(self.state.fields, name, text), problem=None))

    def accept(self) -> None:
        """Send the records of the folder that was typed, else of the stick that is chosen."""
        place = place_of(self.state.fields, self._drives)
        if self.state.stage is not Stage.CONTENT or self._refused():
            return
        if not place:
            self._failed(Problem("stick.none"))
            return
        self._flag = flag = CancelFlag()
        self._newest = None
        self._work(Progress(message("titip.looking")))
        # On the executor of the sender: both speak over one line.
        carrying = self._context.carrying
        self._tasks.run(SYNC, lambda: carrying.carry(Path(place), self, flag), self._carried, self._failed)

    def stop(self) -> None:
        """Stop after the piece under way; what was sent stays sent."""
        if self._flag is not None:
            self._flag.cancel()
            self._become(replace(self.state, progress=Progress(message("cadangan.stopping"))))

    def back(self) -> None:
        """Go back; a run under way must be stopped first."""
        if self._flag is None:
            self._navigator.back()

    def offer(self, progress: SyncProgress) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first, self._newest = self._newest is None, progress
        if is_first:
            self._tasks.post(self._show_progress)

    def _show_progress(self) -> None:
        with self._turn:
            step, self._newest = self._newest, None
        if step is None or self._flag is None or self._flag.is_cancelled():
            return
        if not step.record_id:
            self._work(Progress(message(step.step)))
            return
        title = message("titip.sending", at=step.records_done + 1, total=step.records_total)
        self._work(Progress(title, step.sent_bytes, step.size_bytes))

    def _work(self, progress: Progress) -> None:
        stop = Command("stop", message("cadangan.stop"), Action.BACK, Weight.PLAIN, runs=self.stop)
        shown = replace(progress, cancel=replace(stop, act=None))
        self._become(replace(self.state, stage=Stage.BUSY, progress=shown, bar=Bar(stop), problem=None))

    def _found(self, drives: tuple[Drive, ...]) -> None:
        fields = stick_fields(drives, self.state.fields, self._drives, message("titip.place_hint"))
        self._drives = drives
        if self._flag is None:
            self._become(replace(self.state, stage=Stage.CONTENT, fields=fields, bar=self._bar()))

    def _carried(self, report: CarryReport) -> None:
        was_stopped = self._flag is not None and self._flag.is_cancelled()
        self._flag = None
        problem, toast = report.stopped_by, None
        if problem is None and not report.found:
            place = place_of(self.state.fields, self._drives)
            problem = Problem("stick.no_records", {"where": place})
        elif problem is None:
            toast = _toast(report, was_stopped=was_stopped)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                progress=None,
                problem=problem,
                toast=toast,
                counts=_counts(report) if report.found else (),
                refusals=_grouped(report.refused),
                bar=self._bar(),
            )
        )

    def _failed(self, problem: Problem) -> None:
        self._flag = None
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, problem=problem, bar=self._bar()))

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))

    def _bar(self) -> Bar:
        look = Command("refresh", message("cadangan.look"), Action.REFRESH, runs=self.refresh)
        send = Command(
            *("accept", message("titip.send"), Action.ACCEPT, Weight.PRIMARY, self._refused()), runs=self.accept
        )
        return Bar(leave(self.back), (look, send))

    def _refused(self) -> Message:
        return "" if self._context.user.may(Permission.SEND) else message("kirim.not_your_role")


def _counts(report: CarryReport) -> tuple[Number, ...]:
    """Return how many were found, and what became of them; what did not happen takes no line."""
    parts = (
        ("carried", len(report.carried), Tone.GOOD),
        ("held", len(report.held_already), Tone.GOOD),
        ("adopted", len(report.adopted), Tone.CAUTION),
        ("queued", len(report.queued), Tone.NEUTRAL),
        ("refused", len(report.refused), Tone.BAD),
        ("left", report.left, Tone.CAUTION),
    )
    lines = (Number(str(count), message(f"titip.{name}"), tone) for name, count, tone in parts if count)
    return (Number(str(report.found), message("titip.found")), *lines)


def _grouped(refused: Sequence[NotCarried]) -> tuple[Refusal, ...]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for each in refused:
        by_reason[each.reason].append(each.record_id)
    return tuple(Refusal(Problem(reason), tuple(ids)) for reason, ids in by_reason.items())


def _toast(report: CarryReport, *, was_stopped: bool) -> Toast:
    if was_stopped and report.left:
        return Toast(message("titip.stopped"), Tone.CAUTION)
    if report.refused:
        return Toast(message("titip.some_refused", count=len(report.refused)), Tone.CAUTION)
    if report.adopted or report.queued:
        return Toast(message("titip.now_queue"))
    return Toast(message("titip.all_done", count=len(report.carried) + len(report.held_already)))
