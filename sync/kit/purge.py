"""Erases sealed files that are proven to be at the data center: never on the word of one side, one row or one clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from fieldkit.domain.errors import Problem, Recovery, StoreError
from fieldkit.ports.clock import Clock
from fieldkit.ports.outbox import Outbox, PurgeCandidate
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.proof import ReceiptError, fits_manifest, read_receipt
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Holding, ProofQuestion
from sync.protocol.outcomes import NotOfferedError, RecordRefusedError, RecordRetryError

# Whatever the dinas set: what was received today is confirmed once more on another day before it is erased here.
SECOND_CONFIRMATION = timedelta(days=1)
_NONCE_BYTES = 32
_READ_BYTES = 1024 * 1024


class Purge:
    """Receipt, verdict, age by the server's clock, the holding of this run, and proof of the bytes in this run."""

    def __init__(
        self,
        outbox: Outbox,
        link: DataCenterLink,
        receipts: SignatureVerifier,
        clock: Clock,
        random: Random,
        tally: Tally,
    ) -> None:
        self._outbox, self._link, self._receipts = outbox, link, receipts
        self._clock, self._random, self._tally = clock, random, tally

    def run(
        self,
        retention: timedelta,
        server_time: datetime,
        holdings: Mapping[str, Holding],
        checkpoint: Callable[[], None],
    ) -> None:
        """Erase what is proven. `server_time` is the data center's of this run; `checkpoint` may raise to end it."""
        for candidate in self._outbox.purge_candidates():
            if holdings.get(candidate.record_id) is not Holding.RECEIVED:
                continue
            if not self._is_old_enough(candidate, server_time, max(retention, SECOND_CONFIRMATION)):
                continue
            checkpoint()
            try:
                is_proven = self._is_proven(candidate)
            except NotOfferedError:
                self._tally.note(Problem("sync.no_proofs"))
                return
            if is_proven:
                self._outbox.purge(candidate.record_id, self._clock.now())
                self._tally.purged.append(candidate.record_id)

    def _is_old_enough(self, candidate: PurgeCandidate, server_time: datetime, age: timedelta) -> bool:
        try:
            receipt = read_receipt(candidate.receipt_jws, self._receipts)
        except ReceiptError as error:
            self._tally.note(error.problem)
            return False
        named = (candidate.manifest_jws, candidate.record_id, candidate.sha256, candidate.size_bytes)
        if not fits_manifest(receipt, *named):
            self._tally.note(Problem("sync.receipt_differs"))
            return False
        # A difference, because a sum of dates may leave the calendar.
        return server_time - receipt.received_at >= age

    def _is_proven(self, candidate: PurgeCandidate) -> bool:
        nonce = self._random.randbytes(_NONCE_BYTES)
        try:
            salted, plain, size = self._digests(candidate.record_id, nonce)
        except (StoreError, OSError):
            self._tally.note(Problem("sync.sealed_file_missing", recovery=Recovery.ASK_OFFICE))
            return False
        if (plain, size) != (candidate.sha256, candidate.size_bytes):
            self._tally.note(Problem("sync.sealed_file_damaged", recovery=Recovery.ASK_OFFICE))
            return False
        try:
            question = ProofQuestion.model_validate({"record_id": candidate.record_id, "nonce": nonce.hex()})
            answer = self._link.prove(question)
        except RecordRetryError as error:
            if error.code == "sync.not_at_center":
                self._outbox.lost_at_center(candidate.record_id, self._clock.now())
                self._tally.lost.append(candidate.record_id)
            else:
                self._tally.note(error.problem)
            return False
        except RecordRefusedError as error:
            self._tally.note(error.problem)
            return False
        if (answer.digest, answer.size_bytes) != (salted, size):
            self._tally.note(Problem("sync.proof_differs", recovery=Recovery.ASK_OFFICE))
            return False
        return True

    def _digests(self, record_id: str, nonce: bytes) -> tuple[str, str, int]:
        """Return SHA-256 over nonce and file, SHA-256 over the file alone, and its size."""
        salted, plain, size = hashlib.sha256(nonce), hashlib.sha256(), 0
        with self._outbox.sealed_bytes(record_id) as sealed:
            while piece := sealed.read(_READ_BYTES):
                salted.update(piece)
                plain.update(piece)
                size += len(piece)
        return salted.hexdigest(), plain.hexdigest(), size
