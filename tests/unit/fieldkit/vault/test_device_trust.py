from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.ports.devices import ProtocolError, SampleVerifier
from fieldkit.vault.device_trust import DeviceTrust, SealedProofs, encode_part, pinned_pem

NOW = datetime(2026, 8, 1, 3, tzinfo=UTC)
PAYLOAD: dict[str, object] = {"deviceCode": "SLAP-1", "bioValue": "AAAA"}
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def certify(
    name: str,
    key: Private,
    issuer: tuple[x509.Certificate, Private] | None,
    *,
    ca: bool | None,
    path_length: int | None = None,
    at: datetime = NOW,
    signs: bool | None = None,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=30))
        .not_valid_after(at + timedelta(days=30))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, path_length), critical=True)
    if signs is not None:
        usage = x509.KeyUsage(signs, False, False, False, False, bool(ca), False, False, False)
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer[1] if issuer else key, hashes.SHA256())


ROOT_KEY, DEVICE_KEY = rsa.generate_private_key(65537, 2048), rsa.generate_private_key(65537, 2048)
SUB_KEY, EC_KEY = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
ROOT = certify("Provider", ROOT_KEY, None, ca=True)
SUB = certify("Provider Sub", SUB_KEY, (ROOT, ROOT_KEY), ca=True, path_length=0)
DEVICE = certify("Device", DEVICE_KEY, (ROOT, ROOT_KEY), ca=False)
TRUST: SampleVerifier = DeviceTrust([ROOT], lambda: NOW)


def token(
    key: Private,
    *chain: x509.Certificate,
    alg: str = "RS256",
    payload: dict[str, object] = PAYLOAD,
    **header: object,
) -> str:
    x5c = [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in chain]
    return jwt.encode(payload, key, algorithm=alg, headers={"x5c": x5c, **header})


def refused(jws: str, *anchors: x509.Certificate, at: datetime = NOW) -> str:
    with pytest.raises(ProtocolError) as caught:
        DeviceTrust(anchors or [ROOT], lambda: at).verify_jws(jws)
    return caught.value.code


def believed(jws: str, *anchors: x509.Certificate) -> bytes:
    payload, leaf = DeviceTrust(anchors or [ROOT], lambda: NOW).verify_jws(jws)
    assert payload == PAYLOAD
    return leaf


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_a_device_of_a_pinned_provider_is_believed(alg: str) -> None:
    jws = token(DEVICE_KEY, DEVICE, alg=alg)
    assert TRUST.verify_jws(jws) == (PAYLOAD, DEVICE.public_bytes(serialization.Encoding.DER))
    assert believed(token(DEVICE_KEY, DEVICE, ROOT, alg=alg))


def test_es256_and_a_chain_over_a_subordinate_authority() -> None:
    leaf = certify("Device", EC_KEY, (SUB, SUB_KEY), ca=False, signs=True)
    assert believed(token(EC_KEY, leaf, SUB, alg="ES256"))
    assert believed(token(EC_KEY, leaf, SUB, ROOT, alg="ES256"))
    assert believed(token(EC_KEY, leaf, alg="ES256"), SUB)
    assert refused(token(EC_KEY, leaf, alg="ES256")) == "device.jws_untrusted"


def test_a_pinned_device_certificate_is_believed_itself_only() -> None:
    pinned = certify("Device", DEVICE_KEY, None, ca=False)
    assert believed(token(DEVICE_KEY, pinned), pinned)
    child = certify("Child", EC_KEY, (pinned, DEVICE_KEY), ca=False)
    assert refused(token(EC_KEY, child, pinned, alg="ES256"), pinned) == "device.jws_untrusted"


def test_a_plain_old_certificate_without_extensions_is_believed() -> None:
    root = certify("Old Root", ROOT_KEY, None, ca=None)
    assert believed(token(DEVICE_KEY, certify("Old", DEVICE_KEY, (root, ROOT_KEY), ca=None)), root)


def test_strangers_are_not_believed() -> None:
    self_signed = certify("Device", DEVICE_KEY, None, ca=False)
    assert refused(token(DEVICE_KEY, self_signed)) == "device.jws_untrusted"
    namesake = certify("Provider", DEVICE_KEY, None, ca=True)
    forged = certify("Device", EC_KEY, (namesake, DEVICE_KEY), ca=False)
    assert refused(token(EC_KEY, forged, namesake, alg="ES256")) == "device.jws_untrusted"
    with pytest.raises(ProtocolError, match=r"device\.jws_untrusted"):
        DeviceTrust([], lambda: NOW).verify_jws(token(DEVICE_KEY, DEVICE))


def test_a_device_is_no_authority() -> None:
    for ca in (False, None):
        middle = certify("Middle", DEVICE_KEY, (ROOT, ROOT_KEY), ca=ca)
        leaf = certify("Device", EC_KEY, (middle, DEVICE_KEY), ca=False)
        assert refused(token(EC_KEY, leaf, middle, alg="ES256")) == "device.jws_untrusted"


def test_path_length_and_key_usage_are_kept() -> None:
    deeper_key = ec.generate_private_key(ec.SECP256R1())
    deeper = certify("Deeper", deeper_key, (SUB, SUB_KEY), ca=True)
    leaf = certify("Device", EC_KEY, (deeper, deeper_key), ca=False)
    assert refused(token(EC_KEY, leaf, deeper, SUB, alg="ES256")) == "device.jws_untrusted"
    silent = certify("Device", EC_KEY, (ROOT, ROOT_KEY), ca=False, signs=False)
    assert refused(token(EC_KEY, silent, alg="ES256")) == "device.jws_signature"


@pytest.mark.parametrize("days", [-31, 31])
def test_every_certificate_must_be_valid_at_the_time(days: int) -> None:
    at = NOW + timedelta(days=days)
    assert refused(token(DEVICE_KEY, DEVICE), at=at) == "device.jws_expired"
    fresh = certify("Device", DEVICE_KEY, (ROOT, ROOT_KEY), ca=False, at=at)
    assert refused(token(DEVICE_KEY, fresh), at=at) == "device.jws_expired"


@pytest.mark.parametrize(
    ("claim", "minutes", "is_believed"),
    [("nbf", 5, True), ("nbf", 6, False), ("iat", 6, False), ("exp", -4, True), ("exp", -5, False), ("exp", 9, True)],
)
def test_what_a_device_signed_for_another_time_is_refused(claim: str, minutes: int, is_believed: bool) -> None:
    said = {**PAYLOAD, claim: int((NOW + timedelta(minutes=minutes)).timestamp())}
    jws = token(DEVICE_KEY, DEVICE, payload=said)
    leaf = DEVICE.public_bytes(serialization.Encoding.DER)
    if is_believed:
        assert TRUST.verify_jws(jws) == (said, leaf)
    else:
        assert refused(jws) == "device.jws_expired"
    assert SealedProofs([ROOT]).verify(jws, leaf, NOW) == said  # a record that was sealed before this rule stays valid


def test_the_signature_must_be_the_leafs() -> None:
    jws = token(DEVICE_KEY, DEVICE)
    header, payload, signature = jws.split(".")
    changed = encode_part(json.dumps({**PAYLOAD, "bioValue": "AAAB"}).encode())
    assert refused(f"{header}.{changed}.{signature}") == "device.jws_signature"
    assert refused(f"{header}.{payload}.{encode_part(bytes(256))}") == "device.jws_signature"
    assert refused(token(ROOT_KEY, DEVICE)) == "device.jws_signature"
    assert refused(token(EC_KEY, DEVICE, alg="ES256")) == "device.jws_signature"


def test_short_rsa_keys_are_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    leaf = certify("Device", weak, (ROOT, ROOT_KEY), ca=False)
    header = encode_part(json.dumps({"alg": "RS256", "x5c": _x5c(leaf)}).encode())
    assert refused(f"{header}.e30.{encode_part(bytes(128))}") == "device.jws_signature"


@pytest.mark.parametrize("alg", ["none", "HS256", "RS1", "RS512", "", 7, None])
def test_only_listed_algorithms_count(alg: object) -> None:
    header = encode_part(json.dumps({"alg": alg, "x5c": _x5c(DEVICE)}).encode())
    assert refused(f"{header}.e30.AAAA") == "device.jws_algorithm"


def test_critical_extensions_are_refused() -> None:
    assert refused(token(DEVICE_KEY, DEVICE, crit=["b64"])) == "device.jws_algorithm"


@pytest.mark.parametrize("x5c", [None, [], "AAAA", [7], ["AAAA"], ["-_"], ["é"], ["AAAA"] * 6])
def test_a_chain_that_is_none_is_refused(x5c: object) -> None:
    header = encode_part(json.dumps({"alg": "RS256", "x5c": x5c}).encode())
    assert refused(f"{header}.e30.AAAA") == "device.jws_malformed"


@pytest.mark.parametrize("jws", ["", "a.b", "e30", "e30.e30", "W10.e30.", "e30.W10.", "****.e30.", "e30.e30.AAAA="])
def test_other_text_is_refused(jws: str) -> None:
    assert refused(jws) == "device.jws_malformed"


def test_pins_come_from_a_file_or_a_folder(tmp_path: Path) -> None:
    both = ROOT.public_bytes(serialization.Encoding.PEM) + SUB.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "providers.pem").write_bytes(both)
    (tmp_path / "README").write_text("not a certificate")
    leaf = certify("Device", EC_KEY, (SUB, SUB_KEY), ca=False)
    for path in (tmp_path, tmp_path / "providers.pem"):
        assert DeviceTrust.from_path(path, lambda: NOW).verify_jws(token(EC_KEY, leaf, alg="ES256"))


def test_a_certificate_in_der_is_a_pin_too(tmp_path: Path) -> None:
    leaf = certify("Device", EC_KEY, (SUB, SUB_KEY), ca=False)
    for name in ("sub.cer", "sub.der"):
        folder = tmp_path / name[-3:]
        folder.mkdir()
        (folder / name).write_bytes(SUB.public_bytes(serialization.Encoding.DER))
        assert DeviceTrust.from_path(folder, lambda: NOW).verify_jws(token(EC_KEY, leaf, alg="ES256"))


@pytest.mark.parametrize("content", [b"nonsense", b"\xff\xfe", b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_an_unreadable_pin_is_named_and_takes_nothing_from_the_others(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pem").write_bytes(content)
    (tmp_path / "b.pem").write_bytes(ROOT.public_bytes(serialization.Encoding.PEM))
    trust = DeviceTrust.from_path(tmp_path, lambda: NOW)
    leaf = certify("Device", EC_KEY, (ROOT, ROOT_KEY), ca=False)
    assert trust.verify_jws(token(EC_KEY, leaf, alg="ES256"))
    stranger = certify("Device", EC_KEY, (SUB, SUB_KEY), ca=False)
    with pytest.raises(ProtocolError) as caught:
        trust.verify_jws(token(EC_KEY, stranger, alg="ES256"))
    assert (caught.value.code, caught.value.problem.params) == ("vault.trust_unreadable", {"file": "a.pem"})


def test_an_unreadable_file_that_somebody_names_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(b"nonsense")
    for name in ("a.pem", "missing.pem"):
        with pytest.raises(InputError) as caught:
            DeviceTrust.from_path(tmp_path / name, lambda: NOW)
        assert caught.value.problem.params == {"file": name}


def test_what_a_device_signed_is_proven_again_years_later(tmp_path: Path) -> None:
    jws, leaf = token(DEVICE_KEY, DEVICE), DEVICE.public_bytes(serialization.Encoding.DER)
    (tmp_path / "provider.pem").write_bytes(ROOT.public_bytes(serialization.Encoding.PEM))
    known, unknown = SealedProofs.from_path(tmp_path), SealedProofs.from_path(tmp_path / "nowhere")
    assert (known.are_pinned, unknown.are_pinned) == (True, False)
    assert known.verify(jws, leaf, NOW) == unknown.verify(jws, leaf, NOW) == PAYLOAD
    for proofs in (known, unknown):
        with pytest.raises(ProtocolError, match=r"device\.jws_expired"):
            proofs.verify(jws, leaf, NOW + timedelta(days=31))
    other = certify("Device", EC_KEY, (ROOT, ROOT_KEY), ca=False).public_bytes(serialization.Encoding.DER)
    with pytest.raises(VaultError):
        known.verify(jws, other, NOW)
    with pytest.raises(ProtocolError, match=r"device\.jws_untrusted"):
        SealedProofs([SUB]).verify(jws, leaf, NOW)


def _x5c(*chain: x509.Certificate) -> list[str]:
    return [base64.b64encode(c.public_bytes(serialization.Encoding.DER)).decode() for c in chain]


def test_where_records_are_opened_no_pin_is_left_out(tmp_path: Path) -> None:
    """Without any pin every certificate passes there: a pin that cannot be read must not come to that."""
    (tmp_path / "provider.pem").write_bytes(b"nonsense")
    with pytest.raises(InputError) as caught:
        SealedProofs.from_path(tmp_path)
    assert caught.value.problem.params == {"file": "provider.pem"}


def test_who_is_pinned_can_be_told_to_somebody_else(tmp_path: Path) -> None:
    (tmp_path / "a.pem").write_bytes(ROOT.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "b.der").write_bytes(SUB.public_bytes(serialization.Encoding.DER))
    (tmp_path / "c.crt").write_text("none")
    assert x509.load_pem_x509_certificates(pinned_pem(tmp_path).encode()) == [ROOT, SUB]
    assert x509.load_pem_x509_certificates(pinned_pem(tmp_path / "a.pem").encode()) == [ROOT]
    assert pinned_pem(tmp_path / "nobody") == ""
    with pytest.raises(InputError):
        pinned_pem(tmp_path / "c.crt")
