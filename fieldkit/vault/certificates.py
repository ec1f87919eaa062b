"""The small certificate authority of a dinas: kits, petugas and the TLS name of its gateway, all on P-256.

Subjects are written by the authority, never taken from a request. OU says the role in a seal, serialNumber the id.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from fieldkit.domain.errors import InputError
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault.keys import certified_key, load_certificate, load_private, new_private_key, spki

_CA_YEARS, _KIT_YEARS, _PETUGAS_YEARS, _TLS_YEARS = 20, 3, 2, 2
# The clock of a laptop in the field may be behind; a certificate must not begin in its future.
_BACKDATED = timedelta(days=1)
_SIGNS_MAIL_AND_IN = (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.CLIENT_AUTH)


def make_csr(private_der: bytes) -> bytes:
    """Return a certificate request (PKCS #10 DER) that proves possession of the key and says nothing else."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(load_private(private_der), hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def create_ca(organization: str, now: datetime) -> SigningKey:
    """Make the authority of a dinas: key and self-signed certificate."""
    private_der = new_private_key()
    name = _name(organization, f"CA {organization}")
    return SigningKey(_certify_ca(private_der, name, now - _BACKDATED, now), private_der)


def renew_ca(ca: SigningKey, now: datetime) -> bytes:
    """Certify the authority's own key anew. Return DER.

    It begins when the old one began: what was sealed since then is judged by the time of its seal.
    """
    old = load_certificate(ca.certificate_der)
    return _certify_ca(ca.private_der, old.subject, old.not_valid_before_utc, now)


def is_same_authority(certificate_der: bytes, known_der: bytes) -> bool:
    """Return whether a certificate is of the known authority itself: its name and its key, signed by that key."""
    certificate, known = load_certificate(certificate_der), load_certificate(known_der)
    try:
        certificate.verify_directly_issued_by(known)
    except (ValueError, TypeError, InvalidSignature):
        return False
    same_name = certificate.subject == certificate.issuer == known.subject
    return same_name and certificate.public_key() == known.public_key()


def _certify_ca(private_der: bytes, name: x509.Name, since: datetime, now: datetime) -> bytes:
    private = load_private(private_der)
    certificate = (
        _builder(name, name, private.public_key(), since, now + timedelta(days=365 * _CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.DER)


def issue_kit(ca: SigningKey, csr_der: bytes, kit_id: str, now: datetime) -> bytes:
    """Certify the key of a kit for seals and for signing in at the gateway. Return DER."""
    subject = _name(_organization(ca), kit_id, role=SignerRole.KIT, signer_id=kit_id)
    return _issue(ca, subject, _requested_key(csr_der), now, _KIT_YEARS, _SIGNS_MAIL_AND_IN)


def issue_petugas(ca: SigningKey, csr_der: bytes, user_id: str, name: str, role: str, now: datetime) -> bytes:
    """Certify the key of a person for seals; `role` ("operator" …) is kept as the title. Return DER."""
    subject = _name(_organization(ca), name, role=SignerRole.PETUGAS, signer_id=user_id, title=role)
    return _issue(ca, subject, _requested_key(csr_der), now, _PETUGAS_YEARS, _SIGNS_MAIL_AND_IN)


def issue_again(ca: SigningKey, certificate_der: bytes, now: datetime) -> bytes:
    """Certify the person of an older certificate anew, with the same key, name and role. Return DER."""
    older = load_certificate(certificate_der)
    return _issue(ca, older.subject, certified_key(older), now, _PETUGAS_YEARS, _SIGNS_MAIL_AND_IN)


def issue_tls(ca: SigningKey, hosts: Sequence[str], now: datetime) -> SigningKey:
    """Make key and certificate of the gateway for its host names and IP addresses."""
    private_der = new_private_key()
    return SigningKey(certify_tls(ca, private_der, hosts, now), private_der)


def certify_tls(ca: SigningKey, private_der: bytes, hosts: Sequence[str], now: datetime) -> bytes:
    """Certify a key of the gateway for its host names and IP addresses. Return DER."""
    subject, public = _name(_organization(ca), hosts[0]), load_private(private_der).public_key()
    return _issue(ca, subject, public, now, _TLS_YEARS, (ExtendedKeyUsageOID.SERVER_AUTH,), hosts)


def requested_key(csr_der: bytes) -> bytes:
    """Return the key that a request asks for, SubjectPublicKeyInfo DER. Raise `InputError` `vault.csr`."""
    return spki(_requested_key(csr_der))


def certificate_key(certificate_der: bytes) -> bytes:
    """Return the key that a certificate names, SubjectPublicKeyInfo DER. Raise `VaultError`."""
    return spki(certified_key(load_certificate(certificate_der)))


def valid_until(certificate_der: bytes) -> datetime:
    """Return the end of a certificate. Raise `VaultError`."""
    return load_certificate(certificate_der).not_valid_after_utc


def hosts_of(certificate_der: bytes) -> list[str]:
    """Return the host names and addresses of a TLS certificate, as they were asked for. Raise `VaultError`."""
    try:
        names = load_certificate(certificate_der).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names.value]


def _issue(
    ca: SigningKey,
    subject: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    years: int,
    uses: Sequence[ObjectIdentifier],
    hosts: Sequence[str] = (),
) -> bytes:
    authority, authority_key = load_certificate(ca.certificate_der), load_private(ca.private_der)
    builder = (
        _builder(subject, authority.subject, public, now - _BACKDATED, now + timedelta(days=365 * years))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, content_commitment=not hosts), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False)
    return builder.sign(authority_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, since: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )


def _requested_key(csr_der: bytes) -> ec.EllipticCurvePublicKey:
    try:
        csr = x509.load_der_x509_csr(csr_der)
        key = csr.public_key()
        is_proven = csr.is_signature_valid
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise InputError("vault.csr") from error
    if not is_proven or not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError("vault.csr")
    return key


def _organization(ca: SigningKey) -> str:
    names = load_certificate(ca.certificate_der).subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value)


def _name(organization: str, common_name: str, *, role: str = "", signer_id: str = "", title: str = "") -> x509.Name:
    # X.520 allows 64 characters in each of these; a longer name is shortened rather than refused.
    parts = (
        (NameOID.COUNTRY_NAME, "ID"),
        (NameOID.ORGANIZATION_NAME, organization[:64]),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, role),
        (NameOID.TITLE, title[:64]),
        (NameOID.SERIAL_NUMBER, signer_id),
        (NameOID.COMMON_NAME, common_name[:64]),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts if text])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
