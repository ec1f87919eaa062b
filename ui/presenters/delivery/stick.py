"""Flashdisk: a backup of the kit, or one record that goes another way; which stick, how far, where it is now."""

from __future__ import annotations

from datetime import timedelta

from fieldkit.domain.errors import Problem
from fieldkit.ports.backups import CopyProgress
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import left_words, moment_text, size_words
from ui.presenters.cancel import CancelFlag
from ui.presenters.delivery.stick_work import StickWorkPresenter
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Progress, Toast, Tone
from ui.presenters.tasks import STICK, Tasks


class StickPresenter(StickWorkPresenter[FormState, CopyProgress]):
    """Copies to the stick; half a copy does not stay. `record_id` "" is a backup of everything."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, record_id: str = "") -> None:
        title = message("cadangan.record_title" if record_id else "cadangan.title")
        words = message("cadangan.hand_over" if record_id else "cadangan.make")
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
        was_stopped = self._flag is not None and problem.code == "backup.stopped"
        if was_stopped:
            self._ended(toast=Toast(message("cadangan.stopped"), Tone.CAUTION))
        else:
            super()._failed(problem)
