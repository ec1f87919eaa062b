"""Brings one sealed file to the data center, from wherever the last try ended."""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import StoreError
from fieldkit.ports.delivery import ProgressSink, QueuedRecord, SyncProgress
from fieldkit.ports.vault import SignatureVerifier
from sync.kit.announce import ReceiptError, fits_manifest, read_receipt
from sync.kit.parts import EnoughError, RunParts, Tally
from sync.kit.pipeline import Watch
from sync.kit.transport import Asked, DataCenterLink
from sync.protocol import tus
from sync.protocol.messages import HelloAnswer, Holding
from sync.protocol.outcomes import (
    BIGGEST_CHUNK,
    FIRST_CHUNK,
    RecordRefusedError,
    RecordRetryError,
    RunStoppedError,
    next_chunk_size,
)

# A damaged record or another offset is worth another look at once; bounded, so that no server keeps us busy for ever.
_MOST_STUMBLES = 3
_BROKEN = "sync.connection_lost"
_LOOKS, _LOOK_S = 3, 0.2
_STUMBLES = ("sync.offset_differs", "sync.chunk_damaged")
_READ_BYTES = 1024 * 1024

Steps = Generator[Asked[int], None, None]


class SealedBytes(Protocol):
    """Where the bytes come from, and who keeps how far they got."""

    def sealed_bytes(self, record_id: str) -> BinaryIO:
        """Open the sealed file for reading at 0; the caller closes it. Raise `StoreError` when the file is gone."""
        ...

    def mark_progress(self, record_id: str, offset: int) -> None:
        """Keep the offset that the server confirmed."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes of a record on their way."""

    asked: Asked[int]
    start: int
    end: int
    opens: bool


class Upload:
    """Sends chunks; the size of the next one follows from how long the last one took, across records.

    A record goes in the request that opens its upload, where the server takes that (`tus_extensions`) and it fits into
    a chunk; else its first chunk goes with it. Once a first answer is here, up to `most_ahead` chunks go out before
    theirs come, so that the line is never without work. When it breaks and the server has more than at the break
    before, it is dialled again at once. Of chunks the server keeps what comes before a break; the digest of the whole
    is proven in any case.
    """

    def __init__(
        self,
        outbox: SealedBytes,
        link: DataCenterLink,
        tally: Tally,
        most_chunk_bytes: int,
        tus_extensions: str = "",
        most_ahead: int = 1,
    ) -> None:
        self._outbox, self._link, self._tally = outbox, link, tally
        self._most, self._most_ahead = min(most_chunk_bytes, BIGGEST_CHUNK), most_ahead
        self._chunk_bytes = min(FIRST_CHUNK, self._most)
        self._takes_first = tus.CREATION_WITH_UPLOAD in tus_extensions.split(",")
        self._has_sent = self._has_broken = False
        self._answered_at = 0.0

    @property
    def most_ahead(self) -> int:
        """How much may be under way unanswered."""
        return self._most_ahead if self._has_sent else 1

    def send(self, record: QueuedRecord, checkpoint: Callable[[int], None]) -> None:
        """Send what is missing. Raise as `steps` does."""
        for _ in self.steps(record, checkpoint):
            pass

    def steps(self, record: QueuedRecord, checkpoint: Callable[[int], None], *, is_begun: bool = False) -> Steps:
        """Send what is missing; yield each answer that is waited for next, before waiting.

        With `is_begun` the server has some of it, and is asked how much before a byte goes.
        `checkpoint(offset)` comes before each chunk and now and then while one goes out; it may raise to end the run.
        Raise `RecordRetryError`, `RecordRefusedError`, `RunStoppedError`, or `StoreError` of the progress' keeper.
        """
        try:
            sealed = self._outbox.sealed_bytes(record.record_id)
        except StoreError as error:
            raise RecordRefusedError("sync.sealed_file_missing") from error
        except OSError as error:
            raise RecordRetryError("sync.sealed_file_unreadable") from error
        with sealed:
            _check_unharmed(sealed, record)
            yield from self._send_missing(sealed, record, checkpoint, is_begun or record.sent_bytes > 0)

    def _send_missing(
        self, sealed: BinaryIO, record: QueuedRecord, checkpoint: Callable[[int], None], is_begun: bool
    ) -> Steps:
        record_id, size, is_open, offset = record.record_id, record.size_bytes, False, 0
        if is_begun or not self._takes_first:
            asked = self._link.open_upload(record_id, size)
            yield asked
            is_open, offset = True, asked.answer()
            self._note_resumed(offset, size)
        begun, stumbles, broken_at, ahead = offset, 0, -1, deque[_Piece]()
        while offset < size:
            try:
                while begun < size and len(ahead) < self._most_ahead and not (ahead and ahead[0].asked.is_answered):
                    checkpoint(begun)
                    ahead.append(self._begin(sealed, record, begun, checkpoint, opens=not is_open))
                    is_open, begun = True, ahead[-1].end
                piece = ahead.popleft()
                yield piece.asked
                reached = piece.asked.answer(_watching(checkpoint, offset))
            except RunStoppedError as error:
                broken_at = self._after_break(error, record, broken_at)
                self._tally.resumed_uploads += broken_at > 0
                self._tally.sent_bytes += max(0, broken_at - offset)
                offset = begun = broken_at
                ahead.clear()
                self._outbox.mark_progress(record_id, offset)
            except RecordRetryError as error:
                stumbles += 1
                if stumbles > _MOST_STUMBLES or error.code not in _STUMBLES:
                    raise
                ahead.clear()
                offset = begun = self._offset_there(record)
            else:
                if reached == piece.end:
                    self._note_sent(record_id, piece)
                elif piece.opens:  # the server has some already
                    ahead.clear()
                    begun = reached
                    self._note_resumed(reached, size)
                else:
                    raise RunStoppedError("sync.nonsense")
                offset = reached
        if offset > size:
            raise RunStoppedError("sync.nonsense")

    def _begin(
        self, sealed: BinaryIO, record: QueuedRecord, start: int, checkpoint: Callable[[int], None], *, opens: bool
    ) -> _Piece:
        chunk, watch = _chunk(sealed, self._chunk_bytes, start), _watching(checkpoint, start)
        if opens:
            # A data center from before forgets a whole record that was cut.
            sha256 = record.sha256 if len(chunk) == record.size_bytes and not self._has_broken else ""
            asked = self._link.open_upload(record.record_id, record.size_bytes, chunk, sha256, watch)
        else:
            asked = self._link.send_piece(record.record_id, start, chunk, watch)
        return _Piece(asked, start, start + len(chunk), opens)

    def _after_break(self, error: RunStoppedError, record: QueuedRecord, broken_at: int) -> int:
        """Return the server's offset behind that of the last break; else raise what ended the chunk."""
        if error.code != _BROKEN:
            raise error
        self._has_broken = True
        for _ in range(_LOOKS):
            try:
                offset = self._offset_there(record)
            except RunStoppedError:
                raise error from None  # the line is gone for longer
            if offset > broken_at:
                return offset
            time.sleep(_LOOK_S)  # the server may not have heard of the break yet
        raise error

    def _offset_there(self, record: QueuedRecord) -> int:
        if self._takes_first:  # what would have opened the upload may not have come
            return self._link.open_upload(record.record_id, record.size_bytes).answer()
        return self._link.offset(record.record_id)

    def _note_resumed(self, offset: int, size: int) -> None:
        if 0 < offset <= size:
            self._tally.resumed_uploads += 1
            self._tally.resumed_bytes += offset

    def _note_sent(self, record_id: str, piece: _Piece) -> None:
        now, size = time.monotonic(), piece.end - piece.start
        self._has_sent = True
        self._tally.sent_bytes += size
        seconds = now - max(piece.asked.began, self._answered_at)
        self._chunk_bytes, self._answered_at = next_chunk_size(self._chunk_bytes, size, seconds, self._most), now
        self._outbox.mark_progress(record_id, piece.end)


def _watching(checkpoint: Callable[[int], None], start: int) -> Watch:
    return lambda handed: checkpoint(start + handed)


def _check_unharmed(sealed: BinaryIO, record: QueuedRecord) -> None:
    digest, size = hashlib.sha256(), 0
    while piece := _read(sealed, _READ_BYTES):
        digest.update(piece)
        size += len(piece)
    if (size, digest.hexdigest()) != (record.size_bytes, record.sha256):
        raise RecordRefusedError("sync.sealed_file_damaged")


def _chunk(sealed: BinaryIO, size: int, offset: int) -> bytes:
    chunk = _read(sealed, size, offset)
    if not chunk:
        raise RecordRefusedError("sync.sealed_file_damaged")
    return chunk


def _read(sealed: BinaryIO, size: int, offset: int | None = None) -> bytes:
    try:
        if offset is not None:
            sealed.seek(offset)
        return sealed.read(size)
    except OSError as error:
        # A bad sector or a stick that was pulled out: the file may be readable again, and the others are.
        raise RecordRetryError("sync.sealed_file_unreadable") from error


# Sends record after record, each until its receipt. One that fails does not hold up the others.

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
