"""Folders that hold keys."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

# Bytes as they are: else Windows writes two for each line end.
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


def write_durably(path: Path, content: bytes) -> None:
    """Replace a file that only its owner may read: after this returns it survives a power cut; before, the old does."""
    temporary = path.with_name(path.name + ".new")
    try:
        new = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _PLAIN
        descriptor = os.open(temporary, new, 0o600)
        with open(descriptor, "wb") as stream:  # noqa: PTH123 - a descriptor, for its mode
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        with suppress(OSError):  # half of it takes room, and may hold keys
            temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk. Windows does it with the file and cannot open a folder."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
