"""The manifests of purged records in one file: after years a folder of thousands would be listed at each sign-in.

One line per manifest, CRC-32 in hex, then `[id, text]` as JSON. Only ever appended to: a line that a kill or a power
cut tore is skipped, its manifest still lies in a file of its own.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from fieldkit.ports.sealed_files import ArchivedManifests
from fieldkit.storage.folders import sync_folder

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
