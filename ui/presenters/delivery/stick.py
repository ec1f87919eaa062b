"""Flashdisk: a backup of the kit, or one record that goes another way; which stick, how far, where it is now."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import timedelta

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.backups import CopyProgress, Drive
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.back_up import BackupStanding
from ui.presenters.actions import Action
from ui.presenters.amounts import left_words, moment_text, size_words
from ui.presenters.cancel import CancelFlag
from ui.presenters.commands import Command, Weight
from ui.presenters.delivery.drives import place_of, stick_fields, with_text
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Progress, Stage, Toast, Tone
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STICK, Tasks
from ui.presenters.ways_out import leave, unread


@dataclass(frozen=True, slots=True)
class _Found:
    drives: tuple[Drive, ...]
    standing: BackupStanding


class StickPresenter(Presenter[FormState]):
    """Enter copies to the stick that is chosen, F5 looks for sticks again. `record_id` "" is a backup of everything.

    A `CopySink`: what is offered comes on the executor and is shown on the thread of the window.
    """

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, record_id: str = "") -> None:
        title = message("cadangan.record_title") if record_id else message("cadangan.title")
        super().__init__(FormState(stage=Stage.LOADING, title=title, bar=Bar(leave(self.back))))
        self._context, self._tasks, self._navigator, self._record_id = context, tasks, navigator, record_id
        self._drives: tuple[Drive, ...] = ()
        self._said: Message = ""  # where the last copy is; it stays when the toast is gone
        self._flag: CancelFlag | None = None
        self._turn = threading.Lock()
        self._newest: CopyProgress | None = None
        self._begun_at = context.clock.now()
        self._copies = 0

    def start(self) -> None:
        """Look for sticks."""
        self.refresh()

    def stop(self) -> None:
        """Give up the copy under way; a half of it does not stay."""
        if self._flag is not None:
            self._flag.cancel()
            self._become(replace(self.state, progress=Progress(message("cadangan.stopping"))))

    @property
    def _stop_command(self) -> Command:
        return Command("stop", message("cadangan.stop"), Action.BACK, Weight.PLAIN, runs=self.stop)

    def refresh(self) -> None:
        """Look for sticks again: one was plugged in or pulled out."""
        self._tasks.run(STICK, self._look, self._found, self._unread)

    def type(self, name: str, text: str) -> None:
        """Take a keystroke of the other folder."""
        self._change(name, text)

    def choose(self, name: str, choice: str) -> None:
        """Choose a stick; a folder that was typed gives way."""
        self._change(name, choice)

    def accept(self) -> None:
        """Copy to the folder that was typed, else to the stick that is chosen."""
        place = place_of(self.state.fields, self._drives)
        if self.state.stage is not Stage.CONTENT or self._refused():
            return
        if not place:
            self._failed(Problem("stick.none"))
            return
        self._flag = flag = CancelFlag()
        self._begun_at, self._newest = self._context.clock.now(), None
        progress = Progress(message("cadangan.begins"), cancel=replace(self._stop_command, act=None))
        self._become(
            replace(
                self.state, stage=Stage.BUSY, progress=progress, problem=None, bar=Bar(self._stop_command), toast=None
            )
        )
        if self._record_id:
            self._tasks.run(STICK, lambda: self._hand_over(place), self._handed_over, self._failed)
        else:
            self._tasks.run(STICK, lambda: self._back_up(place, flag), self._backed_up, self._failed)

    def back(self) -> None:
        """Go back; a copy under way must be stopped first."""
        if self._flag is None:
            self._navigator.back()

    def offer(self, progress: CopyProgress) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first, self._newest = self._newest is None, progress
        if is_first:
            self._tasks.post(self._show_progress)

    # --- on the executor

    def _look(self) -> _Found:
        return _Found(tuple(self._context.backups.drives()), self._context.backups.standing())

    def _back_up(self, place: str, flag: CancelFlag) -> Message:
        made = self._context.backups.make(place, self, flag)
        return message("cadangan.done", records=made.records, where=made.folder)

    def _hand_over(self, place: str) -> Message:
        return message("cadangan.handed_over", where=self._context.backups.hand_over(self._record_id, place))

    # --- on the thread of the window

    def _found(self, found: _Found) -> None:
        fields = stick_fields(found.drives, self.state.fields, self._drives, message("cadangan.place_hint"))
        self._drives = found.drives
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                fields=fields,
                hint=self._said or self._hint(found.standing),
                bar=self._bar(),
                progress=None,
                retry=None,
            )
        )

    def _hint(self, standing: BackupStanding) -> Message:
        if self._record_id:
            return message("cadangan.record_hint")
        if standing.last_at is None:
            return message("cadangan.never", count=standing.unsent)
        at = moment_text(self._context.clock.local(standing.last_at))
        return message("cadangan.last", at=at, count=standing.unsent)

    def _bar(self) -> Bar:
        words = message("cadangan.hand_over") if self._record_id else message("cadangan.make")
        return Bar(
            leave(self.back),
            (
                Command("refresh", message("cadangan.look"), Action.REFRESH, runs=self.refresh),
                Command("accept", words, Action.ACCEPT, Weight.PRIMARY, self._refused(), runs=self.accept),
            ),
        )

    def _show_progress(self) -> None:
        with self._turn:
            step, self._newest = self._newest, None
        if step is None or self._flag is None or self._flag.is_cancelled():
            return
        passed = self._context.clock.now() - self._begun_at
        detail: Message = ""
        if step.done_bytes and passed > timedelta(seconds=1):
            detail = left_words(passed * ((step.total_bytes - step.done_bytes) / step.done_bytes))
        # Each byte is written and read back: a person knows the backup by half of that.
        done, total = size_words(step.done_bytes // 2).params, size_words(step.total_bytes // 2).params
        title = message(
            "cadangan.copied_of",
            whole=done["whole"],
            tenth=done["tenth"],
            of_whole=total["whole"],
            of_tenth=total["tenth"],
        )
        cancel = replace(self._stop_command, act=None)
        self._become(replace(self.state, progress=Progress(title, step.done_bytes, step.total_bytes, detail, cancel)))

    def _backed_up(self, said: Message) -> None:
        self._copied(said, message("cadangan.toast"))

    def _handed_over(self, said: Message) -> None:
        self._copied(said, message("cadangan.record_toast"))

    def _copied(self, said: Message, toast: Message) -> None:
        self._flag, self._said = None, said
        self._copies += 1
        done = Toast(toast, serial=self._copies)
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, hint=said, bar=self._bar(), toast=done))
        self.refresh()

    def _failed(self, problem: Problem) -> None:
        was_stopped = self._flag is not None and problem.code == "backup.stopped"
        self._flag = None
        toast = Toast(message("cadangan.stopped"), Tone.CAUTION, serial=self._copies) if was_stopped else None
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                progress=None,
                bar=self._bar(),
                problem=None if was_stopped else problem,
                toast=toast,
            )
        )

    def _unread(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))

    def _change(self, name: str, text: str) -> None:
        self._become(replace(self.state, fields=with_text(self.state.fields, name, text), problem=None))

    def _refused(self) -> Message:
        return "" if self._context.user.may(Permission.SEND) else message("kirim.not_your_role")
