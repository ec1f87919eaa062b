"""Objects beside the backups of a folder, under their keys. The disk may be anybody's: each is reached by its place.

No link is followed, nothing but regular files is opened, and the size is asked before the content.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress

from fieldkit.media.place import Place
from sync.gateway.blobs import Content, checked
from sync.gateway.named_files import INCOMING, SEALED

OBJECTS = "objects"
_MOST_OBJECTS = 100_000_000  # in one folder of backups: a province for years


class BackupObjects:
    """The objects below a folder of backups. What is no plain file under its key is not there."""

    def __init__(self, to: Place) -> None:
        self._root = to / OBJECTS
        self._open = set[Place]()  # folders that this run made, or found and swept

    def make(self) -> Place:
        """Make the folder, without what a run that died left half. Raise `OSError`."""
        self._root.make()
        (self._root / INCOMING).remove()  # up to version 0.3 halves lay there
        return self._root

    def pieces(self, key: str, promised: Content) -> Iterator[bytes]:
        """Yield an object of the size that was promised. Raise `FileNotFoundError` where there is none, `OSError`."""
        if self._size(key) != promised.size_bytes:
            raise FileNotFoundError(key)
        yield from (self._root / key).pieces()

    def has(self, key: str, promised: Content) -> bool:
        """Return whether it need not be copied: a sealed file's key is its digest, and it was read when it came."""
        if key.startswith(f"{SEALED}/"):
            return self._size(key) == promised.size_bytes
        return self.is_whole(key, promised)

    def is_whole(self, key: str, promised: Content) -> bool:
        """Read an object and return whether it is what was promised."""
        with suppress(OSError):
            return self._size(key) == promised.size_bytes and content_of(self._root / key) == promised
        return False

    def put_checked(self, key: str, pieces: Iterable[bytes], promised: Content) -> None:
        """Store an object durably, as a whole or not at all. Raise `ContentDiffersError`, `OSError`."""
        place = self._root / key
        if place.parent not in self._open:
            place.parent.make()
            place.parent.sweep()
            self._open.add(place.parent)
        place.write(checked(pieces, promised))

    def keep_only(self, keys: set[str]) -> None:
        """Remove what has none of these keys."""
        above = len(self._root.parts)
        for place in self._root.walk(lambda _place, _error: None, _MOST_OBJECTS):
            if "/".join(place.parts[above:]) not in keys:
                with suppress(FileNotFoundError):
                    place.unlink()

    def _size(self, key: str) -> int:
        place = self._root / key
        return place.look().st_size if place.is_file() else -1


def content_of(place: Place) -> Content:
    """Read a file and return what it holds. Raise `OSError`."""
    digest, size = hashlib.sha256(), 0
    for piece in place.pieces():
        digest.update(piece)
        size += len(piece)
    return Content(size, digest.hexdigest())
