"""The run that sends the queue, and its words. It outlives the screen that began it: leaving does not stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from fieldkit.domain.delivery.way import HELD_BACK, UNACKNOWLEDGED
from fieldkit.domain.errors import Problem
from fieldkit.ports.data_center import SyncProgress, SyncReport
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import left_words, size_words
from ui.presenters.cancel import CancelFlag
from ui.presenters.lists import Tell
from ui.presenters.messages import Message, message
from ui.presenters.parts import Progress, Toast, Tone
from ui.presenters.tasks import SYNC, Tasks

_GOES = UNACKNOWLEDGED - HELD_BACK


class Sending:
    """One run at a time; a `ProgressSink`. Everything but `offer` belongs to the thread of the window."""

    def __init__(self, context: AppContext, tasks: Tasks) -> None:
        self._context, self._tasks = context, tasks
        self._listeners: list[Callable[[], None]] = []
        self._flag: CancelFlag | None = None
        self._turn = threading.Lock()
        self._newest: SyncProgress | None = None  # offered and not yet shown
        self.progress: SyncProgress | None = None
        self.report: SyncReport | None = None
        self.problem: Problem | None = None  # why the last run could not even begin
        self.shut_out: Problem | None = None  # why the office lets this user not work on
        self.is_answered = False  # the data center took records of another laptop, after the last run if there was one
        self.runs = 0  # how many ended
        self.total_bytes = 0  # of the records that the run found waiting
        self._is_awaited = False  # something was sealed while a run was under way
        self._begun_at = context.clock.now()
        self._first: dict[str, int] = {}  # the offset at which each record was found, which this run did not send
        self._sent: dict[str, int] = {}

    @property
    def is_running(self) -> bool:
        """Return whether a run is under way."""
        return self._flag is not None

    @property
    def is_stopping(self) -> bool:
        """Return whether the run was asked to end."""
        return self._flag is not None and self._flag.is_cancelled()

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` whenever something here changes; return what stops it."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def begin(self) -> None:
        """Send what waits; a run under way goes on, and whom the office shut out sends nothing more."""
        if self._flag is not None or self.shut_out is not None:
            return
        flag = self._flag = CancelFlag()
        self.report, self.problem, self.progress, self.is_answered = None, None, None, False
        self._begun_at = self._context.clock.now()
        self._first.clear()
        self._sent.clear()
        self._tasks.run(SYNC, lambda: self._send(flag), self._ended, self._failed)
        self._tell()

    def begin_once_more(self) -> None:
        """Send what was sealed just now; a run under way is followed by another, unless somebody pauses it."""
        if self._flag is None:
            self.begin()
        else:
            self._is_awaited = True

    def _send(self, flag: CancelFlag) -> SyncReport:
        waiting = (entry for entry in self._context.delivery.queue().entries if entry.state in _GOES)
        self.total_bytes = sum(entry.record.size_bytes for entry in waiting)
        return self._context.delivery.send(self, flag)

    def pause(self) -> None:
        """End the run after the chunk under way; what arrived stays arrived."""
        if self._flag is not None:
            self._is_awaited = False
            self._flag.cancel()
            self._tell()

    def offer(self, progress: SyncProgress) -> None:
        """Put the newest progress; called on the executor, shown soon on the thread of the window."""
        with self._turn:
            is_first = self._newest is None
            self._newest = progress
            if progress.record_id:
                # Noted here and not where it is shown: what is overtaken is never shown, yet it was sent.
                self._first.setdefault(progress.record_id, progress.sent_bytes)
                self._sent[progress.record_id] = progress.sent_bytes
        if is_first:
            self._tasks.post(self._show)

    @property
    def sent_bytes(self) -> int:
        """Return how much of the records of this run the data center holds."""
        with self._turn:
            return sum(self._sent.values())

    @property
    def bytes_per_second(self) -> int:
        """Return the speed of this run, 0 while it cannot be told."""
        seconds = (self._context.clock.now() - self._begun_at) / timedelta(seconds=1)
        with self._turn:
            moved = sum(self._sent.values()) - sum(self._first.values())
        return round(moved / seconds) if seconds > 0 else 0

    def _show(self) -> None:
        with self._turn:
            progress, self._newest = self._newest, None
        if progress is None or self._flag is None:
            return
        self.progress = progress
        self._tell()

    def answered(self) -> None:
        """Let everybody know that the data center answered elsewhere than in a run of this queue."""
        self.is_answered = True
        self._tell()

    def shut(self, why: Problem) -> None:
        """Let everybody know that this session must end."""
        self.shut_out = why
        self._tell()

    def _ended(self, report: SyncReport) -> None:
        self.report, self.shut_out = report, self.shut_out or report.shut_out  # a stick may have said it meanwhile
        self._end()

    def _failed(self, problem: Problem) -> None:
        self.problem = problem
        self._end()

    def _end(self) -> None:
        self._flag, self.progress = None, None
        self.runs += 1
        self._tell()
        if self._is_awaited:
            self._is_awaited = False
            self.begin()

    def _tell(self) -> None:
        for changed in tuple(self._listeners):
            changed()


def progress_of(sending: Sending) -> Progress | None:
    """Return how far the run under way is."""
    if not sending.is_running:
        return None
    step = sending.progress
    if sending.is_stopping:
        return Progress(message("kirim.stopping"))
    if step is None or not step.record_id:
        return Progress(message(step.step if step else "sync.step.hello"))
    done = sending.sent_bytes
    total = max(done, sending.total_bytes)
    speed = sending.bytes_per_second
    detail: Message = ""
    if speed:
        left = left_words(timedelta(seconds=(total - done) / speed))
        unit = f"kirim.speed_{left.key.rpartition('.')[2]}"
        detail = message(unit, speed=max(1, speed // 1000), count=left.params["count"])
    sent, whole = size_words(done).params, size_words(total).params
    title = message(
        "kirim.sent_of", whole=sent["whole"], tenth=sent["tenth"], of_whole=whole["whole"], of_tenth=whole["tenth"]
    )
    return Progress(title, done, total, detail)


def end_of(sending: Sending) -> tuple[Toast | Problem, ...]:
    """Return what is told of a run that ended: why it stopped, else what became of the records and what worries."""
    report, problem = sending.report, stopped_by(sending)
    if problem is not None:
        return (problem,)
    if report is None:
        return ()
    return (_toast(report), report.worry) if report.worry is not None else (_toast(report),)


def stopped_by(sending: Sending) -> Problem | None:
    """Return why the last run stopped or did not even begin."""
    report = sending.report
    return report.stopped_by if report is not None and report.stopped_by is not None else sending.problem


def follow(sending: Sending, tell: Tell) -> Callable[[], None]:
    """Tell how a run goes on, and once how it ended; return what stops that."""
    ended = sending.runs

    def moved() -> None:
        nonlocal ended
        if sending.runs != ended:
            ended = sending.runs
            for told in end_of(sending):
                tell(told)
        tell(None)

    return sending.listen(moved)


def _toast(report: SyncReport) -> Toast:
    if report.is_cancelled:
        return Toast(message("kirim.paused", waiting=report.waiting), Tone.CAUTION)
    if report.quarantined:
        words = message("kirim.some_held", done=len(report.acknowledged), held=len(report.quarantined))
        return Toast(words, Tone.BAD)
    if report.waiting:
        return Toast(message("kirim.some_wait", done=len(report.acknowledged), waiting=report.waiting), Tone.CAUTION)
    if not report.acknowledged and (came := len(report.from_office) + report.exchanged):
        return Toast(message("kirim.fetched", count=came))
    return Toast(message("kirim.all_done", done=len(report.acknowledged)))
