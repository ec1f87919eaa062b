"""The seal of a record: signed by kit and petugas inside, encrypted for the data center and the recovery outside."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

from fieldkit.domain.trusted_time import CertificateSpan
from fieldkit.ports.vault import OpenedSeal, SealedFile, SignerRole, SigningKey
from fieldkit.vault import age, cms
from fieldkit.vault.keys import certified_id, span_of


class RecordSealer:
    """Seals for one session: the kit's key, the key of the petugas who is signed in, and who may open."""

    def __init__(self, kit: SigningKey, petugas: SigningKey, recipients: Sequence[str]) -> None:
        """Take recipients as `age1pq1…`. Raise `InputError` `vault.age_recipient` when one cannot be used."""
        self._signers = (kit, petugas)
        self._recipients = tuple(age.Recipient.parse(text) for text in recipients)

    def spans(self) -> tuple[CertificateSpan, ...]:
        """Return when the certificates of kit and petugas count. Raise `VaultError` `vault.certificate`."""
        return tuple(
            CertificateSpan(role.value, certified_id(signer.certificate_der), *span_of(signer.certificate_der))
            for role, signer in zip(SignerRole, self._signers, strict=True)
        )

    def seal(self, container: bytes, at: datetime) -> SealedFile:
        """Sign and encrypt. Raise `VaultError` `vault.signing_key` when a key cannot be used."""
        sealed = age.encrypt(cms.sign(container, self._signers, at), self._recipients)
        return SealedFile(sealed, hashlib.sha256(sealed).hexdigest())


class SealOpener:
    """Opens seals where an identity of the data center or of the recovery is."""

    def __init__(self, identities: Sequence[age.Identity], ca_certificates: Sequence[bytes]) -> None:
        """Take the certificates of the authority as DER."""
        self._identities = tuple(identities)
        self._ca_certificates = tuple(ca_certificates)

    def open(
        self,
        sealed: bytes,
        at: datetime | None = None,
        revoked: Collection[int] = (),
        seen_at: datetime | None = None,
    ) -> OpenedSeal:
        """Decrypt and verify. Raise `VaultError` `vault.age_…` or `vault.cms_…`; see `age.decrypt` and `cms.verify`."""
        return cms.verify(age.decrypt(sealed, self._identities), self._ca_certificates, at, revoked, seen_at)
