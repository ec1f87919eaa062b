"""The queue as people see it, and the button that sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.data_center import Budget, Delivery, ProgressSink, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import Outbox
from fieldkit.services.office_bundles.office_words import standings_in
from fieldkit.services.sop.event_handlers import records_delivered
from fieldkit.services.unit_of_work import UnitsOfWork

_MOST_SHOWN = 500  # all that waits in practice, then the newest that arrived; a search finds the others


@dataclass(frozen=True, slots=True)
class QueueView:
    """Entries as searched, counts of all, and the age of the oldest record that nobody acknowledged."""

    entries: tuple[QueueEntry, ...]
    counts: Mapping[DeliveryState, int]
    oldest_unsent_at: datetime | None
    last_run_at: datetime | None
    why_aside: Mapping[str, str] = field(default_factory=dict)  # by record: what the person wrote
    from_office: BundleStanding | None = None  # what came last

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

    def __init__(self, units: UnitsOfWork, outbox: Outbox, delivery: Delivery) -> None:
        self._units, self._outbox, self._delivery = units, outbox, delivery

    def queue(self, text: str = "") -> QueueView:
        """Return the queue, oldest unacknowledged record first."""
        with self._units.read() as unit:
            entries = tuple(unit.records.search(text, _MOST_SHOWN))
            applied = {at: each for each in standings_in(unit) if (at := each.applied_at) is not None}
        aside = (entry.record.record_id for entry in entries if entry.state is DeliveryState.SET_ASIDE)
        why_aside = {each: self.why_aside(each) for each in aside}
        came = applied[max(applied)] if applied else None
        return replace(self.glance(), entries=entries, why_aside=why_aside, from_office=came)

    def glance(self) -> QueueView:
        """Return the numbers of the queue without its entries."""
        with self._units.read() as unit:
            oldest = unit.records.oldest_waiting()
        last = self._outbox.last_run()
        return QueueView((), self._outbox.counts(), oldest, last.at if last else None)

    def from_office(self) -> Sequence[BundleStanding]:
        """Return where this kit is with everything that the office sent down."""
        with self._units.read() as unit:
            return standings_in(unit)

    def entry(self, record_id: str) -> QueueEntry:
        """Return one record of the queue. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.records.get(record_id)

    def send(self, progress: ProgressSink, cancel: Cancel, budget: Budget | None = None) -> SyncReport:
        """Send what waits; what the network does to us is in the report."""
        self._demand_role()
        report = self._delivery.run_once(budget or Budget(), progress, cancel)
        try:
            self._keep(report)
        except StoreError as error:
            # What was delivered stays delivered and the person hears of it, though the log could not take it.
            return replace(report, stopped_by=report.stopped_by or error.problem)
        return report

    def _keep(self, report: SyncReport) -> None:
        if report.is_forked:
            # Before anything else is written: what follows must not stand on a place that somebody else has too.
            self._units.begin_chain(Permission.SEND, report.forked)
        with self._units.write(Permission.SEND) as work:
            work.note(
                "sync_run",
                "sync",
                acknowledged=list(report.acknowledged),
                quarantined=list(report.quarantined),
                lost=list(report.lost),
                resent=list(report.resent),
                purged=list(report.purged),
            )
            records_delivered(work, report.acknowledged)

    def send_again(self, record_id: str) -> None:
        """Put a record that is held back or waits for later into the queue, to be sent with the next run.

        Raise `RuleError`: `delivery.not_your_role`, `delivery.not_held`.
        """
        self._demand_role()
        self._outbox.send_again(record_id, self._units.user.user_id)

    def set_aside(self, record_id: str, reason: str) -> None:
        """Decide, with a reason, that a held record is not sent.

        Raise `InputError("delivery.reason_needed")`, `RuleError`: `delivery.not_your_role`, `delivery.not_held`.
        """
        self._demand_role()
        if not reason.strip():
            raise InputError("delivery.reason_needed")
        self._outbox.set_aside(record_id, reason.strip(), self._units.user.user_id)

    def take_back(self, record_id: str) -> None:
        """Put a record that was set aside into the queue again.

        Raise `RuleError`: `delivery.not_your_role`, `delivery.not_aside`.
        """
        self._demand_role()
        self._outbox.take_back(record_id, self._units.user.user_id)

    def why_aside(self, record_id: str) -> str:
        """Return the reason with which a record was set aside, "" when it was not."""
        return self._outbox.why_aside(record_id)

    def _demand_role(self) -> None:
        if not self._units.user.may(Permission.SEND):
            raise RuleError("delivery.not_your_role", role=self._units.user.role.value)

    def due(self) -> Sequence[str]:
        """Return the ids of the records that may be sent now."""
        return [record.record_id for record in self._outbox.pending(self._units.clock.now())]
