"""Who may come in: assertions for tokens (RFC 7523), one-time codes for kits, an admin's word for further users."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ipaddress
import re
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.domain.people import PERMISSIONS, Permission, Role
from fieldkit.vault.device_trust import claimed_key_id, holds_at
from sync.gateway.certificates import (
    KitCertificate,
    certify_again,
    certify_kit,
    certify_user,
    kit_certificates,
    people_of,
    revoked_serials,
    serial_of,
    sha256_of,
)
from sync.gateway.database import GatewayContext, Limits, Refusal
from sync.gateway.tables import (
    assertions,
    enrol_codes,
    kit_contacts,
    kits,
    tokens,
    users,
)
from sync.gateway.tables import (
    kit_certificates as kit_certificates_table,
)
from sync.protocol.messages import (
    ASSERTION_TYP,
    USER_REQUEST_TYP,
    Configuration,
    Enrolment,
    EnrolmentAnswer,
    KnownUser,
    Token,
    Trouble,
    UserAuthorisation,
    UserCertificate,
    UserEnrolment,
)

_LONGEST_ASSERTION = timedelta(minutes=10)
_SKEW = timedelta(minutes=1)
_JTI = re.compile(r"[!-~]{16,128}")


def digest_of(secret: str) -> str:
    """Return the SHA-256 in hex: codes and tokens are never stored themselves."""
    return hashlib.sha256(secret.encode()).hexdigest()


def bearer_of(authorization: str) -> str:
    """Return the token of an `Authorization` header (RFC 6750 §2.1), "" without one."""
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


class Admission:
    """The gate. Revocation is looked up at every request, so it counts at once."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def issue_token(self, assertion: str) -> Token:
        """Return a bearer token for a kit's assertion. Raise `Refusal` 401."""
        kit = _claimed_key_id(assertion)
        now = self._context.clock.now()
        with self._context.reading() as connection:
            row = connection.execute(sa.select(kits).where(kits.c.kit == kit)).one_or_none()
            given = kit_certificates(connection, kit)
        if row is None:
            raise Refusal(401, "auth.kit_unknown")
        if row.revoked_at is not None:
            raise Refusal(401, "auth.kit_revoked")
        certificate, claims = self._signed_in_with(assertion, given)
        jti, expires_at = self._checked_claims(claims, kit, now)
        token = secrets.token_urlsafe(32)
        try:
            with self._context.engine.begin() as connection:
                if not _mark_signed_in(connection, certificate, now):
                    raise Refusal(401, "auth.kit_revoked")
                connection.execute(sa.delete(assertions).where(assertions.c.expires_at < now - _SKEW))
                connection.execute(sa.delete(tokens).where(tokens.c.expires_at < now))
                connection.execute(sa.insert(assertions).values(jti=jti, expires_at=expires_at))
                _note_contact(connection, kit, claims.get("program"), now)
                connection.execute(
                    sa.insert(tokens).values(
                        token_hash=digest_of(token), kit=kit, expires_at=now + self._context.limits.token_life
                    )
                )
        except IntegrityError as error:
            raise Refusal(401, "auth.replayed") from error
        return Token(
            access_token=token, token_type="Bearer", expires_in=int(self._context.limits.token_life.total_seconds())
        )

    def kit_of(self, authorization: str) -> str:
        """Return the kit behind an `Authorization` header. Raise `Refusal` 401."""
        token = bearer_of(authorization)
        if not token:
            raise Refusal(401, "auth.token_missing")
        with self._context.asking() as connection:
            row = connection.execute(_BY_TOKEN, {"hash": digest_of(token)}).one_or_none()
        if row is None or row.expires_at <= self._context.clock.now():
            raise Refusal(401, "auth.token_expired")
        if row.revoked_at is not None:
            raise Refusal(401, "auth.kit_revoked")
        return str(row.kit)

    def add_code(self, kit: str, admin: str, life: timedelta) -> str:
        """Make a one-time code that lets a new kit in. Raise `InputError` when the kit is known."""
        with self._context.engine.begin() as connection:
            if _is_known(connection, kit):
                raise InputError("gateway.kit_exists", kit=kit)
            return self._new_code(connection, kit, admin, life, readmits=False)

    def add_readmission(self, kit: str, admin: str, life: timedelta) -> str:
        """Make a one-time code that gives a known kit, revoked or not, new certificates. Raise `InputError`."""
        with self._context.engine.begin() as connection:
            if not _is_known(connection, kit):
                raise InputError("gateway.kit_not_enrolled", kit=kit)
            return self._new_code(connection, kit, admin, life, readmits=True)

    def enrol(self, enrolment: Enrolment) -> EnrolmentAnswer:
        """Let a kit and its first admin in, or a known kit in again. Raise `Refusal`.

        The same request gets the same answer. Another request with the same code replaces the certificates that the
        code brought, until the kit has signed in once: an enrolment that died half way burns nothing.
        """
        code_hash = digest_of(enrolment.code.strip().upper())
        try:
            with self._context.engine.begin() as connection:
                # The row is locked, so that of two requests with one code the second sees what the first did.
                query = sa.select(enrol_codes).where(enrol_codes.c.code_hash == code_hash).with_for_update()
                code = connection.execute(query).one_or_none()
                if code is None:
                    raise Refusal(403, "enrol.code")
                certificates = _given_before(connection, code, enrolment)
                if certificates is None:
                    certificates = self._admit_kit(connection, code, enrolment)
                people = people_of(connection, code.kit) if code.readmits else {}
        except IntegrityError as error:
            # Two slips of one kit at the same moment; whoever comes again is told how it stands.
            raise Refusal(503, "server.busy") from error
        return EnrolmentAnswer(
            kit=code.kit,
            kit_certificate=certificates[0],
            admin_certificate=certificates[1],
            configuration=self.configuration(),
            others=tuple(
                KnownUser(user_id=user_id, certificate=certificate)
                for user_id, certificate in people.items()
                if user_id != enrolment.admin.user_id
            ),
        )

    def add_user(self, kit: str, request: UserEnrolment) -> UserCertificate:
        """Certify a further user on the word of an admin of the same kit. Raise `Refusal` 403."""
        user = request.user
        query = (
            sa.select(users)
            .where(users.c.kit == kit, users.c.user_id == _claimed_key_id(request.authorisation))
            .where(users.c.revoked_at.is_(None))
            .order_by(users.c.issued_at.desc())
        )
        with self._context.reading() as connection:
            admin = connection.execute(query).first()
        if admin is None or Permission.ADD_USERS not in PERMISSIONS[Role(admin.role)]:
            raise Refusal(403, "user.not_authorised")
        try:
            payload = self._context.verifier_for(admin.certificate).verify(request.authorisation, USER_REQUEST_TYP)
            word = UserAuthorisation.model_validate(payload)
        except (KnownError, ValidationError) as error:
            raise Refusal(403, "user.not_authorised") from error
        if (word.user_id, word.role, word.kit, word.csr_sha256) != (user.user_id, user.role, kit, sha256_of(user.csr)):
            raise Refusal(403, "user.not_authorised")
        with self._context.engine.begin() as connection:
            return UserCertificate(certificate=certify_user(self._context, connection, kit, user))

    def revoke_kit(self, kit: str) -> None:
        """Shut a kit out, with all certificates and slips given to it. Raise `InputError`."""
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            changed = connection.execute(
                sa.update(kits).where(kits.c.kit == kit, kits.c.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            if not changed:
                raise InputError("gateway.kit_unknown", kit=kit)
            for table in (kit_certificates_table, users):
                # What was revoked before keeps its time: records are judged by it.
                still_good = sa.and_(table.c.kit == kit, table.c.revoked_at.is_(None))
                connection.execute(sa.update(table).where(still_good).values(revoked_at=now))
            connection.execute(sa.delete(enrol_codes).where(enrol_codes.c.kit == kit))

    def configuration(self) -> Configuration:
        """Return the configuration with the serials revoked so far."""
        with self._context.reading() as connection:
            serials = revoked_serials(connection)
        return self._context.configuration.model_copy(update={"revoked_serials": serials})

    def _new_code(self, connection: sa.Connection, kit: str, admin: str, life: timedelta, *, readmits: bool) -> str:
        # 100 bits, in groups that can be read aloud.
        letters = base64.b32encode(secrets.token_bytes(13)).decode("ascii")[:20]
        code = "-".join(letters[at : at + 4] for at in range(0, 20, 4))
        row = {"code_hash": digest_of(code), "kit": kit, "admin": admin, "readmits": readmits}
        connection.execute(sa.insert(enrol_codes).values(**row, expires_at=self._context.clock.now() + life))
        return code

    def _signed_in_with(self, assertion: str, given: Sequence[KitCertificate]) -> tuple[bytes, dict[str, object]]:
        """Return the certificate whose key signed, and the claims; one before a renewal counts as well."""
        is_revoked = False
        for certificate, _, revoked_at in given:
            try:
                claims = self._context.verifier_for(certificate).verify(assertion, ASSERTION_TYP)
            except KnownError:
                continue
            if revoked_at is None:
                return certificate, claims
            is_revoked = True
        raise Refusal(401, "auth.kit_revoked" if is_revoked else "auth.signature")

    def _admit_kit(
        self, connection: sa.Connection, code: sa.Row[tuple[object, ...]], enrolment: Enrolment
    ) -> tuple[bytes, bytes]:
        now = self._context.clock.now()
        admin_csr = sha256_of(enrolment.admin.csr)
        # First revoke, then look: a sign-in at the same moment either comes before and is seen, or finds nothing.
        _revoke_unused(connection, code.kit, admin_csr, now)
        if _is_spent(connection, code):
            raise Refusal(403, "enrol.code")
        if code.expires_at <= now:
            raise Refusal(403, "enrol.code_expired")
        if enrolment.admin.user_id != code.admin or enrolment.admin.role is not Role.ADMIN_DINAS:
            raise Refusal(403, "enrol.admin")
        if code.readmits:
            revoked_at = connection.scalar(sa.select(kits.c.revoked_at).where(kits.c.kit == code.kit))
            if revoked_at is not None:
                certify_again(self._context, connection, code.kit, code.admin, revoked_at)
        elif not _is_known(connection, code.kit):
            connection.execute(sa.insert(kits).values(kit=code.kit, certificate=b"", enrolled_at=now))
        certificate = certify_kit(
            self._context, connection, code.kit, enrolment.kit_csr, code_hash=code.code_hash, admin_csr=admin_csr
        )
        connection.execute(
            sa.update(kits).where(kits.c.kit == code.kit).values(certificate=certificate, revoked_at=None)
        )
        # A token that a thief bought before the revocation must not come back to life.
        connection.execute(sa.delete(tokens).where(tokens.c.kit == code.kit))
        admin = certify_user(self._context, connection, code.kit, enrolment.admin)
        connection.execute(
            sa.update(enrol_codes)
            .where(enrol_codes.c.code_hash == code.code_hash)
            .values(used_by_csr=sha256_of(enrolment.kit_csr))
        )
        return certificate, admin

    def _checked_claims(self, claims: dict[str, object], kit: str, now: datetime) -> tuple[str, datetime]:
        jti, expiry = claims.get("jti"), claims.get("exp")
        if claims.get("iss") != kit or claims.get("sub") != kit or claims.get("aud") != self._context.name:
            raise Refusal(401, "auth.claims")
        if not isinstance(jti, str) or not _JTI.fullmatch(jti) or not isinstance(expiry, int):
            raise Refusal(401, "auth.claims")
        if not holds_at(claims, now, _SKEW) or expiry >= (now + _LONGEST_ASSERTION).timestamp():
            raise Refusal(401, "auth.clock")
        return jti, datetime.fromtimestamp(expiry, UTC)


# Asked at every request: made once.
_BY_TOKEN = (
    sa.select(tokens.c.kit, tokens.c.expires_at, kits.c.revoked_at)
    .join(kits, kits.c.kit == tokens.c.kit)
    .where(tokens.c.token_hash == sa.bindparam("hash"))
)


def _is_known(connection: sa.Connection, kit: str) -> bool:
    return connection.scalar(sa.select(kits.c.kit).where(kits.c.kit == kit)) is not None


def _given_before(
    connection: sa.Connection, code: sa.Row[tuple[object, ...]], enrolment: Enrolment
) -> tuple[bytes, bytes] | None:
    """Return what the same request got before, as long as it counts."""
    admin_csr = sha256_of(enrolment.admin.csr)
    if code.used_by_csr != sha256_of(enrolment.kit_csr):
        return None
    given = kit_certificates_table
    certificate = connection.scalar(
        sa.select(given.c.certificate).where(
            given.c.code_hash == code.code_hash, given.c.admin_csr == admin_csr, given.c.revoked_at.is_(None)
        )
    )
    admin = connection.scalar(
        sa.select(users.c.certificate).where(users.c.csr_sha256 == admin_csr, users.c.revoked_at.is_(None))
    )
    return None if certificate is None or admin is None else (certificate, admin)


def _is_spent(connection: sa.Connection, code: sa.Row[tuple[object, ...]]) -> bool:
    """Return whether the kit signed in with what the code brought; a slip for a new kit ends with any sign-in of it."""
    given = kit_certificates_table
    mine = given.c.code_hash == code.code_hash if code.readmits else given.c.kit == code.kit
    query = sa.select(given.c.serial).where(mine, given.c.first_token_at.is_not(None)).limit(1)
    return connection.scalar(query) is not None


def _revoke_unused(connection: sa.Connection, kit: str, admin_csr: str, now: datetime) -> None:
    """Revoke what slips brought and nobody signed in with; the admin who asks now keeps his certificate."""
    given = kit_certificates_table
    unused = sa.and_(
        given.c.kit == kit,
        given.c.code_hash.is_not(None),
        given.c.first_token_at.is_(None),
        given.c.revoked_at.is_(None),
    )
    admins = connection.scalars(sa.select(given.c.admin_csr).where(unused)).all()
    connection.execute(sa.update(given).where(unused).values(revoked_at=now))
    replaced = users.c.csr_sha256.in_([csr for csr in admins if csr != admin_csr])
    connection.execute(sa.update(users).where(replaced, users.c.revoked_at.is_(None)).values(revoked_at=now))


def _mark_signed_in(connection: sa.Connection, certificate: bytes, now: datetime) -> bool:
    """Note the first token bought with a certificate; False when it was replaced a moment ago."""
    given = kit_certificates_table
    changed = connection.execute(
        sa.update(given)
        .where(given.c.serial == serial_of(certificate), given.c.revoked_at.is_(None))
        .values(first_token_at=sa.func.coalesce(given.c.first_token_at, now))
    ).rowcount
    return bool(changed)


def _note_contact(connection: sa.Connection, kit: str, program: object, now: datetime) -> None:
    """Keep when a kit was last heard of, and the version of the program that it says to have, signed as all of it."""
    values = {"at": now, "program": _printable(program)[:40]}
    known = connection.execute(sa.update(kit_contacts).where(kit_contacts.c.kit == kit).values(**values)).rowcount
    if not known:
        with suppress(IntegrityError), connection.begin_nested():  # another request of the same moment noted it
            connection.execute(sa.insert(kit_contacts).values(kit=kit, **values))


def _printable(word: object) -> str:
    return word if isinstance(word, str) and word.isascii() and word.isprintable() else ""


def _claimed_key_id(jws: str) -> str:
    try:
        return claimed_key_id(jws)
    except VaultError as error:
        raise Refusal(401, "auth.form") from error


# Bounds what one client can hold: requests at a time from its address, silence and slowness while it sends a body.
#
# The server underneath bounds connections and headers (`GatewayServer`), but waits for a body for ever.

# What a refused client may still send before it is cut: it reads the answer only after it has sent its chunk.
_DRAIN_BYTES = 8 * 1024 * 1024
_DRAIN_SILENCE_S = 1.0
_GONE: Message = {"type": "http.disconnect"}


class ClientLimits:
    """Stands in front of the application. To it a client that is given up looks like one that hung up."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits
        self._open: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429 (too many at a time) or 408 (the body does not come)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = counted_as((scope.get("client") or ("",))[0])
        if self._open[address] >= self._limits.requests_per_address:
            await _refusal(429, "client.too_many", {"Retry-After": "5"})(scope, receive, send)
            return
        self._open[address] += 1
        try:
            await self._pass_on(scope, receive, send)
        finally:
            self._open[address] -= 1
            if not self._open[address]:
                del self._open[address]

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, send, self._limits, is_read=not _has_body(scope["headers"]))

        async def answer(message: Message) -> None:
            if body.is_given_up:
                return
            if message["type"] == "http.response.start":
                if not _waits_to_send(scope["headers"]):
                    await body.drain()
                if not body.is_read:
                    message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await body.send(message)

        try:
            await self._app(scope, body.receive, answer)
        finally:
            body.let_go()
        if body.is_given_up:
            await _refusal(408, "client.slow", {})(scope, receive, send)


class _Body:
    """The body of one request as it comes in. Only the time spent waiting for the client counts against it."""

    def __init__(self, receive: Receive, send: Send, limits: Limits, *, is_read: bool) -> None:
        self.is_read = is_read
        self.is_given_up = False
        self._receive, self.send = receive, send
        self._silence_s = limits.body_silence.total_seconds()
        self._window_s = limits.rate_window.total_seconds()
        self._slowest = limits.slowest_bytes_per_s
        self._loop = asyncio.get_running_loop()
        self._patience = _Patience(self._loop)
        self._waited_s = 0.0
        self._came = 0

    async def receive(self) -> Message:
        """Return the next piece; the client hung up, as far as the application sees, once it is given up."""
        if self.is_given_up:
            return _GONE
        if self.is_read:
            return await self._receive()
        began = self._loop.time()
        message = await self._next(self._silence_s, began)
        if message is None:
            self.is_given_up = True
            return _GONE
        self._waited_s += self._loop.time() - began
        self._came += len(message.get("body", b""))
        if self._waited_s >= self._window_s and not self.is_read:
            if self._came < self._slowest * self._waited_s:
                self.is_given_up = True
            self._waited_s, self._came = 0.0, 0
        return message

    def let_go(self) -> None:
        """Drop the line to the client. The server closes a connection whose body was not read whole only when nothing
        refers to it any more, and circles in the application may live until Python next collects garbage.
        """
        self._receive, self.send = _gone, _unsent
        self._patience.drop()

    async def drain(self) -> None:
        """Read and forget what is still coming, within bounds."""
        size = 0
        while not self.is_read and size < _DRAIN_BYTES:
            message = await self._next(_DRAIN_SILENCE_S, self._loop.time())
            if message is None:
                return
            size += len(message.get("body", b""))

    async def _next(self, patience_s: float, now: float) -> Message | None:
        patience = self._patience
        patience.begin(now + patience_s)
        try:
            message = await self._receive()
        except asyncio.CancelledError:
            if patience.was_ours():
                return None
            raise
        finally:
            patience.end()
        self.is_read = not message.get("more_body", False)
        return message


class _Patience:
    """Cancels the task that waits too long. One timer for all pieces of a body: `asyncio.timeout` would set one for
    each, and of a megabyte there are six.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._until: float | None = None  # None while nobody waits
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False

    def begin(self, until: float) -> None:
        """Cancel the calling task at this time of the loop, unless `end` comes first."""
        self._until, self._task, self._is_over = until, asyncio.current_task(), False
        if self._timer is None or self._timer.when() > until:  # an earlier one looks anew when it is time
            self.drop()
            self._timer = self._loop.call_at(until, self._look)

    def end(self) -> None:
        """Go on waiting for nothing; the timer stays for the next piece."""
        self._until = self._task = None

    def drop(self) -> None:
        """Forget the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def was_ours(self) -> bool:
        """Take a cancellation back if it came from here; False when somebody else cancels the task as well."""
        return self._is_over and self._task is not None and self._task.uncancel() == 0

    def _look(self) -> None:
        self._timer = None
        if self._until is None or self._task is None:
            return
        if self._loop.time() < self._until:
            self._timer = self._loop.call_at(self._until, self._look)
            return
        self._is_over = True
        self._task.cancel()


async def _gone() -> Message:
    return _GONE


async def _unsent(_message: Message) -> None:
    return None


def counted_as(address: str) -> str:
    """Return the address, or its network of 64 bits in IPv6: that much a single subscriber has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    mapped = parsed.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(parsed) >> 64 << 64, 64)))


def _has_body(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    named = dict(headers)
    return b"transfer-encoding" in named or named.get(b"content-length", b"0").strip(b"0") != b""


def _waits_to_send(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    # RFC 9110 §10.1.1: such a client sends its body only when it is asked to, and reading would be asking.
    return dict(headers).get(b"expect", b"").lower() == b"100-continue"


def _refusal(status: int, code: str, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(Trouble(code=code).model_dump(), status, {**headers, "Connection": "close"})
