"""A little room that is kept for the day the disk is full: enough to sign in, to send, and to purge."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

RESERVE = "kit.reserve"
RESERVE_BYTES = 2 << 20  # the log of the database, its index, the states of some hundred records
_BLOCK = bytes(1 << 16)


class Reserve:
    """One file that is given up when nothing else can be written."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def give_up(self) -> bool:
        """Make its room free; return whether there was any."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def keep(self) -> None:
        """Take the room again when the disk has it; a full disk keeps nobody out."""
        unfinished = self._path.with_name(f"{self._path.name}.part")
        with suppress(OSError):
            if self._path.exists() or shutil.disk_usage(self._path.parent).free < 4 * RESERVE_BYTES:
                return
            try:
                with unfinished.open("wb") as file:
                    for _ in range(RESERVE_BYTES // len(_BLOCK)):
                        file.write(_BLOCK)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(self._path)
            finally:
                unfinished.unlink(missing_ok=True)
