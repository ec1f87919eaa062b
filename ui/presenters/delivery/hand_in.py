"""Kirim dari flashdisk: the sealed records of another laptop go to the data center, and what became of each is told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fieldkit.domain.errors import Problem
from fieldkit.ports.data_center import CarryReport, NotCarried, SyncProgress
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cancel import CancelFlag
from ui.presenters.delivery.sending import Sending
from ui.presenters.delivery.stick_work import StickWorkPresenter
from ui.presenters.figures import Number
from ui.presenters.form import FormState
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Progress, Toast, Tone
from ui.presenters.tasks import SYNC, Tasks


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
