"""Where a gateway keeps rows and objects: said at the command, in the environment, or in `gateway.json`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from fieldkit.domain.errors import InputError

DATABASE, DATABASE_FILE, OBJECTS = "FIELDKIT_DATABASE_URL", "FIELDKIT_DATABASE_URL_FILE", "FIELDKIT_OBJECTS"


@dataclass(frozen=True, slots=True)
class Places:
    """`database` is an SQLAlchemy URL, "" for SQLite in the folder; `objects` an URL, "" for the folder itself."""

    database: str = ""
    objects: str = ""

    def or_else(self, other: Places) -> Places:
        """Fill what is not said here."""
        return Places(self.database or other.database, self.objects or other.objects)

    @property
    def is_sqlite(self) -> bool:
        """Whether the rows stand in one file, which one process at a time serves."""
        return self.database.startswith("sqlite") or not self.database

    def environment(self) -> dict[str, str]:
        """Return what tells a process of ours the same, where nobody else reads it."""
        said = {DATABASE: self.database, OBJECTS: self.objects}
        return {name: value for name, value in said.items() if value}


NOT_SAID = Places()


def places_in(environment: Mapping[str, str] = os.environ) -> Places:
    """Read the environment. Raise `InputError` `gateway.database_file` for a file that cannot be read."""
    database = environment.get(DATABASE, "")
    if not database and (file := environment.get(DATABASE_FILE, "")):
        try:
            database = Path(file).read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise InputError("gateway.database_file", file=file) from error
    return Places(database, environment.get(OBJECTS, ""))


def demand_no_password(database: str) -> None:
    """Raise `InputError` for an URL with a password: every user of the machine reads the list of processes."""
    try:
        is_secret = sa.make_url(database).password is not None
    except sa.exc.ArgumentError as error:
        raise InputError("gateway.database_address") from error
    if is_secret:
        raise InputError("gateway.password_in_command", variable=DATABASE)
