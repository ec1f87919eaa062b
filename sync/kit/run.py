"""One run of delivery: hello → bundles of the office → reconcile → anchors → announce → send → receipts → statuses →
counts → purge.

Every step keeps its result in the outbox before the next one: a run may be cut at any byte and the next goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import StoreError
from fieldkit.ports.data_center import ProgressSink, SyncProgress
from sync.kit.anchoring import Anchoring
from sync.kit.announce import announce_due
from sync.kit.compare import Comparison
from sync.kit.feed import read_feed
from sync.kit.parts import RunParts
from sync.kit.pulling import Pulling
from sync.kit.purge import Purge
from sync.kit.renewing import Renewing
from sync.kit.send import Sending
from sync.kit.team import TeamExchange
from sync.kit.vouching import Vouching
from sync.protocol.messages import Announced, Announcement
from sync.protocol.outcomes import of_the_whole_run


class Run:
    """The steps and what they learn from each other."""

    def __init__(
        self,
        parts: RunParts,
        anchoring: Anchoring | None,
        renewing: Renewing | None,
        pulling: Pulling | None,
        team: TeamExchange | None,
        vouching: Vouching | None,
    ) -> None:
        self._parts, self._anchoring, self._renewing = parts, anchoring, renewing
        self._pulling, self._team, self._vouching = pulling, team, vouching
        self._server_time: datetime | None = None

    def deliver(self, progress: ProgressSink) -> None:
        """Do all steps but the purge. Raise `KnownError`, `EnoughError`."""
        parts = self._parts
        progress.offer(SyncProgress("sync.step.hello"))
        server = parts.link.hello()
        self._server_time = server.server_time
        parts.tally.clock_skew_s = (server.server_time - parts.clock.now()).total_seconds()
        if self._pulling is not None:
            progress.offer(SyncProgress("sync.step.office"))
            try:
                self._pulling.pull(parts)
            except StoreError as error:  # what the office sent waits for room; what makes room does not wait for it
                if error.code != "store.disk_full":
                    raise
                parts.tally.note(error.problem)
        progress.offer(SyncProgress("sync.step.reconcile"))
        comparison = Comparison(parts)
        comparison.held()
        if self._anchoring is not None:
            self._anchoring.exchange(parts, server.server_time)
        progress.offer(SyncProgress("sync.step.announce"))
        announce_due(parts, self._ask_announcement)
        oddity = Sending(parts, server, progress).send(parts.bounds.cut(parts.due()))
        if self._vouching is not None:
            self._vouching.hand_in(parts)
        progress.offer(SyncProgress("sync.step.statuses"))
        counted = parts.link.counts()
        read_feed(parts)
        with of_the_whole_run():
            parts.tally.held_there = counted.answer().received
        self._compare_counts(comparison)
        if self._team is not None:
            progress.offer(SyncProgress("sync.step.team"))
            self._team.exchange(parts)
        if self._renewing is not None:
            self._renewing.renew(parts, server.server_time)
        if oddity is not None:
            raise oddity

    def purge(self, retention: timedelta | None) -> None:
        """Erase what is proven. Raise `KnownError`, `EnoughError`."""
        if retention is not None and self._server_time is not None:
            parts = self._parts
            purge = Purge(parts.outbox, parts.link, parts.receipts, parts.clock, parts.random, parts.tally)
            purge.run(retention, self._server_time, parts.holdings, parts.bounds.check)

    def _ask_announcement(self, manifests: Sequence[str]) -> Sequence[Announced]:
        return self._parts.link.announce(Announcement(manifests=tuple(manifests))).manifests

    def _compare_counts(self, comparison: Comparison) -> None:
        parts = self._parts
        if parts.tally.held_there != held_here(parts):
            # Which ones is asked only now: what was erased here grows for ever.
            comparison.purged()


def held_here(parts: RunParts) -> int:
    """Return how many records must be at the data center with their bytes."""
    counts = parts.outbox.counts()
    return counts.get(DeliveryState.ACKNOWLEDGED, 0) + counts.get(DeliveryState.PURGED, 0)
