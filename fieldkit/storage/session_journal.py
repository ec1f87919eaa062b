"""Open recordings a second time, beside the store: what was accepted survives a bad page of the database.

One file per recording, a frame after each commit that touched it: length, then the frame encrypted about its recording
and its place. A torn tail is the frame of a commit that the store has; the frames before it count. With its end the
recording's journal is erased.
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
from fieldkit.ports.ciphers import Cipher
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.mappers import Values

_SUFFIX = ".journal"
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
    """The folder of journals; `remove` takes a file away for good."""

    def __init__(self, folder: Path, cipher: Cipher, remove: Callable[[Path], None] = Path.unlink) -> None:
        self._folder, self._cipher, self._remove = folder, cipher, remove
        self._lengths: dict[str, int] = {}  # frames by recording

    def has(self, session_id: str) -> bool:
        """Return whether a recording has a journal that goes on; one without begins with the whole recording."""
        return session_id in self._lengths

    def append(
        self, session_id: str, changes: SessionChanges, head: ChainHead | None, around: Mapping[str, Values | None]
    ) -> None:
        """Write down what was committed. Raise `OSError`; the journal then begins anew with the next commit."""
        number = self._lengths.pop(session_id, 0)
        frame = {
            "session": changes.sessions.get(session_id),
            "samples": [row for row in changes.samples.values() if row["session_id"] == session_id],
            "dropped": sorted(changes.dropped),
            "around": around,
            "head": head and [head.chain, head.sequence, head.digest],
        }
        closed = self._cipher.close(_written(frame), _about(session_id, number))
        if not self._folder.is_dir():
            self._folder.mkdir(mode=0o700)
            sync_folder(self._folder.parent)
        path = self._path(session_id)
        written = path if number else path.with_name(f"{path.name}.part")
        try:
            with written.open("ab" if number else "wb") as file:
                file.write(len(closed).to_bytes(_LENGTH_BYTES, "big") + closed)
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            if not number:
                written.unlink(missing_ok=True)  # half of it takes room that the store needs
            raise
        if not number:  # what an earlier start wrote stays until the whole recording stands in the new one
            written.replace(path)
            sync_folder(self._folder)
        self._lengths[session_id] = number + 1

    def erase(self, session_id: str) -> None:
        """Take the journal of an ended recording away. Raise what the way of removing raises."""
        self._lengths.pop(session_id, None)
        path = self._path(session_id)
        if path.exists():
            self._remove(path)
            sync_folder(self._folder)

    def kept(self) -> Mapping[str, KeptSession]:
        """Return every recording that has a journal, as far as its frames can be read."""
        found = {path.stem: self.of(path.stem) for path in sorted(self._folder.glob(f"*{_SUFFIX}"))}
        return {session_id: kept for session_id, kept in found.items() if kept.session}

    def of(self, session_id: str) -> KeptSession:
        """Return a recording as its journal has it, as far as the frames can be read; an empty one without any."""
        path = self._path(session_id)
        return self._read(path) if path.exists() else KeptSession()

    def _read(self, path: Path) -> KeptSession:
        kept, number = KeptSession(), 0
        content = memoryview(path.read_bytes())
        while len(content) > _LENGTH_BYTES:
            end = _LENGTH_BYTES + int.from_bytes(content[:_LENGTH_BYTES], "big")
            opened = self._cipher.open(bytes(content[_LENGTH_BYTES:end]), _about(path.stem, number))
            if opened is None:
                break
            _apply(kept, _read(opened))
            content, number = content[end:], number + 1
        return kept

    def _path(self, session_id: str) -> Path:
        if not session_id.replace("-", "").isalnum():
            raise ValueError("a recording's id is letters, digits and hyphens")
        return self._folder / f"{session_id}{_SUFFIX}"


def _apply(kept: KeptSession, frame: dict[str, Any]) -> None:
    kept.session = frame["session"] or kept.session
    for row in frame["samples"]:
        kept.samples[row["sample_id"]] = row
    for sample_id in frame["dropped"]:
        kept.samples.pop(sample_id, None)
    kept.around |= frame["around"]
    kept.head = ChainHead(*frame["head"]) if frame["head"] else None


def _about(session_id: str, number: int) -> bytes:
    return f"{session_id} {number}".encode()


def _written(frame: dict[str, Any]) -> bytes:
    return json.dumps(frame, default=_spelled).encode()


def _spelled(value: object) -> dict[str, str]:
    match value:
        case bytes():
            return {"bytes": base64.b64encode(value).decode()}
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
    raise TypeError(f"{type(value).__name__} has no place in a journal")


_READERS: Mapping[str, Callable[[str], object]] = {
    "bytes": base64.b64decode,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


def _read(frame: bytes) -> dict[str, Any]:
    def meant(value: dict[str, Any]) -> Any:
        kind = next(iter(value)) if len(value) == 1 else ""
        return _READERS[kind](value[kind]) if kind in _READERS else value

    read: dict[str, Any] = json.loads(frame, object_hook=meant)
    return read
