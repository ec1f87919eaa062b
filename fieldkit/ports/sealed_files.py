"""What the core asks of the folder of sealed files beside the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FilesFound:
    """The ids that have a sealed file, and those that have a manifest in a file of its own."""

    sealed: frozenset[str]
    manifests: frozenset[str]


@dataclass(frozen=True, slots=True)
class ArchivedManifests:
    """Manifests of purged records by their id, and how far the archive goes."""

    texts: Mapping[str, str]
    end_bytes: int


class SealedFiles(Protocol):
    """The folder of sealed files beside the database. A manifest is there before its file, a file before its row."""

    def put(self, record_id: str, content: bytes, manifest: str) -> Path:
        """Write the manifest, then the file, durably; again replaces. Raise `StoreError("store.disk_full")`."""
        ...

    def put_manifest(self, record_id: str, manifest: str) -> None:
        """Write the manifest of a file that has none yet, as durably. Raise `StoreError("store.disk_full")`."""
        ...

    def path(self, record_id: str) -> Path:
        """Return where the file of a record is."""
        ...

    def found(self) -> FilesFound:
        """Return what lies in the folder."""
        ...

    def manifest(self, record_id: str) -> str:
        """Return the text beside a file, "" when there is none that can be read."""
        ...

    def measure(self, record_id: str) -> tuple[int, str]:
        """Return size in bytes and hex SHA-256 of a sealed file; (0, "") when it cannot be read."""
        ...

    def sweep(self) -> Sequence[str]:
        """Remove unfinished temporary files and nothing else; return their names."""
        ...

    def forget_manifest(self, record_id: str) -> None:
        """Remove the manifest of a seal that ended before its file was there."""
        ...

    def set_aside(self, record_id: str) -> None:
        """Move a file that fits nothing, with its manifest, to a folder of their own; nothing is erased."""
        ...

    def erase(self, record_id: str) -> None:
        """Remove the file of a purged record; its manifest is archived, and where the disk is full it stays."""
        ...

    def archive(self, record_ids: Iterable[str]) -> None:
        """Move the manifests of purged records into the archive, durably. Raise `StoreError("store.disk_full")`."""
        ...

    def archived(self, since_bytes: int = 0) -> ArchivedManifests:
        """Return what was archived from a place on. Raise `StoreError`."""
        ...
