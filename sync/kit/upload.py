"""Brings one sealed file to the data center, from wherever the last try ended."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from typing import BinaryIO, Protocol

from fieldkit.domain.errors import StoreError
from fieldkit.ports.outbox import QueuedRecord
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol import tus
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError
from sync.protocol.pacing import BIGGEST_CHUNK, FIRST_CHUNK, SMALLEST_CHUNK, next_chunk_size

# A damaged chunk or another offset is worth another look at once; bounded, so that no server keeps us busy for ever.
_MOST_STUMBLES = 3
_BROKEN = "sync.connection_lost"
_LOOKS, _LOOK_S = 3, 0.2
_STUMBLES = ("sync.offset_differs", "sync.chunk_damaged")
_READ_BYTES = 1024 * 1024


class SealedBytes(Protocol):
    """Where the bytes come from, and who keeps how far they got."""

    def sealed_bytes(self, record_id: str) -> BinaryIO:
        """Open the sealed file for reading at 0; the caller closes it. Raise `StoreError` when the file is gone."""
        ...

    def mark_progress(self, record_id: str, offset: int) -> None:
        """Keep the offset that the server confirmed."""
        ...


class Upload:
    """Sends chunks; the size of the next one follows from how long the last one took, across records.

    Once a chunk has shown what the line carries, the first one of a record goes along with its opening, where the
    server takes it (`tus_extensions`). When the line breaks within a chunk and the server has more than at the break
    before, it is dialled again at once; from then on chunks go without a checksum, for the server keeps such bytes as
    far as they came. The digest of the whole is proven in any case.
    """

    def __init__(
        self, outbox: SealedBytes, link: DataCenterLink, tally: Tally, most_chunk_bytes: int, tus_extensions: str = ""
    ) -> None:
        self._outbox = outbox
        self._link = link
        self._tally = tally
        self._most = min(most_chunk_bytes, BIGGEST_CHUNK)
        self._chunk_bytes = min(FIRST_CHUNK, self._most)
        self._takes_first = tus.CREATION_WITH_UPLOAD in tus_extensions.split(",")
        self._has_sent = self._has_broken = False

    def send(self, record: QueuedRecord, checkpoint: Callable[[int], None]) -> None:
        """Send what is missing. `checkpoint(offset)` comes before each chunk and may raise to end the run.

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
            self._send_missing(sealed, record, checkpoint)

    def _send_missing(self, sealed: BinaryIO, record: QueuedRecord, checkpoint: Callable[[int], None]) -> None:
        offset = self._open(sealed, record, checkpoint)
        stumbles, broken_at = 0, -1
        while offset < record.size_bytes:
            checkpoint(offset)
            chunk = _chunk(sealed, self._chunk_bytes, offset)
            began = time.monotonic()
            try:
                send = self._link.send_piece if self._has_broken else self._link.send_chunk
                reached = send(record.record_id, offset, chunk)
            except RunStoppedError as error:
                broken_at = self._after_break(error, record.record_id, broken_at)
                self._tally.resumed_uploads += broken_at > 0
                self._tally.sent_bytes += max(0, broken_at - offset)
                offset = broken_at
                self._outbox.mark_progress(record.record_id, offset)
                continue
            except RecordRetryError as error:
                stumbles += 1
                if stumbles > _MOST_STUMBLES or error.code not in _STUMBLES:
                    raise
                self._chunk_bytes = max(self._chunk_bytes // 2, SMALLEST_CHUNK)
                offset = self._link.offset(record.record_id)
                continue
            if reached != offset + len(chunk):
                raise RunStoppedError("sync.nonsense")
            offset = reached
            self._note_sent(record.record_id, offset, len(chunk), began)
        if offset > record.size_bytes:
            raise RunStoppedError("sync.nonsense")

    def _after_break(self, error: RunStoppedError, record_id: str, broken_at: int) -> int:
        """Return the server's offset behind that of the last break; else raise what ended the chunk."""
        if error.code != _BROKEN:
            raise error
        self._has_broken = True
        for _ in range(_LOOKS):
            try:
                offset = self._link.offset(record_id)
            except RunStoppedError:
                raise error from None  # the line is gone for longer
            if offset > broken_at:
                return offset
            time.sleep(_LOOK_S)  # the server may not have heard of the break yet
        raise error

    def _open(self, sealed: BinaryIO, record: QueuedRecord, checkpoint: Callable[[int], None]) -> int:
        """Open the upload, with its first chunk where that is offered and nothing was sent yet; return the offset."""
        record_id, size = record.record_id, record.size_bytes
        if self._has_sent and self._takes_first and not self._has_broken and record.sent_bytes == 0:
            checkpoint(0)
            first = _chunk(sealed, self._chunk_bytes, 0)
            began = time.monotonic()
            try:
                offset = self._link.open_upload(record_id, size, first)
            except RecordRetryError as error:
                if error.code not in _STUMBLES:
                    raise
            else:
                if offset == len(first):
                    self._note_sent(record_id, offset, len(first), began)
                    return offset
        offset = self._link.open_upload(record_id, size)
        if 0 < offset <= size:
            self._tally.resumed_uploads += 1
            self._tally.resumed_bytes += offset
        return offset

    def _note_sent(self, record_id: str, offset: int, size: int, began: float) -> None:
        self._has_sent = True
        self._tally.sent_bytes += size
        self._chunk_bytes = next_chunk_size(self._chunk_bytes, time.monotonic() - began, self._most)
        self._outbox.mark_progress(record_id, offset)


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
