"""Keys of a device provider and of its devices, and compact JWS in RS256 (RFC 7515)."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


def base64url(data: bytes) -> str:
    """Return unpadded base64url."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class DeviceKey:
    """The signing key of one device with its certificate chain, leaf first."""

    def __init__(self, key: rsa.RSAPrivateKey, chain: tuple[x509.Certificate, ...]) -> None:
        self._key = key
        x5c = [base64.b64encode(link.public_bytes(serialization.Encoding.DER)).decode() for link in chain]
        self._header = base64url(json.dumps({"x5c": x5c, "alg": "RS256", "typ": "JWT"}).encode())

    def sign(self, payload: Mapping[str, object]) -> str:
        """Return the compact JWS of a payload."""
        signed = f"{self._header}.{base64url(json.dumps(payload).encode())}"
        return f"{signed}.{base64url(self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Provider:
    """A device provider: a certification authority that certifies its devices."""

    def __init__(self, key: rsa.RSAPrivateKey, certificate: x509.Certificate) -> None:
        self._key = key
        self._certificate = certificate

    @classmethod
    def create(cls, name: str, now: dt.datetime) -> Provider:
        """Make a new authority."""
        key = rsa.generate_private_key(65537, 2048)
        subject = _name(name)
        draft = _draft(subject, subject, key, key.public_key(), now, 3650)
        draft = draft.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        draft = draft.add_extension(_usage(is_ca=True), critical=True)
        return cls(key, draft.sign(key, hashes.SHA256()))

    @classmethod
    def load(cls, pem: bytes) -> Provider:
        """Take a given authority: private key and certificate in one PEM."""
        key = serialization.load_pem_private_key(pem, None)
        if not isinstance(key, rsa.RSAPrivateKey):
            raise ValueError("a device provider signs with RSA")
        return cls(key, x509.load_pem_x509_certificate(pem))

    def to_pem(self) -> bytes:
        """Return key and certificate, to be given to `load`."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return private + self.certificate_pem

    @property
    def certificate_pem(self) -> bytes:
        """Return what a kit pins."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    def certify(self, device: str, now: dt.datetime) -> DeviceKey:
        """Make the key of a device."""
        key = rsa.generate_private_key(65537, 2048)
        draft = _draft(_name(device), self._certificate.subject, self._key, key.public_key(), now, 365)
        draft = draft.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        draft = draft.add_extension(_usage(is_ca=False), critical=True)
        return DeviceKey(key, (draft.sign(self._key, hashes.SHA256()), self._certificate))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "ID"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Perangkat Simulasi"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _draft(
    subject: x509.Name,
    issuer: x509.Name,
    issuer_key: rsa.RSAPrivateKey,
    public_key: rsa.RSAPublicKey,
    now: dt.datetime,
    days: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
