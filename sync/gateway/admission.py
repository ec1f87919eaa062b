"""Who may come in: assertions for tokens (RFC 7523), one-time codes for kits, an admin's word for further users."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import InputError, KnownError, VaultError
from fieldkit.domain.people import PERMISSIONS, Permission, Role
from fieldkit.vault.certificates import issue_kit, issue_petugas
from fieldkit.vault.jws import claimed_key_id
from fieldkit.vault.keys import load_certificate
from sync.gateway.house import House, Refusal
from sync.gateway.tables import assertions, enrol_codes, kits, tokens, users
from sync.protocol.messages import (
    ASSERTION_TYP,
    USER_REQUEST_TYP,
    Configuration,
    Enrolment,
    EnrolmentAnswer,
    Token,
    UserAuthorisation,
    UserCertificate,
    UserEnrolment,
    UserRequest,
)

_LONGEST_ASSERTION = timedelta(minutes=10)
_SKEW = timedelta(minutes=1)


def digest_of(secret: str) -> str:
    """Return the SHA-256 in hex: codes and tokens are never stored themselves."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Admission:
    """The gate. Revocation is looked up at every request, so it counts at once."""

    def __init__(self, house: House) -> None:
        self._house = house

    def issue_token(self, assertion: str) -> Token:
        """Return a bearer token for a kit's assertion. Raise `Refusal` 401."""
        kit = _claimed_key_id(assertion)
        now = self._house.clock.now()
        with self._house.engine.begin() as connection:
            row = connection.execute(sa.select(kits).where(kits.c.kit == kit)).one_or_none()
        if row is None:
            raise Refusal(401, "auth.kit_unknown")
        if row.revoked_at is not None:
            raise Refusal(401, "auth.kit_revoked")
        try:
            claims = self._house.verifier_for(row.certificate).verify(assertion, ASSERTION_TYP)
        except KnownError as error:
            raise Refusal(401, "auth.signature") from error
        jti, expires_at = self._checked_claims(claims, kit, now)
        token = secrets.token_urlsafe(32)
        try:
            with self._house.engine.begin() as connection:
                connection.execute(sa.delete(assertions).where(assertions.c.expires_at < now - _SKEW))
                connection.execute(sa.delete(tokens).where(tokens.c.expires_at < now))
                connection.execute(sa.insert(assertions).values(jti=jti, expires_at=expires_at))
                connection.execute(
                    sa.insert(tokens).values(
                        token_hash=digest_of(token), kit=kit, expires_at=now + self._house.limits.token_life
                    )
                )
        except IntegrityError as error:
            raise Refusal(401, "auth.replayed") from error
        return Token(
            access_token=token, token_type="Bearer", expires_in=int(self._house.limits.token_life.total_seconds())
        )

    def kit_of(self, authorization: str) -> str:
        """Return the kit behind an `Authorization` header. Raise `Refusal` 401."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Refusal(401, "auth.token_missing")
        query = (
            sa.select(tokens.c.kit, tokens.c.expires_at, kits.c.revoked_at)
            .join(kits, kits.c.kit == tokens.c.kit)
            .where(tokens.c.token_hash == digest_of(token))
        )
        with self._house.engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None or row.expires_at <= self._house.clock.now():
            raise Refusal(401, "auth.token_expired")
        if row.revoked_at is not None:
            raise Refusal(401, "auth.kit_revoked")
        return str(row.kit)

    def add_code(self, kit: str, admin: str, life: timedelta) -> str:
        """Make a one-time code that lets one kit in; 100 bits, in groups that can be read aloud."""
        letters = base64.b32encode(secrets.token_bytes(13)).decode("ascii")[:20]
        code = "-".join(letters[at : at + 4] for at in range(0, 20, 4))
        with self._house.engine.begin() as connection:
            if connection.scalar(sa.select(kits.c.kit).where(kits.c.kit == kit)) is not None:
                raise InputError("gateway.kit_exists", kit=kit)
            connection.execute(
                sa.insert(enrol_codes).values(
                    code_hash=digest_of(code), kit=kit, admin=admin, expires_at=self._house.clock.now() + life
                )
            )
        return code

    def enrol(self, enrolment: Enrolment) -> EnrolmentAnswer:
        """Let a kit and its first admin in. The same request again gets the same answer. Raise `Refusal`."""
        code_hash = digest_of(enrolment.code.strip().upper())
        csr_hash = _sha256(enrolment.kit_csr)
        with self._house.engine.begin() as connection:
            code = connection.execute(sa.select(enrol_codes).where(enrol_codes.c.code_hash == code_hash)).one_or_none()
            if code is None or code.used_by_csr not in (None, csr_hash):
                raise Refusal(403, "enrol.code")
            if code.used_by_csr is None:
                self._admit_kit(connection, code, enrolment)
            certificate = connection.scalar(sa.select(kits.c.certificate).where(kits.c.kit == code.kit))
            admin = connection.scalar(
                sa.select(users.c.certificate).where(users.c.csr_sha256 == _sha256(enrolment.admin.csr))
            )
        if certificate is None or admin is None:
            raise Refusal(403, "enrol.code")
        return EnrolmentAnswer(
            kit=code.kit, kit_certificate=certificate, admin_certificate=admin, configuration=self.configuration()
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
        with self._house.engine.begin() as connection:
            admin = connection.execute(query).first()
        if admin is None or Permission.ADD_USERS not in PERMISSIONS[Role(admin.role)]:
            raise Refusal(403, "user.not_authorised")
        try:
            payload = self._house.verifier_for(admin.certificate).verify(request.authorisation, USER_REQUEST_TYP)
            word = UserAuthorisation.model_validate(payload)
        except (KnownError, ValidationError) as error:
            raise Refusal(403, "user.not_authorised") from error
        if (word.user_id, word.role, word.kit, word.csr_sha256) != (user.user_id, user.role, kit, _sha256(user.csr)):
            raise Refusal(403, "user.not_authorised")
        with self._house.engine.begin() as connection:
            return UserCertificate(certificate=self._certify(connection, kit, user))

    def revoke_kit(self, kit: str) -> None:
        """Shut a kit out, with all certificates given to it. Raise `InputError`."""
        now = self._house.clock.now()
        with self._house.engine.begin() as connection:
            changed = connection.execute(
                sa.update(kits).where(kits.c.kit == kit, kits.c.revoked_at.is_(None)).values(revoked_at=now)
            ).rowcount
            if not changed:
                raise InputError("gateway.kit_unknown", kit=kit)
            connection.execute(sa.update(users).where(users.c.kit == kit).values(revoked_at=now))

    def configuration(self) -> Configuration:
        """Return the configuration with the serials revoked so far."""
        with self._house.engine.begin() as connection:
            gone = [
                *connection.scalars(sa.select(kits.c.certificate).where(kits.c.revoked_at.is_not(None))),
                *connection.scalars(sa.select(users.c.certificate).where(users.c.revoked_at.is_not(None))),
            ]
        serials = sorted(format(load_certificate(der).serial_number, "x") for der in gone)
        return self._house.configuration.model_copy(update={"revoked_serials": tuple(serials)})

    def _admit_kit(self, connection: sa.Connection, code: sa.Row[tuple[object, ...]], enrolment: Enrolment) -> None:
        now = self._house.clock.now()
        if code.expires_at <= now:
            raise Refusal(403, "enrol.code_expired")
        if enrolment.admin.user_id != code.admin or enrolment.admin.role is not Role.ADMIN_DINAS:
            raise Refusal(403, "enrol.admin")
        try:
            certificate = issue_kit(self._house.authority, enrolment.kit_csr, code.kit, now)
        except InputError as error:
            raise Refusal(400, "csr.invalid") from error
        connection.execute(sa.insert(kits).values(kit=code.kit, certificate=certificate, enrolled_at=now))
        self._certify(connection, code.kit, enrolment.admin)
        connection.execute(
            sa.update(enrol_codes)
            .where(enrol_codes.c.code_hash == code.code_hash)
            .values(used_by_csr=_sha256(enrolment.kit_csr))
        )

    def _certify(self, connection: sa.Connection, kit: str, user: UserRequest) -> bytes:
        csr_hash = _sha256(user.csr)
        given = connection.execute(sa.select(users).where(users.c.csr_sha256 == csr_hash)).one_or_none()
        if given is not None:
            if (given.user_id, given.role, given.kit) != (user.user_id, user.role, kit):
                raise Refusal(409, "csr.used")
            return bytes(given.certificate)
        now = self._house.clock.now()
        try:
            certificate = issue_petugas(self._house.authority, user.csr, user.user_id, user.name, user.role, now)
        except InputError as error:
            raise Refusal(400, "csr.invalid") from error
        row = {"csr_sha256": csr_hash, "user_id": user.user_id, "name": user.name, "role": user.role.value}
        connection.execute(sa.insert(users).values(**row, kit=kit, certificate=certificate, issued_at=now))
        return certificate

    def _checked_claims(self, claims: dict[str, object], kit: str, now: datetime) -> tuple[str, datetime]:
        jti, expiry = claims.get("jti"), claims.get("exp")
        if claims.get("iss") != kit or claims.get("sub") != kit or claims.get("aud") != self._house.name:
            raise Refusal(401, "auth.claims")
        if not isinstance(jti, str) or not 16 <= len(jti) <= 128 or not isinstance(expiry, int):
            raise Refusal(401, "auth.claims")
        if not (now - _SKEW).timestamp() < expiry < (now + _LONGEST_ASSERTION).timestamp():
            raise Refusal(401, "auth.clock")
        return jti, datetime.fromtimestamp(expiry, UTC)


def _claimed_key_id(jws: str) -> str:
    try:
        return claimed_key_id(jws)
    except VaultError as error:
        raise Refusal(401, "auth.form") from error


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
