"""Stores copied from one that was made once: in tests of everything else nobody waits for the same migrations."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from fieldkit.storage.migrate import SHIPPED, Migrations

Create = Callable[[Path, bytes, Migrations], None]
BringUp = Callable[[sa.Engine], None]
_stores: dict[bytes, bytes] = {}
_gateways: list[bytes] = []


def copying(create: Create) -> Create:
    """Return what stands for `create`: it makes the first store of a key and copies that file for the next ones."""

    def make(path: Path, key: bytes, migrations: Migrations) -> None:
        if migrations is SHIPPED and key in _stores:
            path.write_bytes(_stores[key])
            return
        create(path, key, migrations)
        if migrations is SHIPPED:
            _stores[key] = path.read_bytes()

    return make


def copying_gateway(bring_up: BringUp) -> BringUp:
    """Return what stands for `bring_up`: a new SQLite file of a gateway gets the tables of the first one."""

    def bring(engine: sa.Engine) -> None:
        path = Path(engine.url.database or "")
        is_new = engine.dialect.name == "sqlite" and not path.exists()
        if is_new and _gateways:
            path.write_bytes(_gateways[0])
        bring_up(engine)
        if is_new and not _gateways:
            engine.dispose()  # the last connection writes the log back into the file
            _gateways.append(path.read_bytes())

    return bring
