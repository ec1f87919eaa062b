"""Files that are carried from one disk to another: whole or not at all, and read back before they count."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fieldkit.domain.errors import Recovery, StoreError, has_no_room, reason_of
from fieldkit.media.place import Place

_CLUSTER = 64 * 1024  # a stick gives each file whole clusters; exFAT takes up to this much for a small one

Advance = Callable[[int], None]


def stay_silent(_bytes: int) -> None:
    """Tell nobody how far a copy is."""


@dataclass(frozen=True, slots=True)
class CarriedFile:
    """What stands on the other disk, as it was read back from there. `sha256` is hex."""

    place: Place
    size_bytes: int
    sha256: str


def carry_file(source: Place, target: Place, advance: Advance = stay_silent) -> CarriedFile:
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


def write_file(target: Place, content: bytes, mode: int = 0o600) -> CarriedFile:
    """Keep some bytes as a file, in the same way. Raise `StoreError`: `stick.full`, `stick.failed`, `stick.differs`."""
    return _write(target, [content], hashlib.sha256(content).hexdigest, mode)


def digest_of_file(place: Place, advance: Advance = stay_silent) -> CarriedFile:
    """Read a file to its end, from its disk and not from memory. Raise `StoreError("stick.unreadable")`."""
    digest, size = hashlib.sha256(), 0
    for piece in _pieces(place):
        digest.update(piece)
        size += len(piece)
        advance(len(piece))
    return CarriedFile(place, size, digest.hexdigest())


def make_folder(folder: Place) -> None:
    """Make a folder with those above it, all of them on the disk. Raise `StoreError("stick.failed")`."""
    try:
        folder.make()
    except OSError as error:
        raise failed(folder, error) from error


def demand_room(folder: Place, files: int, size_bytes: int, code: str = "stick.full") -> None:
    """Raise a `StoreError` (needed, free; MB) unless a disk takes so many files of so many bytes together."""
    needed = size_bytes + files * _CLUSTER
    existing = next(each for each in (folder.root.absolute(), *folder.root.absolute().parents) if each.exists())
    try:
        free = shutil.disk_usage(existing).free
    except OSError as error:
        raise failed(folder, error) from error
    if free < needed:
        raise StoreError(code, needed=_megabytes(needed), free=free // 1_000_000)


def failed(place: Place, error: OSError) -> StoreError:
    """Return what a stick did to us as an error with a sentence."""
    if has_no_room(error):
        return StoreError("stick.full_now", where=str(place))
    return StoreError("stick.failed", recovery=Recovery.RETRY, where=str(place), detail=reason_of(error))


def unreadable(place: Place, error: OSError) -> StoreError:
    """Return why something on a stick could not be read."""
    return StoreError("stick.unreadable", recovery=Recovery.RETRY, file=str(place), detail=reason_of(error))


def _write(target: Place, pieces: Iterable[bytes], digest: Callable[[], str], mode: int = 0o600) -> CarriedFile:
    read_back: list[CarriedFile] = []

    def prove(unfinished: Place) -> None:
        read_back.append(digest_of_file(unfinished))
        if read_back[0].sha256 != digest():
            raise StoreError("stick.differs", recovery=Recovery.RETRY, file=target.name)

    try:
        target.write(pieces, prove, mode)
    except OSError as error:
        raise failed(target, error) from error
    return CarriedFile(target, read_back[0].size_bytes, read_back[0].sha256)


def _pieces(source: Place) -> Iterator[bytes]:
    try:
        yield from source.pieces()
    except OSError as error:
        raise unreadable(source, error) from error


def _megabytes(size_bytes: int) -> int:
    return -(-size_bytes // 1_000_000)
