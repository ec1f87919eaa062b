"""The seal of bundles between laptops: signed by kit and petugas, encrypted to the known kits or to a code.

Each kit has an age identity that follows from its signing key; its public half travels inside every bundle. So the
first bundle between two kits needs a code told by mouth, later ones open by themselves. No key ever lies on the stick.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.x509.oid import NameOID

from fieldkit.domain.delivery import MANIFEST_TYP, RecordHeader, SealedRecord
from fieldkit.domain.errors import InputError, Recovery, VaultError
from fieldkit.domain.events import ChainHead
from fieldkit.domain.recording.record import ChainLink
from fieldkit.ports.delivery import StatedRecord
from fieldkit.ports.exchange import OpenedBundle
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import age, age_code, cms
from fieldkit.vault import certificates as keys
from fieldkit.vault.cms import BEGIN, HeaderCipher
from fieldkit.vault.device_trust import JwsVerifier
from fieldkit.vault.slot_seal import DB_KEY_BYTES

_INFO = b"fieldkit parcels between kits v1"
_SEED_BYTES = 32


class BundleSealer:
    """Implements `BundleSeal` for one session: the kit's key and the key of who is signed in."""

    def __init__(
        self,
        kit: SigningKey,
        petugas: SigningKey,
        ca_certificates: Sequence[bytes],
        revoked: Callable[[], Collection[int]] = frozenset,
    ) -> None:
        """Take the certificates of the authority as DER; `revoked` are serial numbers that count no longer."""
        self._signers = (kit, petugas)
        self._ca_certificates, self._revoked = tuple(ca_certificates), revoked
        self._identity = age.Identity(HKDF(hashes.SHA256(), _SEED_BYTES, None, _INFO).derive(kit.private_der))

    @property
    def recipient(self) -> str:
        """What other kits close bundles for this one to."""
        return str(self._identity.recipient)

    def new_code(self) -> str:
        """Return 80 random bits to be told by mouth."""
        return age_code.new_code()

    def wants_code(self, sealed: bytes) -> bool:
        """Return whether a file opens by a code. Raise `InputError("exchange.not_a_parcel")`."""
        try:
            return age_code.wants_code(sealed)
        except VaultError as error:
            raise InputError("exchange.not_a_parcel") from error

    def close(self, content: bytes, at: datetime, recipients: Sequence[str] = (), code: str = "") -> bytes:
        """Sign, and encrypt to the recipients or, when there is one, to the code."""
        signed = cms.sign(content, self._signers, at)
        if code:
            return age_code.encrypt(signed, age_code.spelled(code))
        return age.encrypt(signed, [age.Recipient.parse(text) for text in recipients])

    def unseal(self, sealed: bytes) -> bytes:
        """Return what the office closed for this kit. Raise `InputError`: `office.for_others`, `office.damaged`."""
        try:
            return age.decrypt(sealed, [self._identity])
        except VaultError as error:
            is_others = error.code == "vault.age_no_identity"
            raise InputError("office.for_others" if is_others else "office.damaged") from error

    def open(self, sealed: bytes, code: str = "") -> OpenedBundle:
        """Decrypt and verify. Raise `InputError` `exchange.…`."""
        by_code = self.wants_code(sealed)
        try:
            signed = (
                age_code.decrypt(sealed, age_code.spelled(code)) if by_code else age.decrypt(sealed, [self._identity])
            )
        except VaultError as error:
            closed = "exchange.wrong_code" if by_code else "exchange.for_others"
            raise InputError(closed if error.code == "vault.age_no_identity" else "exchange.damaged") from error
        try:
            # Whenever it says that it was signed: the clock of a stolen laptop is the thief's.
            opened = cms.verify(signed, self._ca_certificates, revoked=self._revoked())
        except VaultError as error:
            is_revoked = error.code == "vault.cms_revoked"
            raise InputError("exchange.revoked" if is_revoked else "exchange.untrusted") from error
        kit, petugas = opened.signers
        told = (petugas.signer_id, petugas.name, opened.sealed_at, opened.authority)
        return OpenedBundle(opened.content, kit.signer_id, *told)


# The key of the store for the recovery of the dinas: an age file beside the slots, which a lost passphrase leaves.

_FORM = re.compile(rb"fieldkit escrow ([^\n]+)\n(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Escrow:
    """What the recovery identity opens: two keys while the store's key is being changed, the old one first."""

    kit_id: str
    db_keys: tuple[bytes, ...] = field(repr=False)


def close(kit_id: str, db_keys: Sequence[bytes], recovery: str) -> bytes:
    """Return an age file for the recovery recipient of the dinas. Raise `InputError` `vault.age_recipient`."""
    return age.encrypt(f"fieldkit escrow {kit_id}\n".encode() + b"".join(db_keys), [age.Recipient.parse(recovery)])


def open_with(sealed: bytes, identities: Sequence[age.Identity]) -> Escrow:
    """Open it. Raise `VaultError` `vault.age_…`, or `vault.slots_damaged` for another content."""
    found = _FORM.fullmatch(age.decrypt(sealed, identities))
    if found is None or not found[2] or len(found[2]) % DB_KEY_BYTES:
        raise VaultError("vault.slots_damaged", recovery=Recovery.ASK_OFFICE)
    keys = tuple(found[2][at : at + DB_KEY_BYTES] for at in range(0, len(found[2]), DB_KEY_BYTES))
    return Escrow(found[1].decode("utf-8", "replace"), keys)


# The text beside a sealed file, as this kit writes it and reads it again.
#
# Line 1 is the signed manifest (compact JWS), then the kit's certificate (PEM), then the header that only the kit
# reads.

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
