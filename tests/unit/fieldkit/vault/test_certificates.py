from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from support.tokens import Token

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.vault import age, certificates
from fieldkit.vault.certificates import Secret, close_by_passphrase, close_by_token, open_identities, read_identities

NOW = datetime.now(UTC).replace(microsecond=0)
CA = certificates.create_ca("Disdukcapil Kota Contoh", NOW)
KEY = certificates.new_private_key()
CSR = certificates.make_csr(KEY)


def _texts(certificate: x509.Certificate) -> dict[x509.ObjectIdentifier, str]:
    return {attribute.oid: str(attribute.value) for attribute in certificate.subject}


def test_a_kit_certificate_says_who_it_is() -> None:
    certificate = certificates.load_certificate(certificates.issue_kit(CA, CSR, "KIT-07", NOW))
    certificate.verify_directly_issued_by(certificates.load_certificate(CA.certificate_der))
    names = _texts(certificate)
    assert names[NameOID.ORGANIZATIONAL_UNIT_NAME] == "kit"
    assert names[NameOID.SERIAL_NUMBER] == "KIT-07"
    assert names[NameOID.ORGANIZATION_NAME] == "Disdukcapil Kota Contoh"
    assert certificates.spki(certificates.p256(certificate.public_key())) == certificates.public_der(KEY)
    assert certificate.not_valid_before_utc == NOW - timedelta(days=1)
    assert certificate.not_valid_after_utc == NOW + timedelta(days=3 * 365)


def test_a_petugas_certificate_says_who_and_as_what() -> None:
    der = certificates.issue_petugas(CA, CSR, "u-3", "Siti Nur Aminah", "team_lead", NOW)
    names = _texts(certificates.load_certificate(der))
    assert names[NameOID.ORGANIZATIONAL_UNIT_NAME] == "petugas"
    assert (names[NameOID.SERIAL_NUMBER], names[NameOID.COMMON_NAME]) == ("u-3", "Siti Nur Aminah")
    assert names[NameOID.TITLE] == "team_lead"


PETUGAS = certificates.issue_petugas(CA, CSR, "u-3", "Siti", "operator", NOW)
SIGNS = {"digital_signature", "content_commitment"}
USES = ("digital_signature", "content_commitment", "key_cert_sign", "crl_sign")
NO_USES = ("key_encipherment", "data_encipherment", "key_agreement")


@pytest.mark.parametrize(
    ("der", "may", "years"),
    [
        (CA.certificate_der, {"key_cert_sign", "crl_sign"}, 20),
        (certificates.issue_kit(CA, CSR, "KIT-07", NOW), SIGNS, 3),
        (PETUGAS, SIGNS, 2),
        (certificates.issue_again(CA, PETUGAS, NOW), SIGNS, 2),
        (certificates.issue_tls(CA, ["10.0.0.7"], NOW).certificate_der, {"digital_signature"}, 2),
    ],
    ids=["ca", "kit", "petugas", "again", "tls"],
)
def test_only_people_and_kits_sign_content_and_only_the_authority_certificates(
    der: bytes, may: set[str], years: int
) -> None:
    extensions = certificates.load_certificate(der).extensions
    usage = extensions.get_extension_for_class(x509.KeyUsage).value
    assert {use for use in (*USES, *NO_USES) if getattr(usage, use)} == may
    bounds = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (bounds.ca, bounds.path_length) == ((True, 0) if der == CA.certificate_der else (False, None))
    assert {type(each.value) for each in extensions if each.critical} == {x509.KeyUsage, x509.BasicConstraints}
    assert certificates.valid_until(der) == NOW + timedelta(days=365 * years)


def test_who_is_certified_again_keeps_key_name_and_role() -> None:
    again = certificates.issue_again(CA, PETUGAS, NOW + timedelta(days=300))
    assert _texts(certificates.load_certificate(again)) == _texts(certificates.load_certificate(PETUGAS))
    assert certificates.certificate_key(again) == certificates.public_der(KEY)


def test_a_very_long_name_is_shortened() -> None:
    long = "Raden " * 20
    der = certificates.issue_petugas(certificates.create_ca(long, NOW), CSR, "u-3", long, long, NOW)
    texts = _texts(certificates.load_certificate(der))
    assert {texts[oid] for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.TITLE)} == {long[:64]}


def test_the_hosts_and_the_end_of_a_certificate_can_be_read() -> None:
    hosts = ["pusat.dinas.example", "10.0.0.7", "::1"]
    tls = certificates.issue_tls(CA, hosts, NOW)
    assert certificates.hosts_of(tls.certificate_der) == hosts
    assert certificates.hosts_of(CA.certificate_der) == []
    assert certificates.valid_until(tls.certificate_der) == NOW + timedelta(days=730)
    renewed = certificates.certify_tls(CA, tls.private_der, hosts, NOW + timedelta(days=700))
    assert certificates.certificate_key(renewed) == certificates.certificate_key(tls.certificate_der)


def test_a_request_tells_its_key() -> None:
    assert certificates.requested_key(CSR) == certificates.public_der(KEY)
    with pytest.raises(InputError):
        certificates.requested_key(b"no csr")


def test_every_certificate_has_its_own_serial_number() -> None:
    issued = [certificates.load_certificate(certificates.issue_kit(CA, CSR, "KIT-07", NOW)) for _ in range(5)]
    assert len({certificate.serial_number for certificate in issued}) == 5


def test_the_subject_of_a_request_is_not_believed() -> None:
    forged = x509.CertificateSigningRequestBuilder().subject_name(
        x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "petugas")])
    )
    csr = forged.sign(certificates.load_private(KEY), hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    certificate = certificates.load_certificate(certificates.issue_kit(CA, csr, "KIT-07", NOW))
    assert _texts(certificate)[NameOID.ORGANIZATIONAL_UNIT_NAME] == "kit"


def _other_curve() -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    csr = builder.sign(ec.generate_private_key(ec.SECP384R1()), hashes.SHA256())
    return csr.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize("csr", [b"", CSR[:-1], CSR[:-1] + bytes([CSR[-1] ^ 1]), CSR + b"\0", _other_curve()])
def test_a_request_that_proves_nothing_is_refused(csr: bytes) -> None:
    with pytest.raises(InputError, match=r"vault\.csr"):
        certificates.issue_kit(CA, csr, "KIT-07", NOW)


def test_openssl_accepts_the_chain_for_mail_and_client(tmp_path: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    ca, leaf = tmp_path / "ca.pem", tmp_path / "leaf.pem"
    ca.write_text(certificates.certificates_to_pem(CA.certificate_der))
    leaf.write_text(certificates.certificates_to_pem(certificates.issue_kit(CA, CSR, "KIT-07", NOW)))
    for purpose in ("smimesign", "sslclient"):
        command = [openssl, "verify", "-x509_strict", "-purpose", purpose, "-CAfile", ca, leaf]
        assert subprocess.run(command, capture_output=True, check=True).stdout.endswith(b": OK\n")
    command = [openssl, "verify", "-purpose", "sslserver", "-CAfile", ca, leaf]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0


def test_tls_certificates_carry_names_and_addresses() -> None:
    issued = certificates.issue_tls(CA, ["gateway.example", "127.0.0.1", "::1"], NOW)
    names = certificates.load_certificate(issued.certificate_der).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["gateway.example"]
    assert names.value.get_values_for_type(x509.IPAddress) == [
        ipaddress.ip_address("127.0.0.1"),
        ipaddress.ip_address("::1"),
    ]


def test_a_tls_connection_stands_on_it(tmp_path: Path) -> None:
    issued = certificates.issue_tls(CA, ["127.0.0.1"], NOW)
    chain, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    chain.write_text(certificates.certificates_to_pem(issued.certificate_der))
    key.write_text(certificates.private_to_pem(issued.private_der))
    server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_context.load_cert_chain(chain, key)
    client_context = ssl.create_default_context(cadata=certificates.certificates_to_pem(CA.certificate_der))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT

    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with server_context.wrap_socket(connection, server_side=True) as secured:
            secured.sendall(b"halo")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=serve, args=(listener,))
        server.start()
        with (
            socket.create_connection(listener.getsockname(), timeout=120) as plain,
            client_context.wrap_socket(plain, server_hostname="127.0.0.1") as secured,
        ):
            assert secured.recv(4) == b"halo"
        server.join()


def test_only_the_authority_itself_is_the_same_authority() -> None:
    ca = certificates.create_ca("Dinas Uji", NOW)
    later = certificates.renew_ca(ca, NOW + timedelta(days=400))
    assert certificates.is_same_authority(later, ca.certificate_der)
    assert certificates.valid_until(later) > certificates.valid_until(ca.certificate_der)
    tls = certificates.issue_tls(ca, ["gateway.example"], NOW).certificate_der
    for other in (certificates.create_ca("Dinas Uji", NOW).certificate_der, tls):
        assert not certificates.is_same_authority(other, ca.certificate_der)
    # Signed by the authority, with its name or its key only.
    known, private = certificates.load_certificate(ca.certificate_der), certificates.load_private(ca.private_der)
    for name, key in ((known.subject, certificates.load_private(KEY)), (x509.Name([]), private)):
        half = x509.CertificateBuilder(known.subject, name, key.public_key(), 7, NOW, NOW + timedelta(days=1))
        der = half.sign(private, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        assert not certificates.is_same_authority(der, ca.certificate_der)
    # The name and the key without a signature by that key, as anybody can write them down.
    forged = bytearray(later)
    forged[-1] ^= 1
    assert not certificates.is_same_authority(bytes(forged), ca.certificate_der)


IDENTITY = age.generate_identity()
PLAIN = f"# public key: {IDENTITY.recipient}\n{IDENTITY.secret_text}\n".encode()


def kept(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "opener.identity"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def nobody(secret: Secret) -> str:
    raise AssertionError(secret)


def says(word: str, expected: Secret) -> Callable[[Secret], str]:
    def answer(secret: Secret) -> str:
        assert secret is expected
        return word

    return answer


def test_a_plain_file_asks_for_nothing(tmp_path: Path) -> None:
    assert read_identities(kept(tmp_path, PLAIN), nobody) == (IDENTITY,)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(InputError) as caught:
        read_identities(kept(tmp_path, PLAIN, mode), nobody)
    assert caught.value.code == "vault.identity_readable"


def test_a_file_that_is_not_there_or_no_identity_is_named(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "nothing", "vault.identity_absent"),
        (tmp_path, "vault.identity_absent"),
        (kept(tmp_path, b"hello"), "vault.age_identity"),
    ):
        path.chmod(0o700 if path.is_dir() else 0o600) if path.exists() else None
        with pytest.raises(InputError) as caught:
            read_identities(path, nobody)
        assert caught.value.code == code


@pytest.mark.timeout(60)
def test_a_link_to_a_mounted_secret_is_read_and_nobody_waits_for_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(kept(tmp_path, PLAIN))
    assert read_identities(tmp_path / "link", nobody) == open_identities(tmp_path / "link") == (IDENTITY,)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(InputError) as caught:
        read_identities(tmp_path / "pipe", nobody)
    assert caught.value.code == "vault.identity_absent"
    with pytest.raises(OSError, match="not supported"):
        open_identities(tmp_path / "pipe")


def test_a_passphrase_opens_and_another_does_not(tmp_path: Path) -> None:
    path = kept(tmp_path, close_by_passphrase(PLAIN, "beras merah pagi", log_n=4))
    assert IDENTITY.secret_text.encode() not in path.read_bytes()
    assert read_identities(path, says("beras merah pagi", Secret.PASSPHRASE)) == (IDENTITY,)
    with pytest.raises(InputError) as caught:
        read_identities(path, says("beras merah sore", Secret.PASSPHRASE))
    assert caught.value.code == "vault.identity_passphrase"


def test_a_guess_costs_what_age_itself_asks() -> None:
    assert certificates._LOG_N == 18


def test_what_was_sealed_for_a_recipient_is_no_identity_file(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_identities(kept(tmp_path, age.encrypt(PLAIN, [IDENTITY.recipient])), nobody)
    assert caught.value.code == "vault.age_identity"


def test_only_identities_are_closed(token: Token) -> None:
    for close in (
        lambda: close_by_passphrase(b"hello", "x", log_n=4),
        lambda: close_by_token(b"hello", token.key, token.pin),
    ):
        with pytest.raises(InputError) as caught:
            close()
        assert caught.value.code == "vault.age_identity"


def test_a_token_opens_what_it_closed(tmp_path: Path, token: Token) -> None:
    path = kept(tmp_path, close_by_token(PLAIN, token.key, token.pin))
    assert IDENTITY.secret_text.encode() not in path.read_bytes()
    assert read_identities(path, says(token.pin, Secret.PIN)) == (IDENTITY,)
    with pytest.raises(VaultError) as caught:
        read_identities(path, says("999999", Secret.PIN))
    assert caught.value.code == "vault.token_pin"


def test_what_is_locked_is_named_where_nobody_can_be_asked(tmp_path: Path, token: Token) -> None:
    assert open_identities(kept(tmp_path, PLAIN)) == (IDENTITY,)
    for locked in (close_by_passphrase(PLAIN, "x", log_n=4), close_by_token(PLAIN, token.key, token.pin)):
        with pytest.raises(InputError) as caught:
            open_identities(kept(tmp_path, locked))
        assert caught.value.code == "vault.identity_locked"


@pytest.mark.parametrize("harm", [lambda text: text[:-6] + b"AAAA\n\n", lambda text: text.replace(b"pkcs11:", b"x:")])
def test_a_damaged_file_of_a_token_is_no_identity_file(
    tmp_path: Path, token: Token, harm: Callable[[bytes], bytes]
) -> None:
    path = kept(tmp_path, harm(close_by_token(PLAIN, token.key, token.pin)))
    with pytest.raises(InputError) as caught:
        read_identities(path, says(token.pin, Secret.PIN))
    assert caught.value.code == "vault.age_identity"
