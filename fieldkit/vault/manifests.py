"""The text beside a sealed file, as this kit writes it and reads it again.

Line 1 is the signed manifest (compact JWS), then the kit's certificate (PEM), then the header that only the kit reads.
"""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from fieldkit.domain.delivery.sealed import MANIFEST_TYP, RecordHeader, SealedRecord
from fieldkit.domain.errors import InputError, VaultError
from fieldkit.domain.events import ChainHead
from fieldkit.domain.recording.record import ChainLink
from fieldkit.ports.manifests import StatedRecord
from fieldkit.ports.vault import SignerRole
from fieldkit.vault import keys
from fieldkit.vault.headers import BEGIN, HeaderCipher
from fieldkit.vault.jws import JwsVerifier

_NO_HEADER = RecordHeader("", "", "", "", "", None, 0)


def manifest_proof(manifest_jws: str, kit_certificate: bytes) -> str:
    """Return the text that proves a manifest: the signed manifest, then the certificate that verifies it."""
    return f"{manifest_jws}\n{keys.certificates_to_pem(kit_certificate)}"


class SignedManifests:
    """Implements `Manifests` for one kit. Certificates are DER."""

    def __init__(self, kit_id: str, kit_certificate: bytes, ca_certificate: bytes, nik_key: bytes) -> None:
        self._kit_id, self._kit_certificate, self._ca_certificate = kit_id, kit_certificate, ca_certificate
        self._headers = HeaderCipher(nik_key)

    def text(self, record: SealedRecord) -> str:
        """Return the signed manifest, the kit's certificate and the closed header of a record."""
        header = self._headers.close(record.record_id, RecordHeader.of(record))
        return manifest_proof(record.manifest_jws, self._kit_certificate) + header

    def read(self, text: str) -> StatedRecord:
        """Return what a text of this kit states.

        Raise `VaultError`: `manifest.malformed`, `manifest.foreign`, or `vault.jws_…` when the signature does not hold.
        """
        token, _, rest = text.partition("\n")
        token = token.strip()
        try:
            certificates = keys.certificates_from_pem(rest.partition(BEGIN)[0])
        except InputError as error:
            raise VaultError("manifest.malformed") from error
        if len(certificates) != 1:
            raise VaultError("manifest.malformed")
        if not self._is_ours(certificates[0]):
            raise VaultError("manifest.foreign")
        stated = JwsVerifier.of_certificate(certificates[0]).verify(token, MANIFEST_TYP)
        if stated.get("kit") != self._kit_id:
            raise VaultError("manifest.foreign")
        try:
            return self._stated(token, stated, rest)
        except (KeyError, TypeError, ValueError) as error:
            raise VaultError("manifest.malformed") from error

    def _stated(self, token: str, stated: dict[str, object], rest: str) -> StatedRecord:
        record_id, chain = str(stated["record_id"]), str(stated["chain"])
        header = self._headers.open(record_id, rest) or _NO_HEADER
        sealed_at = datetime.fromisoformat(str(stated["sealed_at"]))
        if sealed_at.tzinfo is None:
            raise ValueError("a time without its zone")
        record = SealedRecord(
            record_id=record_id,
            session_id=str(stated.get("session_id", "")),
            activity_id=str(stated["activity_id"]),
            target_id=header.target_id,
            link=ChainLink(chain, int(str(stated["sequence"])), str(stated["previous"])),
            sealed_at=sealed_at,
            size_bytes=int(str(stated["size_bytes"])),
            sha256=str(stated["sha256"]),
            manifest_jws=token,
            masked_name=header.masked_name,
            masked_nik=header.masked_nik,
            nik_digest=header.nik_digest,
            place=header.place,
            card_from=header.card_from,
            exceptions=header.exceptions,
            amends=header.amends,
        )
        head = int(str(stated.get("head_sequence", 0)))
        return StatedRecord(record, ChainHead(chain, head, str(stated.get("head_digest", ""))) if head else None)

    def _is_ours(self, certificate_der: bytes) -> bool:
        """Return whether a certificate holds this kit's key, or the authority of the dinas issued it for this kit.

        Its validity is not asked: the clock of a laptop that comes back may be anywhere, the data center judges that.
        """
        certificate = keys.load_certificate(certificate_der)
        own = keys.load_certificate(self._kit_certificate)
        if keys.spki(keys.certified_key(certificate)) == keys.spki(keys.certified_key(own)):
            return True
        try:
            certificate.verify_directly_issued_by(keys.load_certificate(self._ca_certificate))
        except (InvalidSignature, ValueError, TypeError):
            return False
        role, kit_id = NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.SERIAL_NUMBER
        return _names(certificate, role) == [SignerRole.KIT] and _names(certificate, kit_id) == [self._kit_id]


def _names(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(attribute.value) for attribute in certificate.subject.get_attributes_for_oid(oid)]
