"""A certificate authority that lives as long as the simulator: TLS, signers and the clock that certifies times."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

_LIFE = timedelta(days=30)
_BACKDATED = timedelta(days=1)
_DER, _PEM = serialization.Encoding.DER, serialization.Encoding.PEM
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Certified:
    """A key and its certificate, DER and PKCS #8 DER."""

    certificate: bytes
    private: bytes = field(repr=False)

    @property
    def pem(self) -> bytes:
        """Certificate and key as PEM, as a TLS server loads them."""
        key = serialization.load_der_private_key(self.private, None)
        private = key.private_bytes(_PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return x509.load_der_x509_certificate(self.certificate).public_bytes(_PEM) + private


class Authority:
    """Issues short-lived certificates in the name of a demo authority."""

    def __init__(self, name: str, now: datetime) -> None:
        self._now = now
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        builder = self._builder(self._name, self._key.public_key())
        self._certificate = (
            builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(key_cert_sign=True), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate, DER."""
        return self._certificate.public_bytes(_DER)

    @property
    def pem(self) -> str:
        """The authority's own certificate, PEM."""
        return self._certificate.public_bytes(_PEM).decode("ascii")

    def signer(self, name: str) -> Certified:
        """Certify a person for signatures on documents."""
        return self._issue(name, ec.generate_private_key(ec.SECP256R1()), _usage(content_commitment=True), ())

    def timestamps(self, name: str) -> Certified:
        """Certify a clock. RSA, because pyHanko's own timestamper knows nothing else."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return self._issue(name, key, _usage(content_commitment=True), (ExtendedKeyUsageOID.TIME_STAMPING,))

    def server(self, host: str) -> Certified:
        """Certify a TLS server at an IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._issue(host, key, _usage(), (ExtendedKeyUsageOID.SERVER_AUTH,), host)

    def _issue(
        self, name: str, key: PrivateKey, usage: x509.KeyUsage, uses: Sequence[ObjectIdentifier], host: str = ""
    ) -> Certified:
        builder = (
            self._builder(_name(name), key.public_key())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        if uses:
            is_timestamp = ExtendedKeyUsageOID.TIME_STAMPING in uses  # RFC 3161 §2.3: critical
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=is_timestamp)
        if host:
            address = x509.IPAddress(ipaddress.ip_address(host))
            builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(_DER)
        private = key.private_bytes(_DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return Certified(certificate, private)

    def _builder(
        self, subject: x509.Name, public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey
    ) -> x509.CertificateBuilder:
        issuer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _BACKDATED)
            .not_valid_after(self._now + _LIFE)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        )


def _name(common_name: str) -> x509.Name:
    parts = (
        (NameOID.COUNTRY_NAME, "ID"),
        (NameOID.ORGANIZATION_NAME, "Demo tanda tangan elektronik"),
        (NameOID.COMMON_NAME, common_name[:64]),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _usage(*, content_commitment: bool = False, key_cert_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not key_cert_sign,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=key_cert_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
