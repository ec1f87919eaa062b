"""Sessions of the office page: a random token in a cookie, its digest in the database, so that any worker knows it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from sync.gateway.context import GatewayContext
from sync.gateway.office.accounts import RIGHTS, OfficeRole, Right
from sync.gateway.tables import office_sessions, office_users

_IDLE = timedelta(minutes=30)
_LONGEST = timedelta(hours=10)  # a working day
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    name: str
    role: OfficeRole
    is_temporary: bool  # must choose a passphrase first

    def may(self, right: Right) -> bool:
        """Return whether the role allows it."""
        return right in RIGHTS[self.role]


class Sessions:
    """Begins, finds and ends sessions. A disabled account ends its sessions, a changed role counts at once."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def begin(self, name: str) -> str:
        """Return the token of a new session."""
        token, now = secrets.token_urlsafe(32), self._context.clock.now()
        with self._context.engine.begin() as connection:
            old = sa.or_(office_sessions.c.seen_at < now - _IDLE, office_sessions.c.started_at < now - _LONGEST)
            connection.execute(sa.delete(office_sessions).where(old))
            values = {"token_hash": _digest(token), "name": name, "started_at": now, "seen_at": now}
            connection.execute(sa.insert(office_sessions).values(**values))
        return token

    def person(self, token: str) -> Person | None:
        """Return who is signed in with a token, None when nobody is."""
        if not token:
            return None
        now = self._context.clock.now()
        query = (
            sa.select(office_sessions, office_users.c.role, office_users.c.is_temporary)
            .join(office_users, office_users.c.name == office_sessions.c.name)
            .where(office_sessions.c.token_hash == _digest(token), office_users.c.disabled_at.is_(None))
        )
        with self._context.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.seen_at < now - _IDLE or row.started_at < now - _LONGEST:
            return None
        if row.seen_at < now - _NOTED_EVERY:
            mine = office_sessions.c.token_hash == row.token_hash
            with self._context.engine.begin() as connection:
                connection.execute(sa.update(office_sessions).where(mine).values(seen_at=now))
        return Person(row.name, OfficeRole(row.role), row.is_temporary)

    def end(self, token: str) -> None:
        """Let the token count no longer."""
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(office_sessions).where(office_sessions.c.token_hash == _digest(token)))


def form_token(cookie: str) -> str:
    """Return what each form of a browser's session must bring back: another site cannot read it (CSRF)."""
    return hashlib.sha256(f"form {cookie}".encode("utf-8", "surrogatepass")).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
