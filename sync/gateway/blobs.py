"""Bytes of the gateway in an object store: a folder or S3 behind the same calls."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import obstore
from obstore.store import LocalStore, ObjectStore, from_url

PARTS = "parts"


class Blobs:
    """Immutable objects. A folder is fsynced before a put returns: a receipt must survive a power cut."""

    def __init__(self, store: ObjectStore, folder: Path | None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def in_folder(cls, folder: Path) -> Blobs:
        """Return the store in a local folder, made when missing."""
        folder.mkdir(parents=True, exist_ok=True)
        return cls(LocalStore(folder, automatic_cleanup=True), folder)

    @classmethod
    def at_url(cls, url: str) -> Blobs:
        """Return the store behind an URL such as `s3://bucket/prefix`; credentials come from the environment."""
        return cls(from_url(url), None)

    def put(self, key: str, content: bytes) -> None:
        """Store an object durably."""
        obstore.put(self._store, key, content)
        if self._folder is not None:
            _sync_file_and_folders(self._folder / key, self._folder)

    def get(self, key: str) -> bytes:
        """Return an object. Raise `FileNotFoundError`."""
        return bytes(obstore.get(self._store, key).bytes())

    def delete(self, key: str) -> None:
        """Remove an object; one that is gone already is no error."""
        with suppress(FileNotFoundError):
            obstore.delete(self._store, key)

    def older_than(self, prefix: str, before: datetime) -> list[str]:
        """List the keys below a prefix that were last written before a time."""
        pages = obstore.list(self._store, prefix)
        return [entry["path"] for page in pages for entry in page if entry["last_modified"] < before]

    def free_bytes(self) -> int | None:
        """Return the space left on the disk, None where an object store has no such bound."""
        return None if self._folder is None else shutil.disk_usage(self._folder).free


def sealed_key(sha256: str) -> str:
    """Return the content-addressed key of a sealed file."""
    return f"sealed/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def new_part_key(record_id: str, start: int) -> str:
    """Return a key for a part that no other request can hold, even one for the same bytes."""
    return f"{PARTS}/{record_id}/{start:012d}-{uuid4().hex}"


def _sync_file_and_folders(path: Path, root: Path) -> None:
    for place in (path, *path.parents):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        if place == root:
            return
