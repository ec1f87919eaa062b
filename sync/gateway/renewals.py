"""New certificates before the old ones end: for a kit by its token, for a person by a word of the key that ends."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from pydantic import ValidationError

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.domain.people.accounts import Role
from fieldkit.vault.certificates import certificate_key, requested_key, valid_until
from fieldkit.vault.jws import claimed_key_id
from sync.gateway.certificates import certify_kit, certify_user, sha256_of
from sync.gateway.certificates import kit_certificates as given_to
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.tables import kits, users
from sync.protocol.messages import RENEWAL_TYP, RenewalRequest, RenewalWord, Renewed, UserRequest

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
        for given in given_to(connection, kit):
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
