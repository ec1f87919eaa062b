"""Stores copied from one that was made once: in tests of everything else nobody waits for the same migrations."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from fieldkit.storage.engine import one_connection
from fieldkit.storage.migrate import SHIPPED, Migrations

Create = Callable[[Path, bytes, Migrations], None]
BringUp = Callable[..., None]
_KEYS = 8  # most are fresh and never come again
_stores: OrderedDict[bytes, bytes] = OrderedDict()
_gateways: list[bytes] = []


def copying(create: Create) -> Create:
    """Return what stands for `create`: it makes the first store and copies that file for the next ones.

    The copy for another key is enciphered anew with it.
    """

    def make(path: Path, key: bytes, migrations: Migrations) -> None:
        if migrations is not SHIPPED:
            create(path, key, migrations)
            return
        if not _stores:
            create(path, key, migrations)
            _stores[key] = path.read_bytes()
            return
        known = key if key in _stores else next(iter(_stores))
        path.write_bytes(_stores[known])
        if known != key:
            with one_connection(path, known) as connection:
                connection.execute(f"PRAGMA rekey = \"x'{key.hex()}'\"")
            _stores[key] = path.read_bytes()
            if len(_stores) > _KEYS:
                _stores.popitem(last=False)
        _stores.move_to_end(key)

    return make


def copying_gateway(bring_up: BringUp) -> BringUp:
    """Return what stands for `bring_up`: a new SQLite file of a gateway gets the tables of the first one."""

    def bring(engine: sa.Engine, *migrations: Migrations) -> None:
        if migrations:  # up to an older revision: nothing to copy
            bring_up(engine, *migrations)
            return
        name = engine.url.database or ":memory:"
        path = Path(name)
        is_new = engine.dialect.name == "sqlite" and name != ":memory:" and not path.exists()
        if is_new and _gateways:
            path.write_bytes(_gateways[0])
        bring_up(engine)
        if is_new and not _gateways:
            engine.dispose()  # the last connection writes the log back into the file
            _gateways.append(path.read_bytes())

    return bring
