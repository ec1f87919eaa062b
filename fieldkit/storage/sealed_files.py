"""The folder of sealed files beside the database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from fieldkit.storage.failures import named_failures
from fieldkit.storage.folders import sync_folder

_SEALED, _UNFINISHED = ".age", ".part"


class FolderOfSealedFiles:
    """`fieldkit.ports.store.SealedFiles` in a folder; `remove` takes a file away for good."""

    def __init__(self, folder: Path, remove: Callable[[Path], None] = Path.unlink) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)  # a power cut must not take the folder with all that is in it
        self._folder, self._remove = folder, remove

    def put(self, record_id: str, content: bytes) -> Path:
        """Write temp → fsync → rename → fsync folder; a second time replaces. Raise `StoreError("store.disk_full")`."""
        target = self.path(record_id)
        unfinished = target.with_suffix(_UNFINISHED)
        with named_failures():
            try:
                with unfinished.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(target)
                sync_folder(self._folder)
            finally:
                unfinished.unlink(missing_ok=True)
        return target

    def path(self, record_id: str) -> Path:
        """Return where the file of a record is."""
        if not record_id or not record_id.replace("-", "").isalnum():
            raise ValueError("a record id is letters, digits and hyphens")  # never a way out of the folder
        return self._folder / f"{record_id}{_SEALED}"

    def sweep(self, known: Iterable[str]) -> Sequence[str]:
        """Remove temporary files and orphans without a row; return their names."""
        names = {self.path(record_id).name for record_id in known}
        swept = []
        for path in sorted(self._folder.iterdir()):
            if path.suffix in (_SEALED, _UNFINISHED) and path.name not in names:
                self._remove(path)
                swept.append(path.name)
        return swept

    def erase(self, record_id: str) -> None:
        """Remove the file of a purged record; a missing one is fine."""
        path = self.path(record_id)
        if path.exists():
            self._remove(path)
            sync_folder(self._folder)
