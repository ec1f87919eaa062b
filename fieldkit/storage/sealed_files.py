"""The folder of sealed files beside the database: each with the text that lets it be adopted without its row."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from fieldkit.domain.errors import StoreError
from fieldkit.ports.recording import ArchivedManifests, FilesFound
from fieldkit.storage.failures import named_failures
from fieldkit.storage.home_lock import sync_folder
from fieldkit.storage.reserve import with_room

# The manifests of purged records in one file: after years a folder of thousands would be listed at each sign-in.
#
# One line per manifest, CRC-32 in hex, then `[id, text]` as JSON. Only ever appended to: a line that a kill or a power
# cut tore is skipped, its manifest still lies in a file of its own.

_CHECK_CHARS = 8
_END = b"\n"


class ManifestArchive:
    """The file, which is there from the first manifest on."""

    def __init__(self, path: Path) -> None:
        self._path, self._turn = path, threading.Lock()

    def add(self, manifests: Mapping[str, str]) -> None:
        """Append texts by their record id, on the disk when this returns. Raise `OSError`."""
        lines = [json.dumps(entry).encode() for entry in manifests.items()]
        content = b"".join(b"%08x %b%b" % (zlib.crc32(line), line, _END) for line in lines)
        with self._turn, self._path.open("ab") as file:
            is_new = file.tell() == 0
            file.write(content if is_new or self._ends_whole() else _END + content)
            file.flush()
            os.fsync(file.fileno())
            if is_new:
                sync_folder(self._path.parent)

    def since(self, at_bytes: int) -> ArchivedManifests:
        """Return what was appended from a place on; a place behind the end is of another archive and all is returned.

        Raise `OSError`.
        """
        if not self._path.exists():
            return ArchivedManifests({}, 0)
        with self._path.open("rb") as file:
            end_bytes = file.seek(0, os.SEEK_END)
            file.seek(at_bytes if at_bytes <= end_bytes else 0)
            content = file.read(end_bytes - file.tell())
        return ArchivedManifests(dict(_entries(content)), end_bytes)

    def _ends_whole(self) -> bool:
        with self._path.open("rb") as file:
            file.seek(-len(_END), os.SEEK_END)
            return file.read() == _END


def _entries(content: bytes) -> Iterator[tuple[str, str]]:
    for line in content.split(_END):
        check, entry = line[:_CHECK_CHARS], line[_CHECK_CHARS + 1 :]
        if entry and check == b"%08x" % zlib.crc32(entry):
            record_id, text = json.loads(entry)
            yield record_id, text


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
