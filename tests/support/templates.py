"""Stores copied from one that was made once: in tests of everything else nobody waits for the same migrations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldkit.storage.migrate import SHIPPED, Migrations

Create = Callable[[Path, bytes, Migrations], None]
_made: dict[bytes, bytes] = {}


def copying(create: Create) -> Create:
    """Return what stands for `create`: it makes the first store of a key and copies that file for the next ones."""

    def make(path: Path, key: bytes, migrations: Migrations) -> None:
        if migrations is SHIPPED and key in _made:
            path.write_bytes(_made[key])
            return
        create(path, key, migrations)
        if migrations is SHIPPED:
            _made[key] = path.read_bytes()

    return make
