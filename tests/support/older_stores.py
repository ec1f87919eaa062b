"""Stores as an older program left them."""

from __future__ import annotations

import base64
import json
import shutil
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from fieldkit.ports.vault import Cipher
from fieldkit.storage.engine import writer_engine
from fieldkit.storage.migrate import SHIPPED, Migrations, migrate
from fieldkit.storage.session_journal import KeptSession

_TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '%\\_fts%' ESCAPE '\\'"


def older(folder: Path, revision: str) -> Migrations:
    """Return the migrations as the program of that revision had them."""
    shutil.copytree(SHIPPED.folder, folder)
    for file in (folder / "versions").glob("r*.py"):
        if file.stem[1:] > revision:
            file.unlink()
    return Migrations(folder, revision)


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        names = [name for name in connection.exec_driver_sql(_TABLES).scalars() if not name.startswith("sqlite_")]
        return {
            name: [dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings()]
            for name in names
        }


def old_store(path: Path, key: bytes, migrations: Migrations, rows: dict[str, list[dict[str, Any]]]) -> int:
    """Make the store of an older program with the rows that it could keep; return how many."""
    path.parent.mkdir(exist_ok=True)
    engine, kept = writer_engine(path, key), 0
    migrate(engine, migrations)
    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for name, columns in {name: _columns(connection, name) for name in rows}.items():
            for row in rows[name] if columns and name != "alembic_version" else ():
                old = {column: row[column] for column in columns}
                marks = ", ".join("?" * len(old))
                connection.exec_driver_sql(
                    f"INSERT INTO {name} ({', '.join(old)}) VALUES ({marks})", tuple(old.values())
                )
                kept += 1
    engine.dispose()
    return kept


def _columns(connection: Any, table: str) -> list[str]:
    return [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]


def make_older(path: Path, key: bytes, revision: str) -> None:
    """Replace a store by the one that the program of that revision would have."""
    engine = writer_engine(path, key)
    rows = rows_of(engine)
    engine.dispose()
    path.unlink()
    with tempfile.TemporaryDirectory() as folder:
        old_store(path, key, older(Path(folder) / "migrations", revision), rows)


def older_journal(path: Path, cipher: Cipher, kept: KeptSession) -> None:
    """Write a journal as the program did that had bytes as base64 and no salt, with a torn tail."""

    def spelled(value: object) -> dict[str, str]:
        if isinstance(value, bytes):
            return {"bytes": base64.b64encode(value).decode()}
        assert isinstance(value, date)
        return {"moment" if isinstance(value, datetime) else "day": value.isoformat()}

    begun = {"session": kept.session, "samples": [], "dropped": [], "around": kept.around, "head": None}
    rows, head = list(kept.samples.values()), kept.head and [kept.head.chain, kept.head.sequence, kept.head.digest]
    later = {"session": None, "samples": rows, "dropped": ["gone"], "around": {}, "head": head}
    frames = b""
    for number, frame in enumerate((begun, later)):
        content = json.dumps(frame, default=spelled).encode()
        closed = cipher.close(content, f"{path.stem} {number}".encode())
        frames += len(closed).to_bytes(4, "big") + closed
    path.write_bytes(frames + frames[:50])
