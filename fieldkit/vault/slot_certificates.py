"""Whether a key slot says of its user what the dinas CA certified: whoever can write a slot cannot write a role."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from fieldkit.domain.errors import Recovery, VaultError
from fieldkit.domain.people import User
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.cms import verify_signer
from fieldkit.vault.keyslots import KeySlotFile


def demand_certified(user: User, key: SigningKey, ca_certificates: Sequence[bytes], now: datetime) -> None:
    """Raise `VaultError` `vault.slot_uncertified` (name, role) unless the CA certified this very key for user and role.

    A certificate that has ended, or begins later by a wrong clock, keeps nobody out: it is renewed by who is inside,
    and what it signs meanwhile is refused where it counts.
    """
    certificate = certificates.load_certificate(key.certificate_der)
    is_theirs = certificates.load_private(key.private_der).public_key() == certificate.public_key()
    if not is_theirs or not _says(user, key.certificate_der, ca_certificates, now):
        raise VaultError("vault.slot_uncertified", recovery=Recovery.ASK_OFFICE, name=user.name, role=user.role.value)


def uncertified(slots: KeySlotFile, ca_certificates: Sequence[bytes], now: datetime) -> Iterator[str]:
    """Yield the id of each user whose slot says what no certificate of the CA says.

    A slot of the first version shows its certificate to the passphrase only: the sign-in judges it.
    """
    for user in slots.names():
        certificate = slots.certificate(user.user_id)
        if certificate and not _says(user, certificate, ca_certificates, now):
            yield user.user_id


def _says(user: User, certificate_der: bytes, ca_certificates: Sequence[bytes], now: datetime) -> bool:
    try:
        since, until = certificates.span_of(certificate_der)
        signer = verify_signer(certificate_der, ca_certificates, min(max(now, since), until))
    except VaultError:
        return False
    certified = signer.role, signer.signer_id, signer.title
    return certified == (SignerRole.PETUGAS, user.user_id, user.role.value)
