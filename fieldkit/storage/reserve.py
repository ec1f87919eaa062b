"""A little room that is kept for the day the disk is full: enough to sign in, to send, and to purge.

Whatever is small and of a kit's home gives the reserve up when it finds the disk full, and is written again. What is
large never takes it, and while it is given up waits until all of it is back: nothing that lets the kit grow may take
what the ways out of a full disk need.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from fieldkit.domain.errors import KnownError, has_no_room

RESERVE = "kit.reserve"
RESERVE_BYTES = 2 << 20  # the log of the database, its index, the states of some hundred records
SMALL_BYTES = 1 << 16  # a receipt, an event, a slot; samples and pictures are larger
_ENOUGH = 4  # times the reserve: what a disk must have for the first one
_BLOCK = bytes(1 << 16)
_DEPTH = 3  # folders between a file of the home and the home
T = TypeVar("T")


class Reserve:
    """One file that is emptied when nothing else can be written; as long as it is empty it stays a sign of that."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def over(cls, path: Path) -> Reserve | None:
        """Return the reserve of the home in which a file lies, None for one that lies elsewhere, as on a stick."""
        for folder in path.absolute().parents[:_DEPTH]:
            if (folder / RESERVE).exists():
                return cls(folder / RESERVE)
        return None

    @property
    def is_given_up(self) -> bool:
        """Return whether room was given away and is not all back; a home that never had a reserve gave nothing."""
        size = self._size_bytes()
        return size is not None and size < RESERVE_BYTES

    def give_up(self) -> bool:
        """Make its room free; return whether there was any."""
        if not self._size_bytes():
            return False
        try:
            os.truncate(self._path, 0)
        except OSError:
            return False
        return True

    def keep(self) -> bool:
        """Take the room again, of a disk without enough what it has, and return whether all of it is back.

        A reserve that never was there is not taken from a disk with little room; a full disk keeps nobody out.
        """
        import shutil  # on demand: the sign-in screen writes nothing

        size = self._size_bytes()
        if size is not None and size >= RESERVE_BYTES:
            return True
        with suppress(OSError):
            free = shutil.disk_usage(self._path.parent).free
            if size is not None or free >= _ENOUGH * RESERVE_BYTES:
                self._fill(min(RESERVE_BYTES - (size or 0), free - SMALL_BYTES))
        return self._size_bytes() == RESERVE_BYTES

    def _fill(self, size_bytes: int) -> None:
        with self._path.open("ab", buffering=0) as file:
            for _ in range(size_bytes // len(_BLOCK)):
                file.write(_BLOCK)
            os.fsync(file.fileno())

    def _size_bytes(self) -> int | None:
        try:
            return self._path.stat().st_size
        except OSError:
            return None

    def lends(self, size_bytes: int) -> bool:
        """Return whether something of this size may be written: what is large needs room twice, as into log and store.

        While the reserve is given up it waits until all of it is back.
        """
        import shutil

        if size_bytes <= SMALL_BYTES:
            return True
        if self.is_given_up and not self.keep():
            return False
        with suppress(OSError):
            return shutil.disk_usage(self._path.parent).free >= 2 * size_bytes
        return True

    def gives_way(self, size_bytes: int) -> bool:
        """Give the room up for something of this size that found none, and return whether to try again."""
        return size_bytes <= SMALL_BYTES and self.give_up()


def with_room(path: Path, write: Callable[[], T], size_bytes: int = 0) -> T:
    """Write a file of a home; where the disk is full give the reserve up and write once more. Raise as `write`.

    `write` leaves nothing half-written behind when it fails; its error is an `OSError`, or has one for its cause.
    """
    reserve = Reserve.over(path)
    if reserve is None:
        return write()
    if not reserve.lends(size_bytes):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    try:
        return write()
    except (OSError, KnownError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if not isinstance(cause, OSError) or not has_no_room(cause) or not reserve.gives_way(size_bytes):
            raise
    return write()
