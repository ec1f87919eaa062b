"""Flashdisk: which stick, how far work with it is, how it is stopped; the backup, and records of another laptop."""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission
from fieldkit.ports.delivery import CarryReport, NotCarried, SyncProgress
from fieldkit.ports.exchange import CopyProgress, Drive
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import left_words, moment_text, size_words
from ui.presenters.delivery.queue import Sending
from ui.presenters.figures import Number
from ui.presenters.form import FormField, FormState
from ui.presenters.parts import Bar, Choice, Progress, Stage, Toast, Tone, leave, unread
from ui.presenters.presenter import Action, Command, Message, Navigator, Presenter, Weight, enter, message
from ui.presenters.tasks import STICK, SYNC, CancelFlag, Tasks

F = TypeVar("F", bound=FormState)
P = TypeVar("P")
DRIVE, PLACE = "drive", "place"
_GIGA = 1_000_000_000


class StickWorkPresenter(Presenter[F], Generic[F, P]):
    """Enter works with the stick that is chosen, F5 looks for sticks again; who leaves stops the work first.

    It is a sink of progress too: what is offered comes on the executor and is shown on the thread of the window.
    """

    def __init__(self, state: F, words: Message, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(replace(state, stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._words, self._context, self._tasks, self._navigator = words, context, tasks, navigator
        self._drives: tuple[Drive, ...] = ()
        self._flag: CancelFlag | None = None  # of the work under way
        self._turn = threading.Lock()
        self._newest: P | None = None

    @abstractmethod
    def read_hints(self) -> tuple[Message, Message]:
        """Return what stands above the form, and below the field of the folder; on the executor."""

    @abstractmethod
    def work(self, place: str, flag: CancelFlag) -> None:
        """Begin the work with a folder; `_ended` ends it."""

    @abstractmethod
    def shown(self, step: P) -> Progress:
        """Return how far the work is."""

    def start(self) -> None:
        """Look for sticks."""
        self.refresh()

    def refresh(self) -> None:
        """Look for sticks again: one was plugged in or pulled out."""
        drives = self._context.backups.drives
        self._tasks.run(STICK, lambda: (tuple(drives()), self.read_hints()), self._found, self._unread)

    def type(self, name: str, text: str) -> None:
        """Take a keystroke of the other folder, or the choice of a stick; a folder that was typed gives way to it."""
        self._become(replace(self.state, fields=with_text(self.state.fields, name, text), problem=None))

    def accept(self) -> None:
        """Work with the folder that was typed, else with the stick that is chosen."""
        if self.state.stage is not Stage.CONTENT or self._refused():
            return
        if not (place := place_of(self.state.fields, self._drives)):
            self._failed(Problem("stick.none"))
            return
        self._flag, self._newest = CancelFlag(), None
        self.work(place, self._flag)

    def stop(self) -> None:
        """Stop the work under way after the piece that it is at."""
        if self._flag is not None:
            self._flag.cancel()
            self._become(replace(self.state, progress=Progress(message("cadangan.stopping"))))

    def back(self) -> None:
        """Go back; work under way must be stopped first."""
        if self._flag is None:
            self._navigator.back()

    def offer(self, progress: P) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first, self._newest = self._newest is None, progress
        if is_first:
            self._tasks.post(self._show_newest)

    def _show_newest(self) -> None:
        with self._turn:
            step, self._newest = self._newest, None
        if step is not None and self._flag is not None and not self._flag.is_cancelled():
            self._show_progress(self.shown(step))

    def _show_progress(self, progress: Progress) -> None:
        stop = Command("stop", message("cadangan.stop"), Action.BACK, Weight.PLAIN, runs=self.stop)
        shown = progress._replace(cancel=replace(stop, act=None))
        self._become(replace(self.state, stage=Stage.BUSY, progress=shown, bar=Bar(stop), problem=None, toast=None))

    def _found(self, found: tuple[tuple[Drive, ...], tuple[Message, Message]]) -> None:
        drives, (hint, place_hint) = found
        fields = stick_fields(drives, self.state.fields, self._drives, place_hint)
        self._drives = drives
        self._become(replace(self.state, fields=fields, hint=hint, retry=None))
        if self._flag is None:
            self._rest(problem=None if self.state.stage is Stage.ERROR else self.state.problem)

    def _ended(self, **changes: Any) -> None:
        """Show the form again; the work is over."""
        self._flag = None
        self._rest(**changes)

    def _rest(self, **changes: Any) -> None:
        look = Command("refresh", message("cadangan.look"), Action.REFRESH, runs=self.refresh)
        accept = enter(self._words, self.accept, self._refused())
        bar = Bar(leave(self.back), (look, accept))
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, bar=bar, **changes))

    def _failed(self, problem: Problem) -> None:
        self._ended(problem=problem)

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))

    def _refused(self) -> Message:
        return "" if self._context.user.may(Permission.SEND) else message("kirim.not_your_role")


def stick_fields(
    drives: Sequence[Drive], shown: Sequence[FormField], known: Sequence[Drive], hint: Message
) -> tuple[FormField, ...]:
    """Return the fields for `drives`; what was typed and chosen on the fields `shown` for the drives `known` stays."""
    other = FormField(PLACE, message("cadangan.place"), _text(shown, PLACE), hint)
    if not drives:
        return (replace(other, hint=message("cadangan.none_plugged")),)
    names = [drive.place for drive in drives]
    before = _chosen(shown, known)
    chosen = before if before in names else names[0]
    choices = tuple(Choice(str(at), drive_words(drive)) for at, drive in enumerate(drives))
    return (FormField(DRIVE, message("cadangan.stick"), str(names.index(chosen)), choices=choices), other)


def with_text(fields: Sequence[FormField], name: str, text: str) -> tuple[FormField, ...]:
    """Return the fields after a key or a choice; a stick that is chosen takes the place of a folder that was typed."""
    texts = {name: text} | ({PLACE: ""} if name == DRIVE else {})
    return tuple(replace(field, text=texts.get(field.name, field.text)) for field in fields)


def place_of(fields: Sequence[FormField], drives: Sequence[Drive]) -> str:
    """Return the folder that was typed, else the stick that is chosen, "" without either."""
    return _text(fields, PLACE).strip() or _chosen(fields, drives)


def drive_words(drive: Drive) -> Message:
    """Return the name of a stick and its room."""
    if drive.free_bytes is None:
        return drive.name
    tenths = drive.free_bytes * 10 // _GIGA
    return message("cadangan.drive", name=drive.name, whole=tenths // 10, tenth=tenths % 10)


def _text(fields: Sequence[FormField], name: str) -> str:
    return next((field.text for field in fields if field.name == name), "")


def _chosen(fields: Sequence[FormField], drives: Sequence[Drive]) -> str:
    text = _text(fields, DRIVE)
    return drives[int(text)].place if text and int(text) < len(drives) else ""


class StickPresenter(StickWorkPresenter[FormState, CopyProgress]):
    """Copies to the stick; half a copy does not stay. `record_id` "" is a backup of everything."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, record_id: str = "") -> None:
        title = message("cadangan.record_title" if record_id else "common.back_up_to_stick")
        words = message("cadangan.hand_over" if record_id else "common.back_up")
        super().__init__(FormState(title=title), words, context, tasks, navigator)
        self._record_id = record_id
        self._said: Message = ""  # where the last copy is; it stays when the toast is gone
        self._begun_at = context.clock.now()

    def read_hints(self) -> tuple[Message, Message]:
        """Return where the last copy is, or when the last backup was made."""
        return self._said or self._standing(), message("cadangan.place_hint")

    def work(self, place: str, flag: CancelFlag) -> None:
        """Copy to a folder."""
        self._begun_at = self._context.clock.now()
        self._show_progress(Progress(message("cadangan.begins")))
        copy = (lambda: self._hand_over(place)) if self._record_id else (lambda: self._back_up(place, flag))
        self._tasks.run(STICK, copy, self._copied, self._failed)

    def shown(self, step: CopyProgress) -> Progress:
        """Return how much is copied, and about how long the rest takes."""
        passed = self._context.clock.now() - self._begun_at
        detail: Message = ""
        if step.done_bytes and passed > timedelta(seconds=1):
            detail = left_words(passed * ((step.total_bytes - step.done_bytes) / step.done_bytes))
        # Each byte is written and read back: a person knows the backup by half of that.
        done, total = size_words(step.done_bytes // 2).params, size_words(step.total_bytes // 2).params
        of_total = {"of_whole": total["whole"], "of_tenth": total["tenth"]}
        title = message("cadangan.copied_of", whole=done["whole"], tenth=done["tenth"], **of_total)
        return Progress(title, step.done_bytes, step.total_bytes, detail)

    def _standing(self) -> Message:
        if self._record_id:
            return message("cadangan.record_hint")
        standing = self._context.backups.standing()
        if standing.last_at is None:
            return message("cadangan.never", count=standing.unsent)
        at = moment_text(self._context.clock.local(standing.last_at))
        return message("cadangan.last", at=at, count=standing.unsent)

    def _back_up(self, place: str, flag: CancelFlag) -> Message:
        made = self._context.backups.make(place, self, flag)
        return message("cadangan.done", records=made.records, where=made.folder)

    def _hand_over(self, place: str) -> Message:
        return message("cadangan.handed_over", where=self._context.backups.hand_over(self._record_id, place))

    def _copied(self, said: Message) -> None:
        self._said = said
        toast = Toast(message("cadangan.record_toast" if self._record_id else "cadangan.toast"))
        self._ended(hint=said, toast=toast)
        self.refresh()

    def _failed(self, problem: Problem) -> None:
        if problem.code == "backup.stopped":
            self._ended(toast=Toast(message("cadangan.stopped"), Tone.CAUTION))
        else:
            super()._failed(problem)


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


class HandInPresenter(StickWorkPresenter[HandInState, SyncProgress]):
    """Sends what is on the stick; what was sent before somebody stopped it stays sent."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, sending: Sending) -> None:
        """`sending` is told whom a list of the office on the stick shuts out, and that the data center was there."""
        self._sending = sending
        super().__init__(HandInState(title=message("titip.title")), message("titip.send"), context, tasks, navigator)

    def read_hints(self) -> tuple[Message, Message]:
        """Return what is sent from where."""
        return message("titip.hint"), message("titip.place_hint")

    def work(self, place: str, flag: CancelFlag) -> None:
        """Send the records of a folder, on the executor of the sender: both speak over one line."""
        self._show_progress(Progress(message("titip.looking")))
        carry = self._context.carrying.carry
        self._tasks.run(
            SYNC,
            lambda: carry(Path(place), self, flag),
            lambda report: self._carried(report, place, flag),
            self._failed,
        )

    def shown(self, step: SyncProgress) -> Progress:
        """Return which record is under way."""
        if not step.record_id:
            return Progress(message(step.step))
        title = message("titip.sending", at=step.records_done + 1, total=step.records_total)
        return Progress(title, step.sent_bytes, step.size_bytes)

    def _carried(self, report: CarryReport, place: str, flag: CancelFlag) -> None:
        problem, toast, brought = report.stopped_by or next(iter(report.brought.problems), None), None, report.brought
        if report.stopped_by is None and (report.carried or report.held_already):
            self._sending.answered()
        if brought.shut_out is not None:
            self._sending.shut(brought.shut_out)
            return
        if problem is None and not report.found and brought.taken:
            toast = Toast(message("titip.from_office", count=len(brought.taken)))
        elif problem is None and not report.found:
            problem = Problem("stick.no_records", {"where": place})
        elif problem is None:
            toast = _toast(report, was_stopped=flag.is_cancelled())
        counts = _counts(report) if report.found else ()
        self._ended(problem=problem, toast=toast, counts=counts, refusals=_grouped(report.refused))


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
