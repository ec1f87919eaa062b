"""Folders that hold what must survive a power cut and be seen by nobody else."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

from fieldkit.storage.reserve import RESERVE, with_room


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


def is_private(folder: Path) -> bool:
    """Return whether nobody but its owner may look into a folder; on Windows the folders above it see to that."""
    return sys.platform == "win32" or not folder.stat().st_mode & 0o077
