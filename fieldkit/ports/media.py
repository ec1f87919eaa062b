"""A file on a medium that somebody plugged in, as services and senders may use it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol


class MediaFile(Protocol):
    """A regular file, opened without following links. All methods raise `OSError`."""

    def open(self) -> BinaryIO:
        """Open it for reading at 0; the caller closes it."""
        ...

    def read(self, most: int) -> bytes:
        """Return the whole file, of at most so many bytes."""
        ...

    def head(self, most: int) -> bytes:
        """Return its first bytes, at most so many."""
        ...

    def pieces(self) -> Iterator[bytes]:
        """Yield all of it, whatever its length."""
        ...

    def lay_beside(self, ending: str, content: bytes) -> None:
        """Write a file of the same name with another ending."""
        ...
