from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from fieldkit.domain.errors import VaultError
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import CompactJws, JwsSigner, JwsVerifier, claimed_key_id, encode_part

KEY = certificates.new_private_key()
SIGNER = JwsSigner(KEY, "KIT-07")
VERIFIER = JwsVerifier.of_key(certificates.public_der(KEY))
PAYLOAD: dict[str, object] = {"record_id": "0199", "nama": "Siti Nurʼaini", "size_bytes": 3_000_000, "list": [1, None]}
TOKEN = SIGNER.sign(PAYLOAD, "manifest+jwt")


def refused(token: str, typ: str = "manifest+jwt") -> str:
    with pytest.raises(VaultError) as caught:
        VERIFIER.verify(token, typ)
    return caught.value.code


def _with_header(**header: object) -> str:
    """Sign honestly under a header of somebody's own making."""
    token = jwt.encode(PAYLOAD, certificates.load_private(KEY), algorithm="ES256", headers=header)
    assert isinstance(token, str)
    return token


def test_what_is_signed_is_verified() -> None:
    assert VERIFIER.verify(TOKEN, "manifest+jwt") == PAYLOAD
    assert claimed_key_id(TOKEN) == "KIT-07"
    assert claimed_key_id(encode_part(rb'{"kid":"KIT\u0000"}') + ".e30.AA") == ""


def test_a_certificate_names_the_key() -> None:
    now = datetime(2026, 8, 1, tzinfo=UTC)
    ca = certificates.create_ca("Dinas", now)
    certificate = certificates.issue_kit(ca, certificates.make_csr(KEY), "KIT-07", now)
    assert JwsVerifier.of_certificate(certificate).verify(TOKEN, "manifest+jwt") == PAYLOAD
    with pytest.raises(VaultError, match=r"vault\.jws_signature"):
        JwsVerifier.of_certificate(ca.certificate_der).verify(TOKEN, "manifest+jwt")


def test_pyjwt_reads_ours_and_we_read_its() -> None:
    public = serialization.load_der_public_key(certificates.public_der(KEY))
    assert jwt.decode(TOKEN, public, algorithms=["ES256"]) == PAYLOAD  # type: ignore[arg-type] # any public key
    assert VERIFIER.verify(_with_header(typ="manifest+jwt"), "manifest+jwt") == PAYLOAD


def test_a_signature_for_another_purpose_is_refused() -> None:
    assert refused(TOKEN, "receipt+jwt") == "vault.jws_kind"


def test_any_changed_character_is_refused() -> None:
    for position in range(len(TOKEN)):
        other = "A" if TOKEN[position] != "A" else "B"
        refused(TOKEN[:position] + other + TOKEN[position + 1 :])


def test_other_algorithms_are_refused() -> None:
    header, payload, signature = TOKEN.split(".")
    for name in ("none", "HS256", "ES384", "es256"):
        forged = encode_part(json.dumps({"alg": name, "typ": "manifest+jwt"}).encode())
        assert refused(f"{forged}.{payload}.{signature}") == "vault.jws_kind"
        assert refused(f"{forged}.{payload}.") == "vault.jws_kind"
    assert refused(f"{header}.{payload}.") == "vault.jws_signature"


def test_headers_that_bring_their_own_key_are_refused() -> None:
    for header in ({"jwk": {}}, {"x5c": []}, {"crit": ["exp"]}, {"jku": "https://x"}):
        assert refused(_with_header(typ="manifest+jwt", **header)) == "vault.jws_kind"


def test_zero_signature_is_refused() -> None:
    header, payload, _ = TOKEN.split(".")
    assert refused(f"{header}.{payload}.{encode_part(bytes(64))}") == "vault.jws_signature"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "a",
        "a.b",
        "a.b.c.d",
        "..",
        "é.é.é",
        TOKEN + "=",
        TOKEN + "\n",
        " " + TOKEN,
        f"{encode_part(b'[]')}.e30.",
        "e30.e30.A",
        encode_part(rb'{"kid":"\ud800"}') + ".e30.AA",
        "e30." + encode_part(rb'{"a":["\udfff"]}') + ".AA",
        "e30." + encode_part(b'{"a":' + b"9" * 5000 + b"}") + ".AA",
        "e30." + encode_part(b"[" * 100_000) + ".AA",
    ],
)
def test_other_text_is_refused(token: str) -> None:
    assert refused(token) == "vault.jws_malformed"
    with pytest.raises(VaultError, match=r"vault\.jws_malformed"):
        claimed_key_id(token)


def test_deep_nesting_is_refused() -> None:
    deep = base64.urlsafe_b64encode(b"[" * 300_000).rstrip(b"=").decode()
    with pytest.raises(ValueError, match="nested"):
        CompactJws.parse(f"{deep}.e30.")


def test_payloads_must_be_json() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        SIGNER.sign({"score": float("nan")}, "manifest+jwt")
