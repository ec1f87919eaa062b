"""Erasing files, honestly.

A file is overwritten once, synced and unlinked. On an SSD or a copy-on-write file system the old blocks may live on in
places that no program reaches: therefore everything personal is encrypted at rest anyway (SQLCipher, age), and this is
only the second fence. Of a file that has a salt of its own the salt is enough
(docs/decisions/0017-what-a-recording-writes.md).
"""

from __future__ import annotations

import os
from pathlib import Path

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.vault.durable import sync_folder

_BLOCK = bytes(1 << 20)


class FileEraser:
    """Takes files away for good, as far as the disk allows."""

    def erase(self, path: Path) -> None:
        """Overwrite and remove a file; a missing one is fine, of a link only the link goes.

        Raise `VaultError` `vault.erase_failed` (file).
        """
        try:
            if path.is_file() and not path.is_symlink():
                _overwrite(path)
            path.unlink(missing_ok=True)
            sync_folder(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(path) from error

    def overwrite(self, path: Path, first: int | None = None) -> None:
        """Overwrite so many first bytes of a file: enough where nobody can read the rest without them.

        Raise `VaultError` `vault.erase_failed` (file).
        """
        try:
            _overwrite(path, first)
        except OSError as error:
            raise _failed(path) from error


def _failed(path: Path) -> VaultError:
    return VaultError("vault.erase_failed", recovery=Recovery.ASK_OFFICE, file=path.name)


def _overwrite(path: Path, first: int | None = None) -> None:
    with path.open("r+b", buffering=0) as file:
        size = os.fstat(file.fileno()).st_size
        left = size if first is None else min(first, size)
        while left:
            left -= file.write(_BLOCK[:left])
        os.fsync(file.fileno())
