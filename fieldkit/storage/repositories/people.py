"""The accounts of this kit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.engine import Connection

from fieldkit.domain.people.accounts import User
from fieldkit.storage import mappers
from fieldkit.storage.repositories.upsert import put
from fieldkit.storage.tables import users


def all_users(connection: Connection) -> Sequence[User]:
    """Return the accounts by name."""
    return [mappers.user_of(row) for row in connection.execute(select(users).order_by(users.c.name, users.c.row))]


def save_user(connection: Connection, user: User) -> None:
    """Insert or replace an account."""
    put(connection, users, "user_id", [mappers.user_values(user)])
