"""A run that sends, in words: how far it is, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fieldkit.domain.errors import Problem
from fieldkit.ports.data_center import SyncReport
from ui.presenters.amounts import left_words, size_words
from ui.presenters.delivery.sending import Sending
from ui.presenters.lists import Tell
from ui.presenters.messages import Message, message
from ui.presenters.parts import Progress, Toast, Tone


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
