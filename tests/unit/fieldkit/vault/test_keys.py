from __future__ import annotations

import hashlib
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import certificates

NOW = datetime(2026, 8, 1, 3, tzinfo=UTC)


def _pkcs8(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, encoding: serialization.Encoding) -> bytes:
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def test_public_keys_go_to_pem_and_back() -> None:
    public = certificates.public_der(certificates.new_private_key())
    pem = certificates.public_to_pem(public)
    assert pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert certificates.public_from_pem(pem) == public


def test_private_keys_go_to_pem_and_back() -> None:
    private = certificates.new_private_key()
    pem = certificates.private_to_pem(private)
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    assert certificates.private_from_pem(pem) == private
    assert certificates.spki(certificates.load_public(certificates.public_der(private))) == certificates.public_der(
        private
    )


def test_openssl_reads_the_pem(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    file = tmp_path / "key.pem"
    file.write_text(certificates.private_to_pem(certificates.new_private_key()))
    shown = subprocess.run([openssl, "pkey", "-in", file, "-noout", "-text"], capture_output=True, check=True)
    assert b"P-256" in shown.stdout


@pytest.mark.parametrize("kind", ["P-384", "RSA"])
def test_other_kinds_of_keys_are_refused(kind: str) -> None:
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    key = ec.generate_private_key(ec.SECP384R1()) if kind == "P-384" else rsa.generate_private_key(65537, 2048)
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.load_private(_pkcs8(key, serialization.Encoding.DER))
    with pytest.raises(InputError, match=r"vault\.pem_unreadable"):
        certificates.private_from_pem(_pkcs8(key, serialization.Encoding.PEM).decode())
    public = key.public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.load_public(spki)
    name = x509.Name([])
    made = x509.CertificateBuilder(name, name, public, 7, NOW, NOW + timedelta(days=1)).sign(key, hashes.SHA256())
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.certified_key(made)
    assert certificates.certified_id(made.public_bytes(serialization.Encoding.DER)) == ""


@pytest.mark.parametrize("damaged", [b"", b"\x30\x00", certificates.new_private_key()[:-1]])
def test_damaged_keys_and_certificates_are_refused(damaged: bytes) -> None:
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.load_private(damaged)
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.load_public(damaged)
    with pytest.raises(VaultError, match=r"vault\.certificate"):
        certificates.load_certificate(damaged)


@pytest.mark.parametrize("text", ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_unreadable_pem_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"vault\.pem_unreadable"):
        certificates.certificates_from_pem(text)
    with pytest.raises(InputError, match=r"vault\.pem_unreadable"):
        certificates.private_from_pem(text)
    with pytest.raises(VaultError, match=r"vault\.signing_key"):
        certificates.public_from_pem(text)


def test_certificates_go_to_pem_and_back() -> None:
    two = [certificates.create_ca(name, NOW).certificate_der for name in ("Satu", "Dua")]
    assert certificates.certificates_from_pem(certificates.certificates_to_pem(*two)) == tuple(two)


def test_what_a_certificate_says_is_read() -> None:
    ca, private = certificates.create_ca("Dinas Uji", NOW), certificates.new_private_key()
    one, other = (certificates.issue_kit(ca, certificates.make_csr(private), kit, NOW) for kit in ("K01", "K02"))
    read = x509.load_der_x509_certificate(one)
    assert certificates.span_of(one) == (read.not_valid_before_utc, read.not_valid_after_utc)
    assert certificates.serial_number(one) == read.serial_number != certificates.serial_number(other)
    assert (certificates.certified_id(one), certificates.certified_id(other)) == ("K01", "K02")
    assert certificates.spki(certificates.certified_key(read)) == certificates.public_der(private)
    assert certificates.are_of_one_key(one, other)
    assert not certificates.are_of_one_key(one, ca.certificate_der)


def test_fingerprint_is_what_people_compare() -> None:
    text = certificates.fingerprint(b"abc")
    assert text.replace(":", "").lower() == hashlib.sha256(b"abc").hexdigest()
    assert text.startswith("BA:78:16:BF:")
    assert len(text) == 95
