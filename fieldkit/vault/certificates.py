"""The small certificate authority of a dinas: kits, petugas and the TLS name of its gateway, all on P-256.

Subjects are written by the authority, never taken from a request. OU says the role in a seal, serialNumber the id.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import os
import re
import stat
import sys
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.media.place import Place
from fieldkit.ports.vault import SignerRole, SigningKey
from fieldkit.vault import age, age_code
from fieldkit.vault.token import TokenKey

# A file with private age keys: plain, behind a passphrase, or closed by the key of a PKCS#11 token.
#
# Behind a passphrase it is an age file that `age -d` opens too. However it lies on the disk, the process that opens
# records holds the keys in its memory: no token can do the post-quantum half of the seal yet.

_IN_TOKEN = "fieldkit identity in a token"
_CLOSED = re.compile(rf"{_IN_TOKEN}\n(pkcs11:[^\n]+)\n([A-Za-z0-9+/=]+)\n", re.ASCII)
_AGE = b"age-encryption.org/v1\n"
_LOG_N = 18  # 256 MiB and a second: the passphrase of a person, asked for once a start; age's own default
_MOST_BYTES = 64 * 1024


class Secret(StrEnum):
    """What a person or a file beside must say before an identity file opens."""

    PASSPHRASE = "passphrase"
    PIN = "pin"


def read_identities(path: Path, secret: Callable[[Secret], str]) -> tuple[age.Identity, ...]:
    """Return the keys of a file; `secret` is asked only for what the file needs.

    Raise `InputError`: `vault.identity_absent`, `vault.identity_readable` (others than its owner may read it),
    `vault.age_identity` (no identity file), `vault.identity_passphrase`; `VaultError`: `vault.token_…`.
    """
    content = private_bytes(path)
    if content.startswith(_AGE):
        content = _decrypted(content, secret)
    elif content.startswith(_IN_TOKEN.encode()):
        key, closed = _in_token(content)
        content = key.open(closed, secret(Secret.PIN))
    return age.parse_identities(content.decode("ascii", "replace"))


def open_identities(path: Path) -> tuple[age.Identity, ...]:
    """Return the keys of a file that nothing locks, for what starts without anybody to ask.

    Raise `FileNotFoundError`, `InputError` `vault.identity_locked` and `vault.age_identity`.
    """
    content = Place.led_to(path).read(_MOST_BYTES)
    if content.startswith((_AGE, _IN_TOKEN.encode())):
        raise InputError("vault.identity_locked", file=str(path))
    return age.parse_identities(content.decode("ascii", "replace"))


def close_by_passphrase(identities: bytes, passphrase: str, log_n: int = _LOG_N) -> bytes:
    """Return an identity file that a passphrase opens; 2^`log_n` is what each guess costs. Raise `InputError`."""
    age.parse_identities(identities.decode("ascii", "replace"))
    return age_code.encrypt(identities, passphrase, log_n)


def close_by_token(identities: bytes, key: TokenKey, pin: str) -> bytes:
    """Return an identity file that only the token opens; its key is made when it is not there.

    Raise `InputError` `vault.age_identity`, `VaultError` `vault.token_…`.
    """
    age.parse_identities(identities.decode("ascii", "replace"))
    key.make(pin)
    closed = base64.b64encode(key.close(identities, pin)).decode()
    return f"{_IN_TOKEN}\n{key}\n{closed}\n".encode()


def private_bytes(path: Path) -> bytes:
    """Return the content of a file that nobody but its owner may touch. Raise `InputError` as `read_identities`."""
    try:
        with Place.led_to(path).open() as file:  # it may be a link to a mounted secret
            mode = os.fstat(file.fileno()).st_mode
            if sys.platform != "win32" and stat.S_IMODE(mode) & 0o077:
                raise InputError("vault.identity_readable", file=str(path))
            return file.read(_MOST_BYTES)
    except OSError as error:  # not there, not ours to read, or no file: nobody waits for a pipe
        raise InputError("vault.identity_absent", file=str(path)) from error


def _decrypted(content: bytes, secret: Callable[[Secret], str]) -> bytes:
    if not age_code.wants_code(content):
        raise InputError("vault.age_identity")
    try:
        return age_code.decrypt(content, secret(Secret.PASSPHRASE))
    except VaultError as error:
        if error.code == "vault.age_no_identity":
            raise InputError("vault.identity_passphrase") from error
        raise InputError("vault.age_identity") from error


def _in_token(content: bytes) -> tuple[TokenKey, bytes]:
    found = _CLOSED.fullmatch(content.decode("ascii", "replace"))
    if found is None:
        raise InputError("vault.age_identity")
    try:
        return TokenKey.parse(found[1]), base64.b64decode(found[2], validate=True)
    except binascii.Error as error:
        raise InputError("vault.age_identity") from error


# P-256 keys and certificates as DER, which the store keeps, and PEM, which people and other programs read.


def new_private_key() -> bytes:
    """Make a P-256 key, PKCS #8 DER. It is kept only inside the encrypted store or a key slot."""
    return _private_bytes(ec.generate_private_key(ec.SECP256R1()), serialization.Encoding.DER)


def load_private(der: bytes) -> ec.EllipticCurvePrivateKey:
    """Read a P-256 key from PKCS #8 DER. Raise `VaultError` `vault.signing_key`."""
    try:
        key = serialization.load_der_private_key(der, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise VaultError("vault.signing_key") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise VaultError("vault.signing_key")
    return key


def load_public(der: bytes) -> ec.EllipticCurvePublicKey:
    """Read a P-256 public key from SubjectPublicKeyInfo DER. Raise `VaultError` `vault.signing_key`."""
    try:
        return p256(serialization.load_der_public_key(der))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise VaultError("vault.signing_key") from error


def p256(key: object) -> ec.EllipticCurvePublicKey:
    """Return the key when it is a public key on P-256. Raise `VaultError` `vault.signing_key`."""
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise VaultError("vault.signing_key")
    return key


def public_der(private_der: bytes) -> bytes:
    """Return SubjectPublicKeyInfo DER of a private key."""
    return spki(load_private(private_der).public_key())


def spki(public: ec.EllipticCurvePublicKey) -> bytes:
    """Return SubjectPublicKeyInfo DER."""
    return public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def public_to_pem(public: bytes) -> str:
    """Return a public key (SubjectPublicKeyInfo DER) as PEM."""
    key = p256(serialization.load_der_public_key(public))
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def public_from_pem(pem: str) -> bytes:
    """Return SubjectPublicKeyInfo DER. Raise `VaultError` `vault.signing_key`."""
    try:
        return spki(p256(serialization.load_pem_public_key(pem.encode())))
    except ValueError as error:
        raise VaultError("vault.signing_key") from error


def private_to_pem(private_der: bytes) -> str:
    """Write a private key for a file that only its owner may read."""
    return _private_bytes(load_private(private_der), serialization.Encoding.PEM).decode()


def private_from_pem(pem: str) -> bytes:
    """Read a private key from PEM. Raise `InputError` `vault.pem_unreadable`."""
    try:
        key = serialization.load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InputError("vault.pem_unreadable") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise InputError("vault.pem_unreadable")
    return _private_bytes(key, serialization.Encoding.DER)


def load_certificate(der: bytes) -> x509.Certificate:
    """Read a certificate. Raise `VaultError` `vault.certificate`."""
    try:
        return x509.load_der_x509_certificate(der)
    except (ValueError, x509.InvalidVersion) as error:
        raise VaultError("vault.certificate") from error


def span_of(certificate_der: bytes) -> tuple[datetime, datetime]:
    """Return the first and the last moment at which a certificate counts. Raise `VaultError` `vault.certificate`."""
    certificate = load_certificate(certificate_der)
    return certificate.not_valid_before_utc, certificate.not_valid_after_utc


def serial_number(certificate_der: bytes) -> int:
    """Return the serial number of a certificate, as revocations name it. Raise `VaultError`."""
    return load_certificate(certificate_der).serial_number


def certified_id(certificate_der: bytes) -> str:
    """Return the id that a certificate was issued to, "" when it names none."""
    ids = load_certificate(certificate_der).subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)
    return str(ids[0].value) if ids else ""


def certified_key(certificate: x509.Certificate) -> ec.EllipticCurvePublicKey:
    """Return the P-256 key that a certificate names. Raise `VaultError` `vault.signing_key`."""
    try:
        return p256(certificate.public_key())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise VaultError("vault.signing_key") from error


def certificates_to_pem(*certificates_der: bytes) -> str:
    """Write certificates one after the other."""
    pems = (load_certificate(der).public_bytes(serialization.Encoding.PEM) for der in certificates_der)
    return b"".join(pems).decode()


def certificates_from_pem(pem: str) -> tuple[bytes, ...]:
    """Read one or more certificates as DER. Raise `InputError` `vault.pem_unreadable`."""
    try:
        certificates = x509.load_pem_x509_certificates(pem.encode())
    except (ValueError, x509.InvalidVersion) as error:
        raise InputError("vault.pem_unreadable") from error
    return tuple(certificate.public_bytes(serialization.Encoding.DER) for certificate in certificates)


def are_of_one_key(one_der: bytes, other_der: bytes) -> bool:
    """Return whether two certificates are for the same key. Raise `VaultError` `vault.certificate`."""
    return load_certificate(one_der).public_key() == load_certificate(other_der).public_key()


def fingerprint(der: bytes) -> str:
    """Return SHA-256 of a certificate as people compare it: `AB:CD:…`, 32 pairs of hex digits."""
    return hashlib.sha256(der).digest().hex(":").upper()


def _private_bytes(key: ec.EllipticCurvePrivateKey, encoding: serialization.Encoding) -> bytes:
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


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
