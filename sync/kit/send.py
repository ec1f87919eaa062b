"""Sends record after record, each until its receipt. One that fails does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.ports.data_center import ProgressSink, SyncProgress
from fieldkit.ports.outbox import QueuedRecord
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import EnoughError, RunParts
from sync.kit.proof import ReceiptError, fits_manifest, read_receipt
from sync.kit.upload import Upload
from sync.protocol.messages import HelloAnswer, Holding
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError

# The server fails at everything, not at one record.
_MOST_SERVER_ERRORS = 3


class Sending:
    """Sends what is due."""

    def __init__(self, parts: RunParts, server: HelloAnswer, progress: ProgressSink) -> None:
        self._parts, self._server, self._progress = parts, server, progress
        self._upload = Upload(parts.outbox, parts.link, parts.tally, server.max_chunk_bytes, server.tus_extensions)
        self._server_errors = 0
        self._oddities: list[RunStoppedError] = []

    def send(self, due: Sequence[QueuedRecord]) -> RunStoppedError | None:
        """Send all; return the error with which a run over them must end. Raise `RunStoppedError`, `EnoughError`."""
        for done, record in enumerate(due):

            def checkpoint(offset: int, record: QueuedRecord = record, done: int = done) -> None:
                shown = (record.record_id, offset, record.size_bytes, done, len(due))
                self._progress.offer(SyncProgress("sync.step.send", *shown))
                self._parts.bounds.check()

            with self._parts.unless_changed():
                self._try(record, checkpoint)
        return self._oddities[0] if self._oddities else None

    def _try(self, record: QueuedRecord, checkpoint: Callable[[int], None]) -> None:
        parts = self._parts
        try:
            parts.bounds.check()
            self._send(record, checkpoint)
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
        except EnoughError:
            parts.put_back(record.record_id, "")
            raise

    def _send(self, record: QueuedRecord, checkpoint: Callable[[int], None]) -> None:
        parts, record_id = self._parts, record.record_id
        if parts.holdings.get(record_id) is not Holding.RECEIVED:
            if record.state is DeliveryState.RECEIVED:
                # It was there before the receipt came, and is no more: begin anew.
                parts.outbox.retry_later(record_id, None, "sync.upload_gone")
            parts.outbox.mark_sending(record_id)
            self._upload.send(record, checkpoint)
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
