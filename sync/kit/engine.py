"""One run of delivery: hello → reconcile → announce → send → receipts → statuses → counts → purge.

Every step keeps its result in the outbox before the next one: a run may be cut at any byte and the next goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import TypeVar
from uuid import UUID

from fieldkit.domain.central_status import CentralStatus
from fieldkit.domain.delivery import UNACKNOWLEDGED, DeliveryState
from fieldkit.ports.clock import Clock
from fieldkit.ports.data_center import Budget, ProgressSink, SyncProgress, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import HeldRecord, Outbox, QueuedRecord, RunNote, StatusReceived
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.proof import ReceiptError, fits_manifest, read_receipt
from sync.kit.purge import Purge
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.kit.upload import Upload
from sync.protocol.messages import (
    PAGE_SIZE,
    Announcement,
    Digest,
    HelloAnswer,
    Holding,
    ReconcileQuestion,
)
from sync.protocol.outcomes import Consequence, RecordRefusedError, RecordRetryError, RunStoppedError, judge
from sync.protocol.pacing import back_off

# The server fails at everything, not at one record.
_MOST_SERVER_ERRORS = 3

Item = TypeVar("Item")


class _EnoughError(Exception):
    """The person cancelled or the budget is used up; what was sent is kept."""


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
    ) -> None:
        """`receipts` verifies with the gateway's receipt key; `retention` None keeps acknowledged files for ever."""
        self._outbox = outbox
        self._link = link
        self._receipts = receipts
        self._clock = clock
        self._random = random
        self._retention = retention

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        """Run once; what the network does to us is in the report, never raised."""
        tally = Tally(self._clock.now())
        run = _Run(self._outbox, self._link, self._receipts, self._clock, self._random, tally)
        try:
            bounds = _Bounds(budget, cancel, tally)
            run.deliver(bounds, progress)
            run.purge(self._retention, bounds)
        except _EnoughError:
            tally.is_cancelled = cancel.is_cancelled()
        except RunStoppedError as error:
            tally.stopped_by = error.problem
        finally:
            self._link.close()
        return self._close(tally)

    def _close(self, tally: Tally) -> SyncReport:
        now = self._clock.now()
        note = RunNote(now)
        if tally.stopped_by is not None:
            before = self._outbox.last_run()
            failures = 1 + (before.failures if before is not None else 0)
            note = RunNote(now, failures, now + back_off(failures, self._random), tally.stopped_by.code)
        self._outbox.save_run(note)
        counts = self._outbox.counts()
        waiting = sum(counts.get(state, 0) for state in UNACKNOWLEDGED)
        held_here = counts.get(DeliveryState.ACKNOWLEDGED, 0) + counts.get(DeliveryState.PURGED, 0)
        return tally.close(now, waiting, held_here, note.next_try_at)


class _Bounds:
    """The budget and the person's patience."""

    def __init__(self, budget: Budget, cancel: Cancel, tally: Tally) -> None:
        self._budget = budget
        self._cancel = cancel
        self._tally = tally
        self._began = time.monotonic()

    def check(self) -> None:
        """Raise `_EnoughError` when the run must end here."""
        spent = timedelta(seconds=time.monotonic() - self._began)
        if (
            self._cancel.is_cancelled()
            or (self._budget.max_bytes is not None and self._tally.sent_bytes >= self._budget.max_bytes)
            or (self._budget.max_time is not None and spent >= self._budget.max_time)
        ):
            raise _EnoughError

    def cut(self, records: Sequence[QueuedRecord]) -> Sequence[QueuedRecord]:
        """Return as many records as may be sent."""
        return records if self._budget.max_records is None else records[: self._budget.max_records]


class _Run:
    """The steps of one run and what they learn from each other."""

    def __init__(
        self,
        outbox: Outbox,
        link: DataCenterLink,
        receipts: SignatureVerifier,
        clock: Clock,
        random: Random,
        tally: Tally,
    ) -> None:
        self._outbox = outbox
        self._link = link
        self._receipts = receipts
        self._clock = clock
        self._random = random
        self._tally = tally
        self._holdings: dict[str, Holding] = {}
        self._server_time: datetime | None = None

    def deliver(self, bounds: _Bounds, progress: ProgressSink) -> None:
        """Do all steps but the purge."""
        progress.offer(SyncProgress("sync.step.hello"))
        server = self._link.hello()
        self._server_time = server.server_time
        self._tally.clock_skew_s = (server.server_time - self._clock.now()).total_seconds()
        progress.offer(SyncProgress("sync.step.reconcile"))
        self._reconcile(self._outbox.held())
        progress.offer(SyncProgress("sync.step.announce"))
        self._announce(self._due())
        self._send_all(bounds.cut(self._due()), server, bounds, progress)
        progress.offer(SyncProgress("sync.step.statuses"))
        self._read_statuses(bounds)
        self._tally.held_there = self._link.counts().received

    def purge(self, retention: timedelta | None, bounds: _Bounds) -> None:
        """Erase what is proven."""
        if retention is not None and self._server_time is not None:
            purge = Purge(self._outbox, self._link, self._receipts, self._clock, self._random, self._tally)
            purge.run(retention, self._server_time, self._holdings, bounds.check)

    def _due(self) -> Sequence[QueuedRecord]:
        return self._outbox.pending(self._clock.now())

    def _reconcile(self, held: Sequence[HeldRecord]) -> None:
        for page in _pages(held, PAGE_SIZE):
            question = tuple(Digest(record_id=UUID(record.record_id), sha256=record.sha256) for record in page)
            answer = self._link.reconcile(ReconcileQuestion(records=question)).records
            if [word.record_id for word in answer] != [digest.record_id for digest in question]:
                raise RunStoppedError("sync.nonsense")
            for record, word in zip(page, answer, strict=True):
                self._holdings[record.record_id] = word.holding
                is_here = word.holding is Holding.RECEIVED
                if record.state is DeliveryState.ACKNOWLEDGED and not is_here:
                    self._tally.lost.append(record.record_id)
                elif record.state in UNACKNOWLEDGED and word.holding is Holding.CONFLICT:
                    self._quarantine(record.record_id, "sync.digest_conflict")

    def _announce(self, due: Sequence[QueuedRecord]) -> None:
        unknown = [record for record in due if self._holdings.get(record.record_id) is Holding.UNKNOWN]
        for page in _pages(unknown, PAGE_SIZE):
            words = self._link.announce(Announcement(manifests=tuple(record.manifest_jws for record in page))).manifests
            if len(words) != len(page):
                raise RunStoppedError("sync.nonsense")
            for record, word in zip(page, words, strict=True):
                if word.code:
                    outcome = judge(422, word.code)
                    if outcome.consequence is Consequence.QUARANTINE:
                        self._quarantine(record.record_id, outcome.code)
                    else:
                        self._postpone(record, outcome.code)

    def _send_all(
        self, due: Sequence[QueuedRecord], server: HelloAnswer, bounds: _Bounds, progress: ProgressSink
    ) -> None:
        upload = Upload(self._outbox, self._link, self._tally, server.max_chunk_bytes)
        server_errors = 0
        for done, record in enumerate(due):

            def checkpoint(offset: int, record: QueuedRecord = record, done: int = done) -> None:
                shown = (record.record_id, offset, record.size_bytes, done, len(due))
                progress.offer(SyncProgress("sync.step.send", *shown))
                bounds.check()

            try:
                bounds.check()
                self._send(record, upload, server, checkpoint)
                server_errors = 0
            except RecordRefusedError as error:
                self._quarantine(record.record_id, error.code)
            except RecordRetryError as error:
                self._postpone(record, error.code)
                server_errors = server_errors + 1 if error.code == "sync.server_error" else 0
                if server_errors >= _MOST_SERVER_ERRORS:
                    raise RunStoppedError("sync.server_trouble") from error
            except RunStoppedError as error:
                # The link failed, not the record: it waits in front of the queue as before.
                self._outbox.retry_later(record.record_id, None, error.code)
                raise
            except _EnoughError:
                self._outbox.retry_later(record.record_id, None, "")
                raise

    def _send(
        self, record: QueuedRecord, upload: Upload, server: HelloAnswer, checkpoint: Callable[[int], None]
    ) -> None:
        if self._holdings.get(record.record_id) is not Holding.RECEIVED:
            if record.state is DeliveryState.RECEIVED:
                # It was there before the receipt came, and is no more: begin anew.
                self._outbox.retry_later(record.record_id, None, "sync.upload_gone")
            self._outbox.mark_sending(record.record_id)
            upload.send(record, checkpoint)
        self._outbox.mark_received(record.record_id)
        receipt = self._link.receipt(record.record_id)
        self._verify(receipt, record, server.gateway)
        self._outbox.acknowledge(record.record_id, receipt, self._clock.now())
        self._holdings[record.record_id] = Holding.RECEIVED
        self._tally.acknowledged.append(record.record_id)

    def _verify(self, receipt_jws: str, record: QueuedRecord, gateway: str) -> None:
        try:
            receipt = read_receipt(receipt_jws, self._receipts)
        except ReceiptError as error:
            # Whoever signs wrongly once is not our data center: nothing it says counts now.
            raise RunStoppedError(error.code) from error
        is_ours = fits_manifest(receipt, record.manifest_jws, record.record_id, record.sha256, record.size_bytes)
        if not is_ours or receipt.gateway != gateway:
            raise RecordRetryError("sync.receipt_differs")

    def _read_statuses(self, bounds: _Bounds) -> None:
        cursor, has_more = self._outbox.status_cursor(), True
        while has_more:
            bounds.check()
            page = self._link.statuses(cursor)
            if page.has_more and page.cursor == cursor:
                raise RunStoppedError("sync.nonsense")
            items = [
                StatusReceived(
                    str(item.record_id),
                    CentralStatus(item.code, item.source, item.observed_at, item.reason),
                    item.verdict,
                )
                for item in page.items
            ]
            if items:
                self._outbox.save_statuses(items, page.cursor)
            self._tally.statuses += len(items)
            cursor, has_more = page.cursor, page.has_more

    def _quarantine(self, record_id: str, code: str) -> None:
        self._outbox.quarantine(record_id, code)
        self._tally.quarantined.append(record_id)

    def _postpone(self, record: QueuedRecord, code: str) -> None:
        wait = back_off(record.attempts + 1, self._random)
        self._outbox.retry_later(record.record_id, self._clock.now() + wait, code)
        self._tally.postponed.append(record.record_id)


def _pages(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while page := list(islice(rest, size)):
        yield page
