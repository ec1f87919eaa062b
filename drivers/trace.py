"""What passes on the lines of devices, written down while somebody records it: docs/devices.md has the format."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import BinaryIO

FORMAT, VERSION = "fieldkit-trace", 1
GUESSABLE_BYTES = 1024  # shorter bytes could be tried one after another against a plain digest

# Takes bytes of one direction; returns how long their first piece is and whether it is a payload, None for too few.
FirstPiece = Callable[[bytes], tuple[int, bool] | None]


@dataclass(frozen=True, slots=True)
class Payload:
    """Bytes that tell something of a person: ink, a print, what a chip holds."""

    content: bytes


class Recorder:
    """Writes a trace: a header, then one event a line, each on the disk before the next. Safe for threads.

    Payloads become their length and a digest, unless they are kept. The key of the digests is never written.
    """

    def __init__(
        self,
        file: BinaryIO,
        header: Mapping[str, object],
        *,
        keeps_payloads: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file, self._monotonic, self._began = file, monotonic, monotonic()
        self._key = os.urandom(32)
        self._lock = threading.Lock()  # over what follows
        self._failed: OSError | None = None
        self._has_ended = False
        self.keeps_payloads = keeps_payloads
        self.lines: set[str] = set()  # on which something passed
        self._write({"format": FORMAT, "version": VERSION, **header, "payloads": keeps_payloads})

    def note(self, way: str, line: str, act: str, **fields: object) -> None:
        """Write what passed on a line. Whatever the disk does is told by `end`: it is no fault of the device."""
        self.lines.add(line)
        self._note(way, line, act, fields)

    def note_test(self, line: str, act: str, **fields: object) -> None:
        """Write what is known of the test of a device."""
        self._note("test", line, act, fields)

    def end(self) -> None:
        """Write that the trace is whole; nothing comes after it. Raise `OSError` when an event was not written."""
        self.note_test("", "end")
        self.stop()
        if self._failed is not None:
            raise self._failed

    def stop(self) -> None:
        """Write nothing more, whoever still talks on a line."""
        with self._lock:
            self._has_ended = True

    def _note(self, way: str, line: str, act: str, fields: Mapping[str, object]) -> None:
        with self._lock:
            if not self._has_ended:
                ms = round((self._monotonic() - self._began) * 1000)
                self._write({"ms": ms, "way": way, "line": line, "act": act, **fields})

    def _write(self, value: Mapping[str, object]) -> None:
        try:
            self._file.write(json.dumps(value, ensure_ascii=False, default=self._shown).encode() + b"\n")
            self._file.flush()
        except OSError as error:
            self._failed, self._has_ended = error, True

    def _shown(self, value: object) -> object:
        content = value.content if isinstance(value, Payload) else value
        if not isinstance(content, bytes):
            raise TypeError(type(value).__name__)
        if content is value or self.keeps_payloads or not content:
            return content.hex()
        if len(content) < GUESSABLE_BYTES:
            return {"bytes": len(content), "hmac": hmac.digest(self._key, content, "sha256").hex()}
        return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


_current: list[Recorder] = []


@contextmanager
def recording(recorder: Recorder) -> Iterator[None]:
    """Let all lines write into a trace while the context is open."""
    _current.append(recorder)
    try:
        yield
    finally:
        _current.remove(recorder)
        recorder.stop()


def current() -> Recorder | None:
    """Return who records now."""
    return _current[-1] if _current else None


def note(way: str, line: str, act: str, **fields: object) -> None:
    """Write an event into the trace, if somebody records."""
    if _current:
        _current[-1].note(way, line, act, **fields)


class Pieces:
    """One direction of a line, cut into what may be read and what is a payload."""

    def __init__(self, first_piece: FirstPiece, tell: Callable[[bytes | Payload], None]) -> None:
        self._first_piece, self._tell = first_piece, tell
        self._waiting = b""

    def feed(self, passed: bytes) -> None:
        """Tell the pieces that became complete."""
        self._waiting += passed
        found: list[tuple[bool, bytes]] = []
        while self._waiting and (first := self._first_piece(self._waiting)) is not None:
            length, is_payload = first
            found.append((is_payload, self._waiting[:length]))
            self._waiting = self._waiting[length:]
        for is_payload, pieces in groupby(found, lambda piece: piece[0]):
            content = b"".join(piece for _, piece in pieces)
            self._tell(Payload(content) if is_payload else content)

    def end(self) -> None:
        """Tell what is still incomplete, as a payload, for nobody knows what it would have become."""
        if self._waiting:
            self._tell(Payload(self._waiting))
        self._waiting = b""


def all_readable(passed: bytes) -> tuple[int, bool]:
    """Take everything for readable: the `FirstPiece` of a direction without payloads."""
    return len(passed), False
