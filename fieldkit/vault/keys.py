"""P-256 keys and certificates as DER, which the store keeps, and PEM, which people and other programs read."""

from __future__ import annotations

import hashlib
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fieldkit.domain.errors import InputError, VaultError


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
