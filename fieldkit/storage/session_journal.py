"""Open recordings a second time, beside the store: what was accepted survives a bad page of the database.

One file per recording: a mark, the salt of its cipher, then a frame after each commit that touched it: length, then the
frame encrypted about its recording and its place. The store is waited for, a frame is not: of one that a power cut
takes or tears the store has the commit, and the frames before it count. With the end of a recording its salt is
overwritten, without which nobody reads the rest. A journal of an older program has neither mark nor salt.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from fieldkit.domain.events import ChainHead
from fieldkit.domain.recording.session import ENDED
from fieldkit.ports.vault import Cipher
from fieldkit.storage.home_lock import sync_folder
from fieldkit.storage.mappers import Values
from fieldkit.storage.reserve import with_room

_SUFFIX = ".journal"
_MARK, _SALT_BYTES = b"FKJ2", 32  # an older journal begins with the length of its first frame, never that long
_HEADER_BYTES = len(_MARK) + _SALT_BYTES
_LENGTH_BYTES = 4
_ENDED = frozenset(phase.value for phase in ENDED)


@dataclass(slots=True)
class SessionChanges:
    """What one transaction did to recordings, as rows of the tables."""

    sessions: dict[str, Values] = field(default_factory=dict)
    samples: dict[str, Values] = field(default_factory=dict)  # by their id
    dropped: set[str] = field(default_factory=set)

    @property
    def open(self) -> list[str]:
        """Return the recordings that were touched and are still open."""
        touched = dict.fromkeys((*self.sessions, *(str(row["session_id"]) for row in self.samples.values())))
        return [session_id for session_id in touched if session_id not in self.ended]

    @property
    def ended(self) -> list[str]:
        """Return the recordings that came to their end."""
        return [session_id for session_id, row in self.sessions.items() if row["phase"] in _ENDED]


@dataclass(slots=True)
class KeptSession:
    """A recording as its journal has it. `head` is the end of the log when it was last written."""

    session: Values = field(default_factory=dict)
    samples: dict[str, Values] = field(default_factory=dict)
    around: dict[str, Values | None] = field(default_factory=dict)  # the rows of its activity and its target
    head: ChainHead | None = None


class SessionJournals:
    """The folder of journals; `overwrite` makes so many first bytes of a file unreadable, all of them for None."""

    def __init__(
        self, folder: Path, cipher: Cipher, overwrite: Callable[[Path, int | None], None] = lambda _path, _first: None
    ) -> None:
        self._folder, self._cipher, self._overwrite = folder, cipher, overwrite
        self._going: dict[str, tuple[Cipher, int]] = {}  # the cipher and the frames of each that was begun here

    def has(self, session_id: str) -> bool:
        """Return whether a recording has a journal that goes on; one without begins with the whole recording."""
        return session_id in self._going

    def append(
        self, session_id: str, changes: SessionChanges, head: ChainHead | None, around: Mapping[str, Values | None]
    ) -> None:
        """Write down what was committed. Raise `OSError`; the journal then begins anew with the next commit."""
        frame = {
            "session": changes.sessions.get(session_id),
            "samples": [row for row in changes.samples.values() if row["session_id"] == session_id],
            "dropped": sorted(changes.dropped),
            "around": around,
            "head": head and [head.chain, head.sequence, head.digest],
        }
        content = _written(frame)
        path = self._path(session_id)
        cipher, number = self._going.pop(session_id, (None, 0))
        if cipher is None:
            cipher = self._begin(path, session_id, content)
        else:
            closed = _closed(cipher, content, session_id, number)
            with_room(path, lambda: _append(path, closed), len(closed))
        self._going[session_id] = cipher, number + 1

    def _begin(self, path: Path, session_id: str, content: bytes) -> Cipher:
        """Write a journal anew; what an earlier start wrote stays until the whole recording stands in the new one."""
        salt = os.urandom(_SALT_BYTES)
        cipher = self._cipher.salted(salt)
        if not self._folder.is_dir():
            with_room(self._folder, lambda: self._folder.mkdir(mode=0o700))
            sync_folder(self._folder.parent)
        unfinished = path.with_name(f"{path.name}.part")
        begun = _MARK + salt + _closed(cipher, content, session_id, 0)

        def write() -> None:
            try:
                unfinished.write_bytes(begun)
                unfinished.replace(path)
            except OSError:
                unfinished.unlink(missing_ok=True)  # half of it takes room that the store needs
                raise

        with_room(path, write, len(begun))
        return cipher

    def settle(self) -> None:
        """Wait until what was written since the start is on the disk. Raise `OSError`."""
        for session_id in self._going:
            with self._path(session_id).open("rb+") as file:
                os.fsync(file.fileno())
        if self._going:
            sync_folder(self._folder)

    def erase(self, session_id: str) -> None:
        """Take the journal of an ended recording away. Raise what the way of overwriting raises.

        A name that a power cut brings back is taken away at the next start, what is behind it stays unreadable.
        """
        self._going.pop(session_id, None)
        path = self._path(session_id)
        if path.exists():
            with path.open("rb") as file:
                is_salted = file.read(len(_MARK)) == _MARK
            self._overwrite(path, _HEADER_BYTES if is_salted else None)
            path.unlink()

    def names(self) -> frozenset[str]:
        """Return the recordings that have a journal, readable or not."""
        return frozenset(path.stem for path in self._folder.glob(f"*{_SUFFIX}"))

    def kept(self) -> Mapping[str, KeptSession]:
        """Return every recording that has a journal, as far as its frames can be read."""
        found = {session_id: self.of(session_id) for session_id in sorted(self.names())}
        return {session_id: kept for session_id, kept in found.items() if kept.session}

    def of(self, session_id: str) -> KeptSession:
        """Return a recording as its journal has it, as far as the frames can be read; an empty one without any."""
        path = self._path(session_id)
        return self._read(path) if path.exists() else KeptSession()

    def _read(self, path: Path) -> KeptSession:
        kept, number = KeptSession(), 0
        content, cipher, read = memoryview(path.read_bytes()), self._cipher, _read_older
        if content[: len(_MARK)] == _MARK:
            cipher, read = cipher.salted(bytes(content[len(_MARK) : _HEADER_BYTES])), _read
            content = content[_HEADER_BYTES:]
        while len(content) > _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")
            opened = cipher.open(bytes(content[_LENGTH_BYTES:end]), _about(path.stem, number))
            if opened is None:
                break
            _apply(kept, read(opened))
            content, number = content[end:], number + 1
        return kept

    def _path(self, session_id: str) -> Path:
        if not session_id.replace("-", "").isalnum():
            raise ValueError("a recording's id is letters, digits and hyphens")
        return self._folder / f"{session_id}{_SUFFIX}"


def _append(path: Path, closed: bytes) -> None:
    """Add a frame, or nothing of it: what stands behind half a frame nobody reads."""
    whole_bytes = path.stat().st_size
    try:
        with path.open("ab") as file:
            file.write(closed)
    except OSError:
        os.truncate(path, whole_bytes)
        raise


def _apply(kept: KeptSession, frame: dict[str, Any]) -> None:
    kept.session = frame["session"] or kept.session
    for row in frame["samples"]:
        kept.samples[row["sample_id"]] = row
    for sample_id in frame["dropped"]:
        kept.samples.pop(sample_id, None)
    kept.around |= frame["around"]
    kept.head = ChainHead(*frame["head"]) if frame["head"] else None


def _closed(cipher: Cipher, content: bytes, session_id: str, number: int) -> bytes:
    closed = cipher.close(content, _about(session_id, number))
    return len(closed).to_bytes(_LENGTH_BYTES, "big") + closed


def _about(session_id: str, number: int) -> bytes:
    return f"{session_id} {number}".encode()


def _written(frame: dict[str, Any]) -> bytes:
    """Return the length of the JSON, the JSON, and the bytes that it names by their places."""
    blobs: list[bytes] = []

    def spelled(value: object) -> dict[str, Any]:
        match value:
            case bytes():
                at = sum(map(len, blobs))
                blobs.append(value)
                return {"blob": [at, at + len(value)]}
            case datetime():
                return {"moment": value.isoformat()}
            case date():
                return {"day": value.isoformat()}
        raise TypeError(f"{type(value).__name__} has no place in a journal")

    text = json.dumps(frame, default=spelled).encode()
    return b"".join((len(text).to_bytes(_LENGTH_BYTES, "big"), text, *blobs))


_READERS: Mapping[str, Callable[[Any], object]] = {
    "bytes": base64.b64decode,  # of an older program
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


def _read(frame: bytes) -> dict[str, Any]:
    end = _LENGTH_BYTES + int.from_bytes(frame[:_LENGTH_BYTES], "big")
    return _meant(frame[_LENGTH_BYTES:end], frame[end:])


def _read_older(frame: bytes) -> dict[str, Any]:
    return _meant(frame, b"")


def _meant(text: bytes, blobs: bytes) -> dict[str, Any]:
    readers: Mapping[str, Callable[[Any], object]] = {**_READERS, "blob": lambda place: blobs[slice(*place)]}

    def meant(value: dict[str, Any]) -> Any:
        kind = next(iter(value)) if len(value) == 1 else ""
        return readers[kind](value[kind]) if kind in readers else value

    read: dict[str, Any] = json.loads(text, object_hook=meant)
    return read
