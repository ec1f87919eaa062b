"""The border of a run: whatever happens within, a report comes out, with a note and a time to try again."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from fieldkit.domain.delivery.way import UNACKNOWLEDGED, DeliveryState
from fieldkit.domain.errors import Problem
from fieldkit.ports.clock import Clock
from fieldkit.ports.data_center import Budget, ProgressSink, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import Outbox, RunNote
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.anchoring import Anchoring
from sync.kit.border import stops
from sync.kit.parts import Bounds, RunParts
from sync.kit.pulling import Pulling
from sync.kit.renewing import Renewing
from sync.kit.run import Run
from sync.kit.tally import Tally
from sync.kit.team import TeamExchange
from sync.kit.transport import DataCenterLink
from sync.kit.vouching import Vouching
from sync.protocol.pacing import back_off

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
