"""One process per home: an operating-system lock on a file, which falls with the process, however it ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from fieldkit.domain.errors import Recovery, StoreError

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
