"""The certificates that this gateway gives. All that a kit ever had are kept: what it sealed before stays provable."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from pydantic import ValidationError

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.people import Role
from fieldkit.vault.certificates import (
    certificate_key,
    issue_again,
    issue_kit,
    issue_petugas,
    load_certificate,
    requested_key,
    valid_until,
)
from fieldkit.vault.device_trust import claimed_key_id
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.tables import kit_certificates as table
from sync.gateway.tables import kits, users
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, RenewalWord, Renewed, UserRequest


class KitCertificate(NamedTuple):
    """A certificate (DER) of a kit, and from when on it counts no longer."""

    certificate: bytes
    issued_at: datetime
    revoked_at: datetime | None


def kit_certificates(connection: sa.Connection, kit: str) -> list[KitCertificate]:
    """Return all certificates ever given to a kit, newest first; none for a stranger."""
    query = (
        sa.select(table.c.certificate, table.c.issued_at, table.c.revoked_at)
        .where(table.c.kit == kit)
        .order_by(table.c.issued_at.desc(), table.c.serial)
    )
    return [KitCertificate(*row) for row in connection.execute(query)]


def certify_kit(
    context: GatewayContext,
    connection: sa.Connection,
    kit: str,
    csr: bytes,
    *,
    code_hash: str | None = None,
    admin_csr: str | None = None,
) -> bytes:
    """Give a kit a certificate; `code_hash` and the digest of the admin's request name the slip that it came with.

    The caller keeps it in `kits` as the newest. Raise `Refusal` 400.
    """
    now = context.clock.now()
    try:
        certificate = issue_kit(context.authority, csr, kit, now)
    except InputError as error:
        raise Refusal(400, "csr.invalid") from error
    row = {"serial": serial_of(certificate), "kit": kit, "certificate": certificate, "issued_at": now}
    connection.execute(sa.insert(table).values(**row, code_hash=code_hash, admin_csr=admin_csr))
    return certificate


def certify_user(context: GatewayContext, connection: sa.Connection, kit: str, user: UserRequest) -> bytes:
    """Give a person on a kit a certificate; the same request gets the same one. Raise `Refusal` 400, 409."""
    csr_hash = sha256_of(user.csr)
    given = connection.execute(sa.select(users).where(users.c.csr_sha256 == csr_hash)).one_or_none()
    if given is not None:
        # A revoked key is not certified again: its owner makes another.
        is_other = (given.user_id, given.role, given.kit) != (user.user_id, user.role, kit)
        if is_other or given.revoked_at is not None:
            raise Refusal(409, "csr.used")
        return bytes(given.certificate)
    if not user.name.isprintable():
        raise Refusal(400, "user.name")
    now = context.clock.now()
    try:
        certificate = issue_petugas(context.authority, user.csr, user.user_id, user.name, user.role, now)
    except InputError as error:
        raise Refusal(400, "csr.invalid") from error
    row = {"csr_sha256": csr_hash, "user_id": user.user_id, "name": user.name, "role": user.role.value}
    connection.execute(sa.insert(users).values(**row, kit=kit, certificate=certificate, issued_at=now))
    return certificate


def certify_again(
    context: GatewayContext, connection: sa.Connection, kit: str, admin: str, revoked_at: datetime
) -> None:
    """Give everybody whose certificate ended with the kit's a new one for the same key: they sign its records too.

    Not the admin who brings the slip: he comes with a new key.
    """
    now = context.clock.now()
    ended = sa.select(users).where(users.c.kit == kit, users.c.user_id != admin, users.c.revoked_at == revoked_at)
    for row in connection.execute(ended.order_by(users.c.issued_at)).all():
        certificate = issue_again(context.authority, row.certificate, now)
        person = {"user_id": row.user_id, "name": row.name, "role": row.role, "kit": kit}
        # Nobody asked for it: the certificate itself stands where the request's digest does.
        values = {**person, "csr_sha256": sha256_of(certificate), "certificate": certificate, "issued_at": now}
        connection.execute(sa.insert(users).values(**values))


def people_of(connection: sa.Connection, kit: str) -> dict[str, bytes]:
    """Return the newest certificate that counts of everybody on a kit, by user id."""
    good = sa.select(users.c.user_id, users.c.certificate).where(users.c.kit == kit, users.c.revoked_at.is_(None))
    return {row.user_id: bytes(row.certificate) for row in connection.execute(good.order_by(users.c.issued_at))}


def revoke_person(connection: sa.Connection, user_id: str, kits: Iterable[str], now: datetime) -> tuple[str, ...]:
    """End what a person has on these kits, on every one for none, and return on which there was something.

    What was revoked before keeps its time: records are judged by it. Raise `InputError` `gateway.user_unknown`.
    """
    wanted = tuple(kits)
    good = [users.c.user_id == user_id, users.c.revoked_at.is_(None)]
    if wanted:
        good.append(users.c.kit.in_(wanted))
    found = tuple(sorted(set(connection.scalars(sa.select(users.c.kit).where(*good)))))
    if not found:
        raise InputError("gateway.user_unknown", user=user_id)
    connection.execute(sa.update(users).where(*good).values(revoked_at=now))
    return found


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of a request in hex, its name in the tables."""
    return hashlib.sha256(content).hexdigest()


def serial_of(certificate: bytes) -> str:
    """Return the serial number in hex, as revocation lists name it."""
    return format(load_certificate(certificate).serial_number, "x")


def revoked_certificates(connection: sa.Connection) -> list[tuple[bytes, datetime]]:
    """Return all revoked certificates (DER) of kits and of people, and since when each counts no longer."""
    queries = (sa.select(each.c.certificate, each.c.revoked_at) for each in (table, users))
    rows = [row for query in queries for row in connection.execute(query.where(sa.column("revoked_at").is_not(None)))]
    return [(bytes(certificate), revoked_at) for certificate, revoked_at in rows]


def revoked_serials(connection: sa.Connection) -> tuple[str, ...]:
    """Return the serial numbers (hex) of all revoked certificates, of kits and of people."""
    return tuple(sorted({serial_of(certificate) for certificate, _ in revoked_certificates(connection)}))


# New certificates before the old ones end: for a kit by its token, for a person by a word of the key that ends.

# Who asks again for the same key within this time lost the answer.
_FRESH = timedelta(days=1)


class Renewals:
    """Certifies again whoever proves the key of a certificate that counts."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def renew(self, kit: str, request: RenewalRequest) -> Renewed:
        """Return a new certificate of the kit, or of the person whose word comes along. Raise `Refusal`."""
        try:
            key = requested_key(request.csr)
        except InputError as error:
            raise Refusal(400, "csr.invalid") from error
        renew = self._renew_person if request.word else self._renew_kit
        with self._context.engine.begin() as connection:
            return Renewed(certificate=renew(connection, kit, request, key))

    def _renew_kit(self, connection: sa.Connection, kit: str, request: RenewalRequest, key: bytes) -> bytes:
        since = self._context.clock.now() - _FRESH
        for given in kit_certificates(connection, kit):
            if given.revoked_at is None and given.issued_at > since and certificate_key(given.certificate) == key:
                return given.certificate
        certificate = certify_kit(self._context, connection, kit, request.csr)
        connection.execute(sa.update(kits).where(kits.c.kit == kit).values(certificate=certificate))
        return certificate

    def _renew_person(self, connection: sa.Connection, kit: str, request: RenewalRequest, key: bytes) -> bytes:
        now = self._context.clock.now()
        proven = self._proven(connection, kit, request)
        query = (
            sa.select(users)
            .where(users.c.kit == kit, users.c.user_id == proven.user_id, users.c.role == proven.role)
            .where(users.c.revoked_at.is_(None), users.c.issued_at > now - _FRESH)
            .order_by(users.c.issued_at.desc())
        )
        for given in connection.execute(query):
            if certificate_key(given.certificate) == key:
                return bytes(given.certificate)
        if connection.scalar(sa.select(users.c.kit).where(users.c.csr_sha256 == sha256_of(request.csr))) is not None:
            # The request of an older certificate: its owner signs a new one, with the same key if he likes.
            raise Refusal(409, "csr.used")
        user = UserRequest(user_id=proven.user_id, name=proven.name, role=Role(proven.role), csr=request.csr)
        return certify_user(self._context, connection, kit, user)

    def _proven(self, connection: sa.Connection, kit: str, request: RenewalRequest) -> sa.Row[tuple[object, ...]]:
        """Return the newest certificate of the person whose word, for this very request, one that counts signed.

        The newest, for it says the role that the person has now.
        """
        try:
            claimed = claimed_key_id(request.word)
        except KnownError as error:
            raise Refusal(403, "user.not_authorised") from error
        query = (
            sa.select(users)
            .where(users.c.kit == kit, users.c.user_id == claimed, users.c.revoked_at.is_(None))
            .order_by(users.c.issued_at.desc())
        )
        certificates = connection.execute(query).all()
        for row in certificates:
            try:
                payload = self._context.verifier_for(row.certificate).verify(request.word, RENEWAL_TYP)
                word = RenewalWord.model_validate(payload)
            except (KnownError, ValidationError):
                continue
            is_for_this = (word.user_id, word.kit, word.csr_sha256) == (claimed, kit, sha256_of(request.csr))
            if is_for_this and valid_until(row.certificate) > self._context.clock.now():
                return certificates[0]
        raise Refusal(403, "user.not_authorised")
