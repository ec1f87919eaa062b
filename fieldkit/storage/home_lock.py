"""One process per home: an operating-system lock on a file, which falls with the process, however it ends."""

from __future__ import annotations

import json
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.events import ChainHead
from fieldkit.storage.reserve import RESERVE, with_room

# Folders that hold what must survive a power cut and be seen by nobody else.


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Windows does it with the file and cannot open a folder."""
    with_room(folder / RESERVE, lambda: _sync(folder))  # names that were not written yet find the disk full here


def _sync(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Make a folder with those above it, for nobody else, all of their names on the disk. Raise `OSError`."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


def make_private(folder: Path) -> None:
    """Make a folder as `make_folders`, and close one that was there to all but its owner. Raise `OSError`.

    Left open is what may not or cannot be closed: a folder of somebody else, one for everybody (sticky, as /tmp), one
    on a file system without permissions. `is_private` tells.
    """
    make_folders(folder)
    if sys.platform == "win32":
        return
    found = folder.stat()
    if not is_private(folder) and found.st_uid == os.geteuid() and not found.st_mode & stat.S_ISVTX:
        with suppress(OSError):
            folder.chmod(0o700)


def is_private(folder: Path) -> bool | None:
    """Return whether nobody but its owner may look into a folder; None where its mode does not tell (Windows)."""
    return None if sys.platform == "win32" else not folder.stat().st_mode & 0o077


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class HomeLock:
    """Held from construction until `release`."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raise `StoreError("store.in_use")` when another program, or this one, holds it."""
        # The file stays when the lock is gone: removing it would let two processes lock two files of one name.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise StoreError("store.in_use", recovery=Recovery.RETRY) from error
        self._descriptor: int | None = descriptor

    def release(self) -> None:
        """Let go; a second time changes nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


# The mark beside the store: the last event that was certainly written. A store without it is an older copy.


class KitMark:
    """One small file, replaced as a whole."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> ChainHead | None:
        """Return the mark, None when there is none that can be read: it accuses nobody by being damaged."""
        try:
            kept = json.loads(self._path.read_text("ascii"))
            return ChainHead(str(kept["chain"]), int(kept["sequence"]), str(kept["digest"]))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, head: ChainHead) -> None:
        """Replace the mark, temp → rename; a power cut may leave the older one or none. Raise `OSError`."""
        kept = {"chain": head.chain, "sequence": head.sequence, "digest": head.digest}
        unfinished = self._path.with_name(f"{self._path.name}.part")

        def write() -> None:
            try:
                unfinished.write_text(json.dumps(kept), "ascii")
                unfinished.replace(self._path)
            finally:
                unfinished.unlink(missing_ok=True)

        with_room(self._path, write)

    def settle(self) -> None:
        """Wait until the newest mark is the one that a power cut leaves. Raise `OSError`."""
        with self._path.open("rb+") as file:
            os.fsync(file.fileno())
        sync_folder(self._path.parent)
