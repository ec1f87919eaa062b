"""How a kit and its users get their certificates: first the CA, believed by its fingerprint, then all else over TLS."""

from __future__ import annotations

import hashlib
import ssl

from fieldkit.domain.errors import TransferError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import Signer
from sync.kit.connection import Connection, pinned_context
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import (
    USER_REQUEST_TYP,
    CaAnswer,
    Enrolment,
    EnrolmentAnswer,
    UserAuthorisation,
    UserEnrolment,
    UserRequest,
)
from sync.protocol.outcomes import RunStoppedError


def fetch_ca(url: str, fingerprint: str) -> bytes:
    """Return the dinas CA (DER) when its SHA-256 is the one on the enrolment slip.

    `fingerprint` is hex in any grouping. Raise `TransferError` `sync.ca_fingerprint`.
    """
    # No certificate can be checked before there is a CA; nothing secret is sent, and the fingerprint is the check.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = Connection(url, context)
    try:
        ca_der = connection.ask_message("GET", "/ca", CaAnswer, headers={}).ca_certificate
    finally:
        connection.close()
    wanted = "".join(fingerprint.split()).replace(":", "").replace("-", "").lower()
    if hashlib.sha256(ca_der).hexdigest() != wanted:
        raise TransferError("sync.ca_fingerprint")
    return ca_der


def enrol(url: str, code: str, ca_fingerprint: str, kit_csr: bytes, admin: UserRequest) -> EnrolmentAnswer:
    """Let this kit and its first admin in; asking again with the same keys after a lost answer is safe.

    `kit_csr` is PKCS #10 DER. Raise `TransferError`.
    """
    ca_der = fetch_ca(url, ca_fingerprint)
    connection = Connection(url, pinned_context(ca_der))
    enrolment = Enrolment(code=code, kit_csr=kit_csr, admin=admin)
    try:
        answer = connection.ask_message(
            "POST",
            "/enrol",
            EnrolmentAnswer,
            headers={"Content-Type": "application/json"},
            content=enrolment.model_dump_json().encode(),
        )
    finally:
        connection.close()
    if answer.configuration.ca_certificate != ca_der:
        raise RunStoppedError("sync.nonsense")
    return answer


def add_user(link: DataCenterLink, kit: str, user: UserRequest, admin: Signer, clock: Clock) -> bytes:
    """Return the certificate (DER) for a further user of this kit, on the word of the admin whose key signs."""
    word = UserAuthorisation(
        user_id=user.user_id,
        role=user.role,
        kit=kit,
        csr_sha256=hashlib.sha256(user.csr).hexdigest(),
        at=clock.now(),
    )
    authorisation = admin.sign(word.model_dump(mode="json"), USER_REQUEST_TYP)
    return link.add_user(UserEnrolment(user=user, authorisation=authorisation))
