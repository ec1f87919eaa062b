"""Bring the gateway's database to the tables of this program, or refuse. Alembic is imported only when it has work."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from fieldkit.domain.errors import InputError

if TYPE_CHECKING:
    from alembic.config import Config


@dataclass(frozen=True, slots=True)
class Migrations:
    """Alembic's folder and the newest revision in it."""

    folder: Path
    head: str


SHIPPED = Migrations(Path(__file__).parent / "migrations", "0015")
_FIRST = "0001"  # what a database without a version is: the first program did not write one
_ONE_AT_A_TIME = 0x6669656C64  # number of our advisory lock in PostgreSQL


def bring_up(engine: sa.Engine, migrations: Migrations = SHIPPED) -> None:
    """Make or migrate the tables; a copy of an SQLite file is made beside it before it changes.

    Several programs may start at once: one migrates, the others wait for it. Raise `InputError` `gateway.newer`
    for a database of a newer program.
    """
    with engine.connect() as connection:
        version = _version(connection)
    if version == migrations.head:
        return
    if version and not _is_known(version, migrations):
        raise InputError("gateway.newer", version=version)
    if version:
        _copy_file(engine, migrations.head)
    from alembic import command

    config = _config(migrations)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ONE_AT_A_TIME)))
        config.attributes["connection"] = connection
        if _version(connection) == _FIRST:
            command.stamp(config, _FIRST)
        command.upgrade(config, migrations.head)


def _version(connection: sa.Connection) -> str:
    """Return the revision, the first one for tables without a version, "" for an empty database."""
    if _has_version(connection):
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or "")
    return _FIRST if sa.inspect(connection).has_table("manifests") else ""


def _has_version(connection: sa.Connection) -> bool:
    return sa.inspect(connection).has_table("alembic_version")


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


def _copy_file(engine: sa.Engine, head: str) -> None:
    """Copy an SQLite database as it is now, WAL included, durably. PostgreSQL has backups of its own."""
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return
    source = Path(engine.url.database)
    copy = source.with_name(f"{source.name}.before-{head}")
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
    with copy.open("rb+") as written:
        os.fsync(written.fileno())
