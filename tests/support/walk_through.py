"""A delivery that sends nothing and marks everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from support.clock import HandClock

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import Problem
from fieldkit.ports.delivery import Budget, ProgressSink, RunNote, SyncProgress, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.storage.outbox import SqlOutbox


class WalkThrough:
    """A `Delivery` that takes the real outbox through its states. `between` is called after each half record."""

    def __init__(self, outbox: SqlOutbox, clock: HandClock) -> None:
        self._outbox, self._clock = outbox, clock
        self.stopped_by: Problem | None = None
        self.notes: tuple[Problem, ...] = ()
        self.between: Callable[[], None] = lambda: None

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        begun = self._clock.now()
        progress.offer(SyncProgress("sync.step.hello"))
        done: list[str] = []
        waiting = () if self.stopped_by else self._outbox.pending(begun)
        for place, record in enumerate(waiting):
            self._outbox.mark_sending(record.record_id)
            for sent in (record.size_bytes // 4, record.size_bytes // 2, record.size_bytes):
                self._clock.at += timedelta(seconds=4)
                self._outbox.mark_progress(record.record_id, sent)
                progress.offer(
                    SyncProgress("sync.step.send", record.record_id, sent, record.size_bytes, place, len(waiting))
                )
                if sent < record.size_bytes:
                    self.between()
            if cancel.is_cancelled():
                break
            self._outbox.mark_received(record.record_id)
            self._outbox.acknowledge(record.record_id, "receipt", self._clock.now())
            done.append(record.record_id)
        self._outbox.save_run(RunNote(self._clock.now()))
        counts = self._outbox.counts()
        held = counts.get(DeliveryState.ACKNOWLEDGED, 0)
        return SyncReport(
            begun,
            self._clock.now(),
            acknowledged=tuple(done),
            waiting=sum(counts.values()) - held,
            held_here=held,
            held_there=None if self.stopped_by else held,
            stopped_by=self.stopped_by,
            notes=self.notes,
            is_cancelled=cancel.is_cancelled(),
        )
