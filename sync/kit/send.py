"""Sends record after record, each until its receipt. One that fails does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.ports.data_center import ProgressSink, SyncProgress
from fieldkit.ports.outbox import QueuedRecord
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import EnoughError, RunParts
from sync.kit.proof import ReceiptError, fits_manifest, read_receipt
from sync.kit.transport import Asked
from sync.kit.upload import Steps, Upload
from sync.protocol.messages import HelloAnswer, Holding
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError

# The server fails at everything, not at one record.
_MOST_SERVER_ERRORS = 3
# Questions whose answers are on their way: enough small records for a line that is fast and long.
_MOST_AHEAD = 32


@dataclass(eq=False, slots=True)
class _Waiting:
    """A record whose next step needs an answer."""

    steps: Steps
    asked: Asked[int]


class Sending:
    """Sends what is due: the next record begins before the answers about those before it are here."""

    def __init__(self, parts: RunParts, server: HelloAnswer, progress: ProgressSink) -> None:
        self._parts, self._server, self._progress = parts, server, progress
        ahead = _MOST_AHEAD if parts.bounds.lets_run_ahead else 1
        most, extensions = server.max_chunk_bytes, server.tus_extensions
        self._upload = Upload(parts.outbox, parts.link, parts.tally, most, extensions, ahead)
        self._running: list[_Waiting] = []
        self._server_errors = self._done = 0
        self._oddities: list[RunStoppedError] = []

    def send(self, due: Sequence[QueuedRecord]) -> RunStoppedError | None:
        """Send all; return the error with which a run over them must end. Raise `RunStoppedError`, `EnoughError`."""
        running, left = self._running, iter(due)
        try:
            while True:
                answered = next((waiting for waiting in running if waiting.asked.is_answered), None)
                begun = next(left, None) if answered is None and len(running) < self._upload.most_ahead else None
                if begun is not None:
                    self._go_on(self._try(begun, len(due)))
                elif running:
                    # Answers come in the order of the questions.
                    waiting = answered or min(running, key=lambda waiting: waiting.asked.began)
                    running.remove(waiting)
                    self._go_on(waiting.steps)
                else:
                    return self._oddities[0] if self._oddities else None
        finally:
            for waiting in running:
                waiting.steps.close()

    def _go_on(self, steps: Steps) -> None:
        asked = next(steps, None)
        if asked is None:
            self._done += 1
        else:
            self._running.append(_Waiting(steps, asked))

    def _try(self, record: QueuedRecord, total: int) -> Steps:
        def checkpoint(offset: int) -> None:
            shown = (record.record_id, offset, record.size_bytes, self._done, total)
            self._progress.offer(SyncProgress("sync.step.send", *shown))
            self._parts.bounds.check()

        parts = self._parts
        with parts.unless_changed():
            try:
                parts.bounds.check()
                yield from self._send(record, checkpoint)
                self._server_errors = 0
            except RecordRefusedError as error:
                parts.quarantine(record.record_id, error.code)
            except RecordRetryError as error:
                parts.postpone(record, error.code)
                self._server_errors = self._server_errors + 1 if error.code == "sync.server_error" else 0
                if self._server_errors >= _MOST_SERVER_ERRORS:
                    raise RunStoppedError("sync.server_trouble") from error
            except RunStoppedError as error:
                parts.put_back(record.record_id, error.code)
                # Nonsense about one record must not keep the others here for ever; about several it is the server's.
                if error.code != "sync.nonsense" or len(self._oddities) + 1 >= _MOST_SERVER_ERRORS:
                    raise
                self._oddities.append(error)
            except (EnoughError, GeneratorExit):  # or another record ended the run
                parts.put_back(record.record_id, "")
                raise

    def _send(self, record: QueuedRecord, checkpoint: Callable[[int], None]) -> Steps:
        parts, record_id = self._parts, record.record_id
        holding = parts.holdings.get(record_id)
        if holding is not Holding.RECEIVED:
            if record.state is DeliveryState.RECEIVED:
                # It was there before the receipt came, and is no more: begin anew.
                parts.outbox.retry_later(record_id, None, "sync.upload_gone")
            parts.outbox.mark_sending(record_id)
            yield from self._upload.steps(record, checkpoint, is_begun=holding is Holding.PARTIAL)
        parts.outbox.mark_received(record_id)
        receipt = parts.link.receipt(record_id)
        demand_receipt(receipt, record, self._server.gateway, parts.receipts)
        parts.outbox.acknowledge(record_id, receipt, parts.clock.now())
        parts.holdings[record_id] = Holding.RECEIVED
        parts.tally.acknowledged.append(record_id)
        if record_id in parts.tally.lost:
            parts.tally.resent.append(record_id)


def demand_receipt(receipt_jws: str, record: QueuedRecord, gateway: str, verifier: SignatureVerifier) -> None:
    """Raise `RunStoppedError` for a receipt of somebody else, `RecordRetryError` for one about something else."""
    try:
        receipt = read_receipt(receipt_jws, verifier)
    except ReceiptError as error:
        # Whoever signs wrongly once is not our data center: nothing it says counts now.
        raise RunStoppedError(error.code) from error
    is_ours = fits_manifest(receipt, record.manifest_jws, record.record_id, record.sha256, record.size_bytes)
    if not is_ours or receipt.gateway != gateway:
        raise RecordRetryError("sync.receipt_differs")
