"""The mark beside the store: the last event that was certainly written. A store without it is an older copy."""

from __future__ import annotations

import json
import os
from pathlib import Path

from fieldkit.domain.events import ChainHead
from fieldkit.storage.folders import sync_folder


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
        """Replace the mark, temp → fsync → rename → fsync folder. Raise `OSError`."""
        kept = {"chain": head.chain, "sequence": head.sequence, "digest": head.digest}
        unfinished = self._path.with_name(f"{self._path.name}.part")
        try:
            with unfinished.open("w", encoding="ascii") as file:
                file.write(json.dumps(kept))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path)
        finally:
            unfinished.unlink(missing_ok=True)
        sync_folder(self._path.parent)
