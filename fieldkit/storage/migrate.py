"""Bring a store file to the tables of this program, or refuse. Alembic is imported only when it has work."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.storage.engine import outside_transaction

if TYPE_CHECKING:
    from alembic.config import Config


@dataclass(frozen=True, slots=True)
class Migrations:
    """Alembic's folder and the newest revision in it."""

    folder: Path
    head: str


SHIPPED = Migrations(Path(__file__).parent / "migrations", "0011")


def bring_up(engine: Engine, path: Path, migrations: Migrations, back_up: Callable[[], object]) -> None:
    """Migrate an existing store after a copy of it was made.

    Raise `StoreError("store.newer")` for a file of a newer program, `store.damaged` for one without a version.
    """
    version = stored_version(engine)
    if version == migrations.head:
        # Left by an older program: it would keep what is erased from now on.
        for backup in path.parent.glob(f"{path.name}.before-*"):
            backup.unlink()
        return
    if not version:
        raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)
    if not _is_known(version, migrations):
        raise StoreError("store.newer", recovery=Recovery.ASK_OFFICE)
    back_up()
    migrate(engine, migrations)


def stored_version(engine: Engine) -> str:
    """Return the revision of the file, "" when it has none."""
    with engine.connect() as connection:
        if not connection.exec_driver_sql("SELECT 1 FROM sqlite_schema WHERE name = 'alembic_version'").first():
            return ""
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")


def migrate(engine: Engine, migrations: Migrations) -> None:
    """Run what is due in one transaction, check every reference, and commit. Raise `StoreError("store.damaged")`."""
    from alembic import command

    config = _config(migrations)
    # SQLite ignores this pragma within a transaction; copying a table must not follow its references.
    outside_transaction(engine, "PRAGMA foreign_keys = OFF")
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreError("store.damaged", recovery=Recovery.ASK_OFFICE)
    finally:
        outside_transaction(engine, "PRAGMA foreign_keys = ON")


def is_shipped(version: str) -> bool:
    """Return whether this program knows a revision; a store of another one is of a newer program."""
    return version == SHIPPED.head or _is_known(version, SHIPPED)


def _is_known(version: str, migrations: Migrations) -> bool:
    from alembic.script import ScriptDirectory

    config = _config(migrations)
    return version in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}


def _config(migrations: Migrations) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations.folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
