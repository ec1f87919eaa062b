"""What came to the disk: a file with all of its bytes, and after it the folder that tells its name."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest


class DiskLog:
    """Notes each fsync: of a file how long it was by then, of a folder which names it had."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._seen: list[tuple[int, int | frozenset[str]]] = []
        honest = os.fsync

        def fsync(descriptor: int) -> None:
            found = os.fstat(descriptor)
            is_folder = stat.S_ISDIR(found.st_mode)
            self._seen.append((found.st_ino, frozenset(os.listdir(descriptor)) if is_folder else found.st_size))
            honest(descriptor)

        monkeypatch.setattr(os, "fsync", fsync)

    @property
    def syncs(self) -> int:
        """Return how many there were."""
        return len(self._seen)

    def saw(self, folder: Path, having: str, without: str) -> bool:
        """Return whether a folder was synced when it had one name and not another."""
        number = folder.stat().st_ino
        listed = (names for at, names in self._seen if at == number and isinstance(names, frozenset))
        return any(having in names and without not in names for names in listed)

    def has_name(self, path: Path) -> bool:
        """Return whether the folder of a file or folder was synced while it had its name."""
        return self._named_at(path) is not None

    def has_bytes(self, path: Path) -> bool:
        """Return whether a file was synced whole, whatever its name was then."""
        file = path.stat()
        return (file.st_ino, file.st_size) in self._seen

    def has(self, path: Path) -> bool:
        """Return whether a file was synced whole, and later its folder while the file had its name."""
        file = path.stat()
        named_at = self._named_at(path)
        return named_at is not None and (file.st_ino, file.st_size) in self._seen[:named_at]

    def has_gone(self, path: Path) -> bool:
        """Return whether the folder was synced last when the name was not there any more."""
        folders = [names for number, names in self._seen if number == path.parent.stat().st_ino]
        return bool(folders) and isinstance(folders[-1], frozenset) and path.name not in folders[-1]

    def _named_at(self, path: Path) -> int | None:
        if sys.platform == "win32":  # no folder is synced there: the name goes with the file
            return len(self._seen) if path.exists() else None
        folder = path.parent.stat().st_ino
        for at in reversed(range(len(self._seen))):
            number, names = self._seen[at]
            if number == folder and isinstance(names, frozenset) and path.name in names:
                return at
        return None
