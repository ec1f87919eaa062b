"""Bounded, sans-IO reader of `multipart/x-mixed-replace` JPEG streams (MJPEG over HTTP, SBI STREAM)."""

from __future__ import annotations

import re

from fieldkit.ports.devices import ProtocolError

MAX_FRAME_BYTES = 8 * 1024 * 1024
MAX_HEAD_BYTES = 8 * 1024
_SOI = b"\xff\xd8"
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})[ \t]*$", re.IGNORECASE | re.MULTILINE)


class MjpegReader:
    """Takes bytes as they arrive and gives whole JPEG frames.

    The boundary parameter of SBI services already holds the two dashes ("--BoundaryString"); RFC 2046 says that the
    delimiter adds them. Both forms, quoted or not, are accepted. A length is refused before anything is kept for it.
    """

    def __init__(self, content_type: str, max_frame_bytes: int = MAX_FRAME_BYTES) -> None:
        found = re.search(r'boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))', content_type, re.IGNORECASE)
        if not content_type.lower().startswith("multipart/x-mixed-replace") or found is None:
            raise ProtocolError("device.stream_type", content_type=content_type[:80])
        token = (found[1] or found[2]).lstrip("-")
        if not token:
            raise ProtocolError("device.stream_type", content_type=content_type[:80])
        self._delimiter = b"--" + token.encode("latin-1", "replace")
        self._max = max_frame_bytes
        self._buffer = bytearray()
        self._scanned = 0  # where the search for the next delimiter goes on, so that a long frame is not searched again
        self._head: bytes | None = None
        self._length: int | None = None

    def feed(self, received: bytes) -> list[bytes]:
        """Return the frames that became complete. Raise `ProtocolError` when the stream breaks its own rules."""
        frames: list[bytes] = []
        self._buffer += received
        while True:
            if self._head is None and not self._take_head():
                return frames
            body = self._take_body()
            if body is None:
                return frames
            self._head = self._length = None
            self._scanned = 0
            if body.startswith(_SOI):
                frames.append(body)
            elif body.strip():
                raise ProtocolError("device.stream_not_jpeg")

    def _take_head(self) -> bool:
        at = self._buffer.find(self._delimiter)
        if at < 0:
            self._refuse_above(MAX_HEAD_BYTES)
            return False
        end, gap = _end_of_head(self._buffer, at)
        if end < 0:
            if len(self._buffer) - at > MAX_HEAD_BYTES:
                raise ProtocolError("device.stream_head")
            return False
        self._head = bytes(self._buffer[at + len(self._delimiter) : end]).replace(b"\r\n", b"\n")
        del self._buffer[: end + gap]
        found = _LENGTH.search(self._head)
        self._length = int(found[1]) if found else None
        if self._length is not None and self._length > self._max:
            raise ProtocolError("device.stream_too_big", limit=self._max)
        return True

    def _take_body(self) -> bytes | None:
        if self._length is not None:
            if len(self._buffer) < self._length:
                return None
            end = self._length
        else:
            # Without a length the part ends at the next delimiter; a JPEG may not hold it by chance in practice.
            end = self._buffer.find(self._delimiter, self._scanned)
            if end < 0:
                self._scanned = max(0, len(self._buffer) - len(self._delimiter))
                self._refuse_above(self._max)
                return None
        body = bytes(self._buffer[:end])
        del self._buffer[:end]
        return body.rstrip(b"\r\n") if self._length is None else body

    def _refuse_above(self, limit: int) -> None:
        if len(self._buffer) > limit:
            self._buffer.clear()
            raise ProtocolError("device.stream_too_big", limit=limit)


def _end_of_head(buffer: bytearray, start: int) -> tuple[int, int]:
    crlf, lf = buffer.find(b"\r\n\r\n", start), buffer.find(b"\n\n", start)
    if crlf >= 0 and (lf < 0 or crlf < lf):
        return crlf, 4
    return lf, 2
