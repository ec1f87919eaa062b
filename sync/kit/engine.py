"""The border of a run: whatever happens within, a report comes out, with a note and a time to try again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from pydantic import ValidationError

from fieldkit.domain.delivery import HELD_BACK, UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Problem, StoreError
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Budget, HeldRecord, Outbox, ProgressSink, RunNote, SyncProgress, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.announce import Anchoring, Purge, Vouching, announce_due
from sync.kit.carrying import Pulling, TeamExchange, read_feed
from sync.kit.enrol import Renewing
from sync.kit.parts import Bounds, RunParts, Tally, pages, stops
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Sending
from sync.protocol.messages import PAGE_SIZE, Announced, Announcement, Digest, Held, Holding, ReconcileQuestion
from sync.protocol.outcomes import RunStoppedError, back_off, of_the_whole_run

# Asks what the data center holds of our records, and draws the consequences for each.

_GONE = frozenset({Holding.UNKNOWN, Holding.ANNOUNCED, Holding.PARTIAL, Holding.LOST})


class Comparison:
    """Reconciles digests page by page."""

    def __init__(self, parts: RunParts) -> None:
        self._parts = parts

    def held(self) -> None:
        """Compare what is here: what the data center lost is queued again, what it holds otherwise is held back."""
        parts = self._parts
        for record, word in self._asked(parts.outbox.held()):
            parts.holdings[record.record_id] = word.holding
            if record.state is DeliveryState.ACKNOWLEDGED:
                self._acknowledged(record, word.holding)
            elif record.state in HELD_BACK:
                self._held_back(record, word.holding)
            elif word.holding is Holding.CONFLICT:
                parts.quarantine(record.record_id, "sync.digest_conflict")

    def purged(self) -> None:
        """Name what was erased here and is not there: nothing can send it again, and everybody must know."""
        for record, word in self._asked(self._parts.outbox.purged()):
            if word.holding is not Holding.RECEIVED:
                self._parts.tally.lost.append(record.record_id)

    def _acknowledged(self, record: HeldRecord, holding: Holding) -> None:
        if holding is not Holding.RECEIVED:
            self._parts.tally.lost.append(record.record_id)
        if holding in _GONE:
            with self._parts.unless_changed():
                self._parts.outbox.lost_at_center(record.record_id, self._parts.clock.now())

    def _held_back(self, record: HeldRecord, holding: Holding) -> None:
        # Who carried it, or who freed its number, settled what this laptop could not.
        is_settled = record.reason == "sync.digest_conflict" and holding is not Holding.CONFLICT
        # A place that is taken is no reason any more: such a record is received, and a new chain begins here.
        is_welcome = record.reason == "sync.chain_forked" and holding is not Holding.CONFLICT
        if holding is Holding.RECEIVED or is_settled or is_welcome:
            self._parts.release(record.record_id)

    def _asked(self, records: Sequence[HeldRecord]) -> Iterator[tuple[HeldRecord, Held]]:
        for page in pages(self._askable(records), PAGE_SIZE):
            digests = tuple(digest for _, digest in page)
            words = self._parts.link.reconcile(ReconcileQuestion(records=digests)).records
            if [word.record_id for word in words] != [digest.record_id for digest in digests]:
                raise RunStoppedError("sync.nonsense")
            yield from zip((record for record, _ in page), words, strict=True)

    def _askable(self, records: Sequence[HeldRecord]) -> Iterator[tuple[HeldRecord, Digest]]:
        for record in records:
            try:
                yield record, Digest.model_validate({"record_id": record.record_id, "sha256": record.sha256})
            except ValidationError:
                # One harmed row must not keep the others from being sent.
                if record.state in UNACKNOWLEDGED - HELD_BACK:
                    self._parts.quarantine(record.record_id, "sync.row_unreadable")


# One run of delivery: hello → bundles of the office → reconcile → anchors → announce → send → receipts → statuses →
# counts → purge.
#
# Every step keeps its result in the outbox before the next one: a run may be cut at any byte and the next goes on.


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


# Erasing what is proven is what makes room again.
_PURGES_ANYWAY = "store.disk_full"


class SyncEngine:
    """Implements `Delivery` over the outbox and a link. One run at a time."""

    def __init__(
        self,
        outbox: Outbox,
        link: DataCenterLink,
        receipts: SignatureVerifier,
        clock: Clock,
        random: Random,
        retention: timedelta | None = None,
        anchoring: Anchoring | None = None,
        renewing: Renewing | None = None,
        pulling: Pulling | None = None,
        team: TeamExchange | None = None,
        vouching: Vouching | None = None,
    ) -> None:
        """`receipts` verifies with the gateway's receipt key; `retention` None keeps acknowledged files for ever."""
        self._outbox, self._link, self._receipts = outbox, link, receipts
        self._clock, self._random, self._retention = clock, random, retention
        self._anchoring, self._renewing = anchoring, renewing
        self._pulling, self._team, self._vouching = pulling, team, vouching

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        """Run once; what network, server, disk and store do to us is in the report, never raised."""
        tally = Tally(self._clock.now())
        bounds = Bounds(budget, cancel, tally)
        parts = RunParts(self._outbox, self._link, self._receipts, self._clock, self._random, tally, bounds)
        run = Run(parts, self._anchoring, self._renewing, self._pulling, self._team, self._vouching)
        is_over = stops(tally, lambda: run.deliver(progress))
        if not is_over or (tally.stopped_by is not None and tally.stopped_by.code == _PURGES_ANYWAY):
            stops(tally, lambda: run.purge(self._retention))
        stops(tally, self._link.close)
        return self._close(tally)

    def _close(self, tally: Tally) -> SyncReport:
        now = self._clock.now()
        note = RunNote(now)
        if tally.stopped_by is not None:
            note = self._failed(tally, tally.stopped_by)
        # What cannot be kept on a full disk is still told.
        stops(tally, lambda: self._outbox.save_run(note))
        waiting, held = 0, 0

        def count() -> None:
            nonlocal waiting, held
            counts = self._outbox.counts()
            waiting = sum(counts.get(state, 0) for state in UNACKNOWLEDGED)
            held = counts.get(DeliveryState.ACKNOWLEDGED, 0) + counts.get(DeliveryState.PURGED, 0)

        stops(tally, count)
        return tally.close(now, waiting, held, note.next_try_at)

    def _failed(self, tally: Tally, problem: Problem) -> RunNote:
        now, failures = self._clock.now(), 1

        def count() -> None:
            nonlocal failures
            before = self._outbox.last_run()
            failures += before.failures if before is not None else 0

        stops(tally, count)
        return RunNote(now, failures, now + back_off(failures, self._random), problem.code)
