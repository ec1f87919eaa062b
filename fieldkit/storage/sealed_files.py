"""The folder of sealed files beside the database: each with the text that lets it be adopted without its row."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from fieldkit.domain.errors import StoreError
from fieldkit.ports.sealed_files import ArchivedManifests, FilesFound
from fieldkit.storage.failures import named_failures
from fieldkit.storage.folders import sync_folder
from fieldkit.storage.manifest_archive import ManifestArchive
from fieldkit.storage.reserve import with_room

_SEALED, _MANIFEST, _UNFINISHED = ".age", ".manifest", ".part"
_ASIDE, _ARCHIVE = "aside", "purged.manifests"
_BLOCK_BYTES = 1 << 20


class FolderOfSealedFiles:
    """`fieldkit.ports.store.SealedFiles` in a folder; `remove` takes a file away for good."""

    def __init__(self, folder: Path, remove: Callable[[Path], None] = Path.unlink) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)  # a power cut must not take the folder with all that is in it
        self._folder, self._remove = folder, remove
        self._archive = ManifestArchive(folder / _ARCHIVE)

    def put(self, record_id: str, content: bytes, manifest: str) -> Path:
        """Write manifest and file, each temp → fsync, then rename in this order → fsync folder; again replaces.

        Raise `StoreError("store.disk_full")`.
        """
        target = self.path(record_id)
        # Both are written before either gets its name: without room an older pair stays as it is.
        self._write({target.with_suffix(_MANIFEST): manifest.encode(), target: content})
        return target

    def put_manifest(self, record_id: str, manifest: str) -> None:
        """Write the manifest of a file that has none yet, as durably. Raise `StoreError("store.disk_full")`."""
        self._write({self.path(record_id).with_suffix(_MANIFEST): manifest.encode()})

    def path(self, record_id: str) -> Path:
        """Return where the file of a record is."""
        if not record_id.replace("-", "").isalnum():
            raise ValueError("a record id is letters, digits and hyphens")  # never a way out of the folder
        return self._folder / f"{record_id}{_SEALED}"

    def found(self) -> FilesFound:
        """Return what lies in the folder."""
        names = [path.name for path in self._folder.iterdir()]
        return FilesFound(*(frozenset(n.removesuffix(end) for n in names if n.endswith(end)) for end in _KEPT))

    def manifest(self, record_id: str) -> str:
        """Return the text beside a file, "" when there is none that can be read."""
        try:
            return (self._folder / f"{record_id}{_MANIFEST}").read_text("ascii")
        except (OSError, UnicodeDecodeError):
            return ""

    def measure(self, record_id: str) -> tuple[int, str]:
        """Return size in bytes and hex SHA-256 of a sealed file; (0, "") when it cannot be read."""
        digest, size = hashlib.sha256(), 0
        try:
            with (self._folder / f"{record_id}{_SEALED}").open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    digest.update(block)
                    size += len(block)
        except OSError:
            return 0, ""
        return size, digest.hexdigest()

    def sweep(self) -> Sequence[str]:
        """Remove unfinished temporary files and nothing else; return their names."""
        unfinished = sorted(path for path in self._folder.iterdir() if path.suffix == _UNFINISHED)
        for path in unfinished:
            self._remove(path)
        return [path.name for path in unfinished]

    def forget_manifest(self, record_id: str) -> None:
        """Remove the manifest of a seal that ended before its file was there."""
        if not self.path(record_id).exists():
            self.path(record_id).with_suffix(_MANIFEST).unlink(missing_ok=True)

    def set_aside(self, record_id: str) -> None:
        """Move a file that fits nothing, with its manifest, to a folder of their own; nothing is erased."""
        aside = self._folder / _ASIDE
        with_room(aside, lambda: aside.mkdir(exist_ok=True))
        for kept in (self._folder / f"{record_id}{end}" for end in _KEPT):
            if kept.exists():
                kept.rename(_free_name(aside / kept.name))
        sync_folder(aside)
        sync_folder(self._folder)

    def erase(self, record_id: str) -> None:
        """Remove the file of a purged record, a missing one is fine; its archived manifest says that it was sealed."""
        path = self.path(record_id)
        if path.exists():
            self._remove(path)
            sync_folder(self._folder)
        with suppress(StoreError):  # the disk is full: the manifest stays beside the others until it is archived
            self.archive([record_id])

    def archive(self, record_ids: Iterable[str]) -> None:
        """Append the manifests of purged records to the archive, then remove their files."""
        texts = {record_id: text for record_id in record_ids if (text := self.manifest(record_id))}
        if texts:
            with named_failures():
                with_room(self._folder, lambda: self._archive.add(texts))
                for record_id in texts:
                    self.path(record_id).with_suffix(_MANIFEST).unlink(missing_ok=True)

    def archived(self, since_bytes: int = 0) -> ArchivedManifests:
        """Return what was archived from a place on."""
        with named_failures():
            return self._archive.since(since_bytes)

    def _write(self, contents: dict[Path, bytes]) -> None:
        """Write files, then name them in this order; a file system keeps the order of names within a folder."""
        unfinished = {target: target.with_name(f"{target.name}{_UNFINISHED}") for target in contents}

        def write() -> None:
            try:
                for target, path in unfinished.items():
                    with path.open("wb") as file:
                        file.write(contents[target])
                        file.flush()
                        os.fsync(file.fileno())
                for target, path in unfinished.items():
                    path.replace(target)
                sync_folder(self._folder)
            finally:
                for path in unfinished.values():
                    path.unlink(missing_ok=True)

        with named_failures():
            with_room(self._folder, write, sum(map(len, contents.values())))


_KEPT = (_SEALED, _MANIFEST)


def _free_name(wanted: Path) -> Path:
    """Return a name that no file has: two files of one name are two files."""
    names = (wanted.with_name(f"{wanted.stem}.{number}{wanted.suffix}") for number in count(1))
    return wanted if not wanted.exists() else next(name for name in names if not name.exists())
