"""Who may use the office page: accounts with a passphrase (Argon2id) and a code of an authenticator (TOTP, RFC 6238).

The TOTP secret is locked under the passphrase, so that the database alone gives neither away. A wrong sign-in counts
against the name that was typed, known or not, before anything is compared: tries at the same moment count too.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

import pyotp
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import InputError, Recovery, RuleError, VaultError
from fieldkit.vault.locked_file import lock, unlock
from fieldkit.vault.passphrases import Hardness, check_passphrase
from sync.gateway.database import GatewayContext
from sync.gateway.tables import office_sessions, office_tries, office_users

_HARD = Hardness()
_FREE_TRIES = 5
_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
_FORGOTTEN_AFTER = timedelta(days=1)
_STEP_S = 30
_PURPOSE = "office sign-in"
# Stands in addresses, where "." and ".." lead elsewhere, and must look like no other name.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WORD = "abcdefghjkmnpqrstuvwxyz23456789"  # no letters that look alike
# One derivation takes 128 MiB: a flood of sign-ins must neither fill the memory nor hold the threads that kits need.
_ONE_AT_A_TIME, _IN_LINE = threading.Semaphore(1), threading.Semaphore(4)


class OfficeRole(StrEnum):
    """What somebody of the data center is."""

    ADMIN = "admin"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Right(StrEnum):
    """What a role may do on the page."""

    READ = "read"  # kits, records, statuses
    CHANGE = "change"  # lost kits, slips, people, accounts
    AUDIT = "audit"  # who looked at what


RIGHTS: dict[OfficeRole, frozenset[Right]] = {
    OfficeRole.ADMIN: frozenset(Right),
    OfficeRole.OPERATOR: frozenset({Right.READ}),
    OfficeRole.AUDITOR: frozenset({Right.AUDIT}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the office page."""

    name: str
    role: OfficeRole
    created_at: datetime
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person needs for the first sign-in; shown once, kept nowhere."""

    name: str
    passphrase: str = field(repr=False)
    totp_secret: str = field(repr=False)
    totp_uri: str = field(repr=False)


class SignInRefusedError(Exception):
    """Name, passphrase or code are wrong, or the name waits until `locked_until`."""

    def __init__(self, locked_until: datetime | None = None) -> None:
        super().__init__()
        self.locked_until = locked_until


class Accounts:
    """The accounts in the database; any worker may ask and change them."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def add(self, name: str, role: OfficeRole, passphrase: str = "") -> Credentials:
        """Make an account; without a passphrase one is made that must be changed at the first sign-in.

        Raise `InputError` `office.name_form`, `office.name_taken` (name), or what `check_passphrase` raises.
        """
        if not _NAME.fullmatch(name):
            raise InputError("office.name_form")
        credentials, secret = self._new_secret(name, passphrase)
        try:
            with self._context.engine.begin() as connection:
                connection.execute(
                    sa.insert(office_users).values(
                        name=name,
                        role=role.value,
                        secret=secret,
                        is_temporary=not passphrase,
                        created_at=self._context.clock.now(),
                    )
                )
        except IntegrityError as error:
            raise InputError("office.name_taken", name=name) from error
        return credentials

    def reset(self, name: str, passphrase: str = "") -> Credentials:
        """Give an account a new passphrase and a new TOTP secret, and let it in again. Raise `InputError`."""
        credentials, secret = self._new_secret(name, passphrase)
        values = {"secret": secret, "is_temporary": not passphrase, "disabled_at": None, "totp_step": 0}
        self._change(name, values)
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(office_tries).where(office_tries.c.name_hash == _digest(name)))
        return credentials

    def disable(self, name: str) -> None:
        """Let nobody in under this name, and end its sessions. Raise `InputError` `office.name_unknown` (name)."""
        self._change(name, {"disabled_at": self._context.clock.now()})

    def listed(self) -> Sequence[Account]:
        """Return all accounts by name."""
        columns = (office_users.c.name, office_users.c.role, office_users.c.created_at, office_users.c.disabled_at)
        with self._context.engine.begin() as connection:
            rows = connection.execute(sa.select(*columns).order_by(office_users.c.name)).all()
        return [Account(row.name, OfficeRole(row.role), row.created_at, row.disabled_at) for row in rows]

    def sign_in(self, name: str, passphrase: str, code: str) -> None:
        """Raise `SignInRefusedError` unless passphrase and code are right; the code counts once. Raise `RuleError`."""
        self._count_try(name)
        query = sa.select(office_users).where(office_users.c.name == name, office_users.c.disabled_at.is_(None))
        with self._context.engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        try:
            with _turn():  # a stranger's name takes as long as a known one
                secret = unlock(row.secret.encode() if row else _nobodys_secret(), passphrase, _PURPOSE)
        except VaultError as error:
            raise SignInRefusedError from error
        if row is None or not self._spend(name, secret.decode(), code):
            raise SignInRefusedError
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(office_tries).where(office_tries.c.name_hash == _digest(name)))

    def change_passphrase(self, name: str, old: str, new: str) -> None:
        """Lock the same TOTP secret under another passphrase; all sessions end but for the caller's new one.

        Raise `SignInRefusedError` for a wrong old one, `InputError` for a weak or unchanged new one.
        """
        self._count_try(name)
        with self._context.engine.begin() as connection:
            stored = connection.scalar(sa.select(office_users.c.secret).where(office_users.c.name == name))
        try:
            with _turn():
                secret = unlock((stored or "").encode(), old, _PURPOSE)
        except VaultError as error:
            raise SignInRefusedError from error
        if new == old:
            raise InputError("office.passphrase_same")
        check_passphrase(new, [name])
        with _turn():
            locked = lock(secret, new, _PURPOSE, _HARD).decode()
        self._change(name, {"secret": locked, "is_temporary": False})
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(office_tries).where(office_tries.c.name_hash == _digest(name)))

    def _new_secret(self, name: str, passphrase: str) -> tuple[Credentials, str]:
        if passphrase:
            check_passphrase(passphrase, [name])
        else:
            passphrase = "-".join("".join(secrets.choice(_WORD) for _ in range(4)) for _ in range(4))
        totp = pyotp.random_base32()
        uri = pyotp.TOTP(totp).provisioning_uri(name=name, issuer_name=self._context.name)
        with _turn():
            locked = lock(totp.encode(), passphrase, _PURPOSE, _HARD).decode()
        return Credentials(name, passphrase, totp, uri), locked

    def _change(self, name: str, values: dict[str, object]) -> None:
        with self._context.engine.begin() as connection:
            changed = connection.execute(sa.update(office_users).where(office_users.c.name == name).values(**values))
            if not changed.rowcount:
                raise InputError("office.name_unknown", name=name)
            connection.execute(sa.delete(office_sessions).where(office_sessions.c.name == name))

    def _count_try(self, name: str) -> None:
        try:
            self._note_try(_digest(name), self._context.clock.now())
        except IntegrityError as error:  # the first two tries at the same moment
            raise SignInRefusedError from error

    def _note_try(self, digest: str, now: datetime) -> None:
        with self._context.engine.begin() as connection:
            connection.execute(sa.delete(office_tries).where(office_tries.c.last_at < now - _FORGOTTEN_AFTER))
            query = sa.select(office_tries).where(office_tries.c.name_hash == digest).with_for_update()
            row = connection.execute(query).one_or_none()
            # A clock that was set back makes no lock longer than it was given for.
            if row is not None and row.locked_until is not None and row.last_at <= now < row.locked_until:
                raise SignInRefusedError(row.locked_until)
            failed = 1 if row is None else row.failed + 1
            beyond = failed - _FREE_TRIES
            delay = _DELAYS[min(beyond, len(_DELAYS) - 1)] if beyond >= 0 else None
            values = {"failed": failed, "last_at": now, "locked_until": now + delay if delay else None}
            if row is None:
                connection.execute(sa.insert(office_tries).values(name_hash=digest, **values))
            else:
                connection.execute(sa.update(office_tries).where(office_tries.c.name_hash == digest).values(**values))

    def _spend(self, name: str, secret: str, code: str) -> bool:
        """Return whether the code is that of now or a step beside it, and later than any that counted before."""
        totp = pyotp.TOTP(secret)
        now = int(self._context.clock.now().timestamp()) // _STEP_S
        typed = "".join(code.split()).encode("utf-8", "replace")
        near = (now - 1, now, now + 1)
        step = next((at for at in near if secrets.compare_digest(totp.generate_otp(at).encode(), typed)), 0)
        spend = sa.update(office_users).where(office_users.c.name == name, office_users.c.totp_step < step)
        with self._context.engine.begin() as connection:
            return bool(connection.execute(spend.values(totp_step=step)).rowcount)


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one's turn to derive a key. Raise `RuleError` `office.busy` where too many wait already."""
    if not _IN_LINE.acquire(blocking=False):
        raise RuleError("office.busy", recovery=Recovery.RETRY)
    try:
        with _ONE_AT_A_TIME:
            yield
    finally:
        _IN_LINE.release()


@cache
def _nobodys_secret() -> bytes:
    return lock(b"nobody", secrets.token_hex(16), _PURPOSE, _HARD)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


# Sessions of the office page: a random token in a cookie, its digest in the database, so that any worker knows it.

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
            values = {"token_hash": _session_digest(token), "name": name, "started_at": now, "seen_at": now}
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
            .where(office_sessions.c.token_hash == _session_digest(token), office_users.c.disabled_at.is_(None))
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
            connection.execute(sa.delete(office_sessions).where(office_sessions.c.token_hash == _session_digest(token)))


def form_token(cookie: str) -> str:
    """Return what each form of a browser's session must bring back: another site cannot read it (CSRF)."""
    return hashlib.sha256(f"form {cookie}".encode("utf-8", "surrogatepass")).hexdigest()


def _session_digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
