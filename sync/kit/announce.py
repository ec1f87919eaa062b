"""Hands in the manifests of what will be sent. A bad one is refused alone, whatever the data center makes of a page."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from pydantic import ValidationError

from fieldkit.domain.delivery import Anchor, AnchorSource
from fieldkit.domain.errors import KnownError, Problem, Recovery, StoreError, TransferError, VaultError
from fieldkit.domain.recording.exceptions import SignedAct
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import AnchorBook, Outbox, PurgeCandidate, QueuedRecord, VouchBook
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.parts import RunParts, Tally, pages
from sync.kit.transport import DataCenterLink
from sync.protocol.down import Vouch, Vouches
from sync.protocol.messages import (
    ANCHOR_TYP,
    PAGE_SIZE,
    RECEIPT_TYP,
    AnchorWord,
    Announced,
    Holding,
    ProofQuestion,
    Receipt,
)
from sync.protocol.outcomes import (
    Consequence,
    NotOfferedError,
    RecordError,
    RecordRefusedError,
    RecordRetryError,
    RunStoppedError,
    judge,
)

# Has the data center hold the heads of our chains and keeps what it holds: who rewrites one must rewrite both.

# The data center knows more of the chain we write on than we do, or something else: our store is an older copy.
_PLACE_IS_TAKEN = frozenset({"anchor.behind", "anchor.forked"})


class Anchoring:
    """Hands in heads and keeps anchors."""

    def __init__(self, book: AnchorBook, own: SignatureVerifier) -> None:
        """`own` verifies with this kit's key: only what we signed ourselves anchors anything."""
        self._book, self._own = book, own

    def exchange(self, parts: RunParts, server_time: datetime) -> None:
        """Exchange anchors; a data center without them is no fault. Raise `RunStoppedError`, `StoreError`."""
        heads = self._book.heads()[-PAGE_SIZE:]
        if not heads:
            return
        try:
            answer = parts.link.anchor(heads, server_time)
        except NotOfferedError:
            return
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        except ValidationError:
            # A harmed row of the log is no head; to say so is the audit's matter, and sending goes on.
            return
        # Older chains are not written on any more; only a taken place in the newest calls for a new one.
        if len(answer.words) == len(heads) and answer.words[-1] in _PLACE_IS_TAKEN:
            parts.tally.fork(answer.words[-1])
        self._book.keep(list(self._believed(answer.kept, parts)))

    def _believed(self, kept: Iterable[str], parts: RunParts) -> Iterator[Anchor]:
        for token in kept:
            try:
                word = AnchorWord.model_validate(self._own.verify(token, ANCHOR_TYP))
            except (VaultError, ValidationError):
                parts.tally.note(Problem("sync.anchor_foreign", recovery=Recovery.ASK_OFFICE))
                continue
            yield Anchor(word.chain, word.sequence, word.digest, word.at, AnchorSource.CENTER, token)


_TO_ANNOUNCE = frozenset({Holding.UNKNOWN, Holding.LOST})
# The server fails at everything, not at one manifest.
_MOST_FAILURES = 3

Asked = Callable[[Sequence[str]], Sequence[Announced]]
Refused = Callable[[QueuedRecord, str], None]


class Announcing:
    """Announces records through `ask`, and tells `refused` and `failed` which were not taken for good or for now."""

    def __init__(self, ask: Asked, noted: Callable[[str], None], refused: Refused, failed: Refused) -> None:
        self._ask, self._noted, self._refused, self._failed = ask, noted, refused, failed
        self._failures, self._has_succeeded = 0, False

    def announce(self, records: Sequence[QueuedRecord]) -> None:
        """Hand in all. Raise `RunStoppedError` when the data center fails at everything."""
        for page in pages(records, PAGE_SIZE):
            self._announce(page)

    def _announce(self, page: Sequence[QueuedRecord]) -> None:
        try:
            words = self._ask([record.manifest_jws for record in page])
        except RecordError as error:
            if len(page) > 1:
                half = len(page) // 2
                self._announce(page[:half])
                self._announce(page[half:])
            else:
                self._alone(page[0], error)
            return
        if len(words) != len(page):
            raise RunStoppedError("sync.nonsense")
        self._has_succeeded = True
        for record, word in zip(page, words, strict=True):
            if word.note:
                self._noted(word.note)
            if word.code:
                outcome = judge(422, word.code)
                is_final = outcome.consequence is Consequence.QUARANTINE
                (self._refused if is_final else self._failed)(record, outcome.code)

    def _alone(self, record: QueuedRecord, error: RecordError) -> None:
        if isinstance(error, RecordRefusedError):
            self._refused(record, error.code)
            return
        self._failures += 1
        if self._failures >= _MOST_FAILURES and not self._has_succeeded:
            raise RunStoppedError("sync.server_trouble") from error
        self._failed(record, error.code)


def announce_due(parts: RunParts, ask: Asked) -> None:
    """Announce what is due and not known there."""

    def noted(note: str) -> None:
        if note == "manifest.fork":
            parts.tally.fork(note)

    def refused(record: QueuedRecord, code: str) -> None:
        parts.quarantine(record.record_id, code)

    def sendable(record: QueuedRecord) -> bool:
        if parts.holdings.get(record.record_id) not in _TO_ANNOUNCE:
            return False
        if not record.manifest_jws.isascii():
            parts.quarantine(record.record_id, "sync.row_unreadable")
            return False
        return True

    records = [record for record in parts.due() if sendable(record)]
    Announcing(ask, noted, refused, parts.postpone).announce(records)


# What proves a delivery: a receipt of our data center that fits the manifest.


class ReceiptError(TransferError):
    """A receipt that was not signed by our data center."""


def read_receipt(receipt_jws: str, gateway: SignatureVerifier) -> Receipt:
    """Return the receipt. Raise `ReceiptError` when signature or form does not hold."""
    try:
        return Receipt.model_validate(gateway.verify(receipt_jws, RECEIPT_TYP))
    except (KnownError, ValidationError) as error:
        raise ReceiptError("sync.receipt_untrusted") from error


def fits_manifest(receipt: Receipt, manifest_jws: str, record_id: str, sha256: str, size_bytes: int) -> bool:
    """Return whether the receipt is for exactly this manifest of exactly this sealed file."""
    manifest_sha256 = hashlib.sha256(manifest_jws.encode("utf-8", "replace")).hexdigest()
    proven = (str(receipt.record_id), receipt.sha256, receipt.size_bytes, receipt.manifest_sha256)
    return proven == (record_id, sha256, size_bytes, manifest_sha256)


# Erases sealed files that are proven to be at the data center: never on the word of one side, one row or one clock.

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


# Hands in what team leads signed for records of older programs, so that the data center looks at them again.


def vouch_of(record_id: str, act: SignedAct) -> Vouch:
    """Return what a team lead signed for a record as it travels, on the line and on a stick."""
    return Vouch(record_id=UUID(record_id), signature=act.jws, certificate=b64decode(act.certificate))


class Vouching:
    """Hands in signatures; a data center that takes none has to be updated first, and they wait."""

    def __init__(self, book: VouchBook) -> None:
        self._book = book

    def hand_in(self, parts: RunParts) -> None:
        """Hand in what waits. Raise `RunStoppedError`, `StoreError`."""
        waiting = list(self._book.pending().items())[:PAGE_SIZE]
        if not waiting:
            return
        vouches = tuple(vouch_of(record_id, act) for record_id, act in waiting)
        try:
            answer = parts.link.vouch(Vouches(vouches=vouches))
        except NotOfferedError:
            parts.tally.note(Problem("sync.no_vouches", {"count": len(waiting)}, Recovery.ASK_OFFICE))
            return
        except RecordError as error:
            parts.tally.note(error.problem)
            return
        for (record_id, _), _word in zip(waiting, answer.words, strict=False):  # kept, or of no record there
            self._book.settle(record_id)
