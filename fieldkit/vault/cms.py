"""CMS SignedData (RFC 5652) with exactly two signers, kit and petugas, over an attached content.

The form is what `openssl cms -sign -binary -nosmimecap` makes. It is put together here because the time of signing
must be the injected one, which `PKCS7SignatureBuilder` does not take.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import Criticality, ExtensionPolicy, Policy, PolicyBuilder, Store, VerificationError

from fieldkit.domain.delivery import RecordHeader
from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.exceptions import AUTHORITY_TYP
from fieldkit.domain.trusted_time import CertificateSpan
from fieldkit.ports.vault import OpenedSeal, SealedFile, SealSigner, SignerRole, SigningKey
from fieldkit.vault import age
from fieldkit.vault.certificates import certified_id, certified_key, load_certificate, load_private, span_of
from fieldkit.vault.derived import DerivedCipher
from fieldkit.vault.device_trust import JwsVerifier

_SIGNED_ATTRIBUTES = ("content_type", "signing_time", "message_digest")
# The manifest and the seal come from one clock within one act; signing times hold whole seconds.
_TIME_TOLERANCE = timedelta(minutes=1)
# How far a laptop's clock may be ahead of another before nothing it says about time is believed.
_AHEAD = timedelta(days=1)
IMPLAUSIBLE = "time.implausible"
_ECDSA_SHA256 = ec.ECDSA(hashes.SHA256())
_SEQUENCE, _OCTETS, _EXPLICIT, _LONG = 0x30, 0x04, 0xA0, 0x80  # tags, and the bit of lengths above 127


def sign(content: bytes, signers: Sequence[SigningKey], at: datetime) -> bytes:
    """Return DER of the content with the signatures. Raise `VaultError` when a key or certificate cannot be used."""
    digest = hashlib.sha256(content).digest()
    certificates = [_asn1_certificate(signer.certificate_der) for signer in signers]
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": "sha256"}],
            "encap_content_info": {"content_type": "data"},
            "certificates": certificates,
            "signer_infos": [
                _signer_info(signer, certificate, digest, at)
                for signer, certificate in zip(signers, certificates, strict=True)
            ],
        }
    )
    # The library would copy the content a dozen times, which takes ten times as long as hashing it.
    encapsulated = _value(_SEQUENCE, cms.ContentType("data").dump(), *_value(_EXPLICIT, *_value(_OCTETS, content)))
    before, after = ("version", "digest_algorithms"), ("certificates", "signer_infos")
    whole = _value(_SEQUENCE, *(signed[n].dump() for n in before), *encapsulated, *(signed[n].dump() for n in after))
    return b"".join(_value(_SEQUENCE, cms.ContentType("signed_data").dump(), *_value(_EXPLICIT, *whole)))


def _value(tag: int, *parts: bytes) -> tuple[bytes, ...]:
    """Return a value of DER in parts, its tag and length first (X.690, 8.1.3 and 10.1)."""
    size = sum(map(len, parts))
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    length = bytes([size]) if size < _LONG else bytes([_LONG | len(octets)]) + octets
    return bytes([tag]) + length, *parts


def verify(
    der: bytes,
    ca_certificates: Sequence[bytes],
    at: datetime | None = None,
    revoked: Collection[int] = (),
    seen_at: datetime | None = None,
) -> OpenedSeal:
    """Return content and signers when kit and petugas both signed it with certificates of the authority.

    The certificates must be valid at the time of signing, which must be `at` (within a minute) when that is given.
    A clock that was wrong throws nothing away: with `seen_at`, the time by another clock at which the sealed content
    was seen first, certificates that were valid then do as well, and the seal is noted as `time.implausible`.
    Raise `VaultError`: `vault.cms_malformed`, `vault.cms_signers`, `vault.cms_signature`, `vault.cms_time`,
    `vault.cms_certificate` or `vault.cms_revoked` (id).
    """
    try:
        opened = _verified(der, ca_certificates, revoked, seen_at)
    except (ValueError, TypeError, LookupError) as error:  # asn1crypto parses lazily: any access may find bad DER
        raise VaultError("vault.cms_malformed") from error
    if at is not None and abs(opened.sealed_at - at) > _TIME_TOLERANCE:
        raise VaultError("vault.cms_time")
    return opened


def _signer_certificate(der: bytes) -> x509.Certificate:
    try:
        certificate = load_certificate(der)
        certified_key(certificate)
    except VaultError as error:
        raise VaultError("vault.cms_certificate") from error
    return certificate


def _signer_info(signer: SigningKey, certificate: asn1_x509.Certificate, digest: bytes, at: datetime) -> cms.SignerInfo:
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["data"]},
            {"type": "signing_time", "values": [cms.Time({"utc_time": at.astimezone(UTC).replace(microsecond=0)})]},
            {"type": "message_digest", "values": [digest]},
        ]
    )
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": {
                "issuer_and_serial_number": {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
            },
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": load_private(signer.private_der).sign(attributes.dump(), _ECDSA_SHA256),
        }
    )


def _verified(
    der: bytes, ca_certificates: Sequence[bytes], revoked: Collection[int], seen_at: datetime | None
) -> OpenedSeal:
    info = cms.ContentInfo.load(der, strict=True)
    _demand(info["content_type"].native == "signed_data")
    signed: cms.SignedData = info["content"]
    encapsulated = signed["encap_content_info"]
    _demand(encapsulated["content_type"].native == "data")
    content = encapsulated["content"].native
    algorithms = [algorithm["algorithm"].native for algorithm in signed["digest_algorithms"]]
    _demand(signed["version"].native == "v1" and algorithms == ["sha256"])
    _demand(isinstance(content, bytes) and not signed["crls"])
    _demand(_is_canonical(info, der))

    infos = list(signed["signer_infos"])
    # RFC 5280, 4.1.2.2; `cryptography` only warns.
    _demand(all(choice.chosen.serial_number > 0 for choice in signed["certificates"]))
    certificates = {
        (choice.chosen.issuer.dump(), choice.chosen.serial_number): _signer_certificate(choice.chosen.dump())
        for choice in signed["certificates"]
    }
    if len(infos) != 2 or len(certificates) != 2 or len(signed["certificates"]) != 2:
        raise VaultError("vault.cms_signers")
    digest = hashlib.sha256(content).digest()
    signers, times, notes = [], set(), set()
    for signer_info in infos:
        identifier = signer_info["sid"].chosen
        _demand(isinstance(identifier, cms.IssuerAndSerialNumber))
        certificate = certificates.get((identifier["issuer"].dump(), identifier["serial_number"].native))
        if certificate is None:
            raise VaultError("vault.cms_signers")
        signed_at = _verified_time(signer_info, certificate, digest)
        notes.add(_validity_note(certificate, ca_certificates, signed_at, seen_at))
        signers.append(_seal_signer(certificate))
        times.add(signed_at)
    if [signer.role for signer in sorted(signers, key=lambda signer: signer.role)] != [*SignerRole]:
        raise VaultError("vault.cms_signers")
    if len(times) != 1:
        raise VaultError("vault.cms_time")
    for signer in signers:
        if signer.serial_number in revoked:
            raise VaultError("vault.cms_revoked", id=signer.signer_id)
    # The empty note comes first in order: one doubtful signer makes the seal doubtful.
    people = tuple(sorted(signers, key=lambda signer: signer.role))
    return OpenedSeal(content, times.pop(), people, SealedAuthority(ca_certificates, revoked, seen_at), max(notes))


def _validity_note(
    certificate: x509.Certificate, ca_certificates: Sequence[bytes], signed_at: datetime, seen_at: datetime | None
) -> str:
    """Return "" for a certificate that was valid when it signed, `time.implausible` for one valid when seen."""
    if seen_at is not None and signed_at > seen_at + _AHEAD:
        # Nothing is signed after it was seen: this clock proves nothing.
        _verify_certificate(certificate, ca_certificates, seen_at)
        return IMPLAUSIBLE
    try:
        _verify_certificate(certificate, ca_certificates, signed_at)
    except VaultError:
        # It cannot have signed before it was made, so the clock was behind; after its end it may well have.
        if seen_at is None or signed_at >= certificate.not_valid_before_utc:
            raise
        _verify_certificate(certificate, ca_certificates, seen_at)
        return IMPLAUSIBLE
    return ""


def _is_canonical(info: cms.ContentInfo, der: bytes) -> bool:
    """Whether one content has this one encoding; what BER or a sloppy writer could vary is refused."""
    try:
        return hmac.compare_digest(info.dump(force=True), der)
    except AttributeError:  # asn1crypto's own stumble over an extension whose octets are no DER
        return False


def _verified_time(info: cms.SignerInfo, certificate: x509.Certificate, digest: bytes) -> datetime:
    """Check one signature over its attributes and the digest within; return the signing time."""
    attributes = {attribute["type"].native: attribute["values"] for attribute in info["signed_attrs"]}
    _demand(len(attributes) == len(info["signed_attrs"]) and set(_SIGNED_ATTRIBUTES) <= attributes.keys())
    _demand(all(len(attributes[name]) == 1 for name in _SIGNED_ATTRIBUTES) and not info["unsigned_attrs"])
    _demand(info["version"].native == "v1" and info["digest_algorithm"]["algorithm"].native == "sha256")
    _demand(info["signature_algorithm"]["algorithm"].native in ("sha256_ecdsa", "ecdsa"))
    _demand(attributes["content_type"][0].native == "data")
    try:
        certified_key(certificate).verify(info["signature"].native, info["signed_attrs"].untag().dump(), _ECDSA_SHA256)
    except InvalidSignature as error:
        raise VaultError("vault.cms_signature") from error
    if not hmac.compare_digest(attributes["message_digest"][0].native, digest):
        raise VaultError("vault.cms_signature")
    signed_at: datetime = attributes["signing_time"][0].native
    return signed_at


def verify_signer(certificate_der: bytes, ca_certificates: Sequence[bytes], at: datetime) -> SealSigner:
    """Return who a signing certificate of the dinas CA belongs to. Raise `VaultError` `vault.cms_certificate`."""
    certificate = load_certificate(certificate_der)
    _verify_certificate(certificate, ca_certificates, at)
    return _seal_signer(certificate)


@dataclass(frozen=True, slots=True)
class SealedAuthority:
    """Implements `AuthorityProofs` beside a seal: the same authority, revocations and time of the evidence."""

    ca_certificates: Sequence[bytes]
    revoked: Collection[int] = ()
    seen_at: datetime | None = None

    def verify(self, jws: str, certificate_der: bytes) -> tuple[SealSigner, dict[str, object]]:
        """Return who signed an act, and what."""
        certificate = _signer_certificate(certificate_der)
        payload = JwsVerifier.of_certificate(certificate_der).verify(jws, AUTHORITY_TYP)
        try:
            at = datetime.fromisoformat(str(payload.get("at")))
            if at.tzinfo is None:
                raise ValueError("a time without zone")
            at = at.astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise VaultError("vault.jws_malformed") from error
        _validity_note(certificate, self.ca_certificates, at, self.seen_at)
        signer = _seal_signer(certificate)
        if signer.serial_number in self.revoked:
            raise VaultError("vault.cms_revoked", id=signer.signer_id)
        return signer, payload

    def seen(self, at: datetime) -> SealedAuthority:
        """Return the same for what came at another time."""
        return replace(self, seen_at=at)


def _verify_certificate(certificate: x509.Certificate, ca_certificates: Sequence[bytes], at: datetime) -> None:
    if not ca_certificates:
        raise VaultError("vault.cms_certificate")
    policy = (
        PolicyBuilder()
        .time(at)
        .store(Store([load_certificate(der) for der in ca_certificates]))
        .max_chain_depth(0)
        .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=_SIGNER_POLICY)
    )
    try:
        policy.build_client_verifier().verify(certificate, [])
    except VerificationError as error:
        raise VaultError("vault.cms_certificate") from error


def _signs(_policy: Policy, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature or usage.key_cert_sign:
        raise ValueError("not a key for signatures")


def _is_no_authority(_policy: Policy, _certificate: x509.Certificate, constraints: x509.BasicConstraints) -> None:
    if constraints.ca:
        raise ValueError("an authority does not sign records")


def _may_sign_content(_policy: Policy, _certificate: x509.Certificate, uses: x509.ExtendedKeyUsage | None) -> None:
    if uses is not None and ExtendedKeyUsageOID.EMAIL_PROTECTION not in uses:
        raise ValueError("not a key for signed content")


_SIGNER_POLICY = (
    ExtensionPolicy.permit_all()
    .require_present(x509.BasicConstraints, Criticality.CRITICAL, _is_no_authority)
    .require_present(x509.KeyUsage, Criticality.CRITICAL, _signs)
    .may_be_present(x509.ExtendedKeyUsage, Criticality.AGNOSTIC, _may_sign_content)
)


def _seal_signer(certificate: x509.Certificate) -> SealSigner:
    role = _subject(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME)
    if role not in tuple(SignerRole):
        raise VaultError("vault.cms_signers")
    return SealSigner(
        role=SignerRole(role),
        signer_id=_subject(certificate, NameOID.SERIAL_NUMBER),
        name=_subject(certificate, NameOID.COMMON_NAME),
        serial_number=certificate.serial_number,
        certificate_der=certificate.public_bytes(serialization.Encoding.DER),
        title=_title(certificate),
    )


def _title(certificate: x509.Certificate) -> str:
    return next((str(each.value) for each in certificate.subject.get_attributes_for_oid(NameOID.TITLE)), "")


def _subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    attributes = certificate.subject.get_attributes_for_oid(oid)
    if len(attributes) != 1:
        raise VaultError("vault.cms_signers")
    return str(attributes[0].value)


def _asn1_certificate(der: bytes) -> asn1_x509.Certificate:
    load_certificate(der)
    return asn1_x509.Certificate.load(der, strict=True)


def _demand(is_so: bool) -> None:
    if not is_so:
        raise VaultError("vault.cms_malformed")


# The header beside a sealed file: what the row in the queue needs and the manifest does not say.
#
# Only this kit reads it. It is authenticated for one record, so that no header can be laid beside another file.

BEGIN, END = "-----BEGIN FIELDKIT HEADER-----", "-----END FIELDKIT HEADER-----"
_PURPOSE = "fieldkit sealed header"


class HeaderCipher:
    """Closes and opens headers under a key that follows from the kit's NIK key."""

    def __init__(self, nik_key: bytes) -> None:
        self._cipher = DerivedCipher(nik_key, _PURPOSE)

    def close(self, record_id: str, header: RecordHeader) -> str:
        """Return the block of text that holds a header."""
        content = {
            "target": header.target_id,
            "name": header.masked_name,
            "nik": header.masked_nik,
            "nik_digest": header.nik_digest,
            "place": header.place,
            "card_from": header.card_from.isoformat() if header.card_from else None,
            "exceptions": header.exceptions,
            "amends": header.amends,
        }
        closed = self._cipher.close(json.dumps(content).encode(), record_id.encode())
        lines = textwrap.wrap(base64.b64encode(closed).decode(), 64)
        return "\n".join((BEGIN, *lines, END, ""))

    def open(self, record_id: str, text: str) -> RecordHeader | None:
        """Return the header in a text, None where none is that this kit can read."""
        block = text.partition(BEGIN)[2].partition(END)[0]
        try:
            closed = base64.b64decode("".join(block.split()), validate=True)
            content = json.loads(self._cipher.open(closed, record_id.encode()) or b"")
            return RecordHeader(
                target_id=str(content["target"]),
                masked_name=str(content["name"]),
                masked_nik=str(content["nik"]),
                nik_digest=str(content["nik_digest"]),
                place=str(content["place"]),
                card_from=date.fromisoformat(content["card_from"]) if content["card_from"] else None,
                exceptions=int(content["exceptions"]),
                amends=str(content["amends"]),
            )
        except (ValueError, KeyError, TypeError, binascii.Error):
            return None


# The seal of a record: signed by kit and petugas inside, encrypted for the data center and the recovery outside.


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
        sealed = age.encrypt(sign(container, self._signers, at), self._recipients)
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
        return verify(age.decrypt(sealed, self._identities), self._ca_certificates, at, revoked, seen_at)
