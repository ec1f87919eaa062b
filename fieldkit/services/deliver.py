"""The queue as people see it, and the button that sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fieldkit.domain.delivery import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.sealed import QueueEntry
from fieldkit.ports.data_center import Budget, Delivery, ProgressSink, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import Outbox
from fieldkit.services.acts import Acts
from fieldkit.services.sop_news import records_delivered


@dataclass(frozen=True, slots=True)
class QueueView:
    """Entries as searched, counts of all, and the age of the oldest record that nobody acknowledged."""

    entries: tuple[QueueEntry, ...]
    counts: Mapping[DeliveryState, int]
    oldest_unsent_at: datetime | None
    last_run_at: datetime | None

    @property
    def sealed(self) -> int:
        """Return how many records this kit ever sealed."""
        return sum(self.counts.values())

    @property
    def unsent(self) -> int:
        """Return how many are not acknowledged."""
        return sum(self.counts.get(state, 0) for state in UNACKNOWLEDGED)


class Deliver:
    """Shows the queue and sends it."""

    def __init__(self, acts: Acts, outbox: Outbox, delivery: Delivery) -> None:
        self._acts, self._outbox, self._delivery = acts, outbox, delivery

    def queue(self, text: str = "") -> QueueView:
        """Return the queue, oldest unacknowledged record first."""
        with self._acts.read() as unit:
            entries = tuple(unit.records.search(text))
        return replace(self.glance(), entries=entries)

    def glance(self) -> QueueView:
        """Return the numbers of the queue without its entries."""
        with self._acts.read() as unit:
            oldest = unit.records.oldest_waiting()
        last = self._outbox.last_run()
        return QueueView((), self._outbox.counts(), oldest, last.at if last else None)

    def send(self, progress: ProgressSink, cancel: Cancel, budget: Budget | None = None) -> SyncReport:
        """Send what waits; what the network does to us is in the report."""
        if not self._acts.user.may(Permission.SEND):
            raise RuleError("delivery.not_your_role", role=self._acts.user.role.value)
        report = self._delivery.run_once(budget or Budget(), progress, cancel)
        with self._acts.write(Permission.SEND) as writing:
            writing.note(
                "sync_run",
                "sync",
                acknowledged=list(report.acknowledged),
                quarantined=list(report.quarantined),
                lost=list(report.lost),
            )
            records_delivered(writing, report.acknowledged)
        return report

    def due(self) -> Sequence[str]:
        """Return the ids of the records that may be sent now."""
        return [record.record_id for record in self._outbox.pending(self._acts.clock.now())]
