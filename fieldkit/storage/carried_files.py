"""Files that are carried from one disk to another: whole or not at all, and read back before they count."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from fieldkit.domain.errors import Recovery, StoreError, has_no_room, reason_of
from fieldkit.storage.folders import make_folders, sync_folder

UNFINISHED = ".part"
_PIECE = 1 << 20
_CLUSTER = 64 * 1024  # a stick gives each file whole clusters; exFAT takes up to this much for a small one

Advance = Callable[[int], None]


def stay_silent(_bytes: int) -> None:
    """Tell nobody how far a copy is."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """What stands on the other disk, as it was read back from there. `sha256` is hex."""

    path: Path
    size_bytes: int
    sha256: str


def carry_file(source: Path, target: Path, advance: Advance = stay_silent) -> CarriedFile:
    """Copy a file: write temp → fsync → read back → rename → fsync folder; `advance` hears of each piece.

    Raise `StoreError`: `stick.unreadable` (the source), `stick.full`, `stick.failed`, `stick.differs`.
    """
    digest = hashlib.sha256()

    def pieces() -> Iterator[bytes]:
        for piece in _pieces(source):
            digest.update(piece)
            yield piece
            advance(len(piece))

    return _write(target, pieces(), digest.hexdigest)


def write_file(target: Path, content: bytes) -> CarriedFile:
    """Keep some bytes as a file, in the same way. Raise `StoreError`: `stick.full`, `stick.failed`, `stick.differs`."""
    return _write(target, iter([content]), hashlib.sha256(content).hexdigest)


def digest_of_file(path: Path, advance: Advance = stay_silent) -> CarriedFile:
    """Read a file to its end, from its disk and not from memory. Raise `StoreError("stick.unreadable")`."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(path):
        digest.update(piece)
        size += len(piece)
        advance(len(piece))
    return CarriedFile(path, size, digest.hexdigest())


def make_folder(folder: Path) -> None:
    """Make a folder with those above it, all of them on the disk. Raise `StoreError("stick.failed")`."""
    try:
        make_folders(folder)
    except OSError as error:
        raise failed(folder, error) from error


def demand_room(folder: Path, files: int, size_bytes: int, code: str = "stick.full") -> None:
    """Raise a `StoreError` (needed, free; MB) unless a disk takes so many files of so many bytes together."""
    needed = size_bytes + files * _CLUSTER
    existing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise failed(folder, error) from error
    if free < needed:
        raise StoreError(code, needed=_megabytes(needed), free=free // 1_000_000)


def failed(place: Path, error: OSError) -> StoreError:
    """Return what a stick did to us as an error with a sentence."""
    if has_no_room(error):
        return StoreError("stick.full_now", where=str(place))
    return StoreError("stick.failed", recovery=Recovery.RETRY, where=str(place), detail=reason_of(error))


def _write(target: Path, pieces: Iterator[bytes], digest: Callable[[], str]) -> CarriedFile:
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, for its mode
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
            _forget_cache(file.fileno())
        kept = digest_of_file(unfinished)
        if kept.sha256 != digest():
            raise StoreError("stick.differs", recovery=Recovery.RETRY, file=target.name)
        unfinished.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        raise failed(target, error) from error
    finally:
        with suppress(OSError):  # a stick that was pulled out keeps its half; the next copy takes it away
            unfinished.unlink(missing_ok=True)
    return CarriedFile(target, kept.size_bytes, kept.sha256)


def _pieces(source: Path) -> Iterator[bytes]:
    try:
        with source.open("rb") as file:
            _forget_cache(file.fileno())
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise StoreError(
            "stick.unreadable", recovery=Recovery.RETRY, file=str(source), detail=reason_of(error)
        ) from error


def _forget_cache(descriptor: int) -> None:
    """Let the next read come from the disk: what memory remembers of a write proves nothing about a stick."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _megabytes(size_bytes: int) -> int:
    return -(-size_bytes // 1_000_000)
