"""The note that the store of this home is damaged: the next start replaces it before anybody works on."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fieldkit.storage.folders import sync_folder
from fieldkit.storage.reserve import with_room

DAMAGE_NOTE = "kit.damaged"


class DamageNote:
    """One small file beside the store; `aside` is the folder that already holds the damaged store."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_written(self) -> bool:
        """Return whether damage was noted and not yet mended."""
        return self._path.exists()

    def aside(self) -> str:
        """Return the name of the folder that already holds the damaged store, "" when none does."""
        try:
            return str(json.loads(self._path.read_text("ascii"))["aside"])
        except (OSError, ValueError, TypeError, KeyError):
            return ""

    def write(self, aside: str = "") -> None:
        """Note the damage, on the disk when this returns. Raise `OSError`."""
        unfinished = self._path.with_name(f"{self._path.name}.part")

        def write() -> None:
            with unfinished.open("w", encoding="ascii") as file:
                file.write(json.dumps({"aside": aside}))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)

        with_room(self._path, write)
        sync_folder(self._path.parent)

    def clear(self) -> None:
        """The damage is mended."""
        self._path.unlink(missing_ok=True)
        sync_folder(self._path.parent)
