"""The mark beside the store: the last event that was certainly written. A store without it is an older copy."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fieldkit.domain.events import ChainHead
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.reserve import with_room


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
