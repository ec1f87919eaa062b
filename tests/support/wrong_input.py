"""What no honest client sends to the gateway: values of the wrong kind, broken JWS and JWS of odd payloads, headers."""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote_from_bytes

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.testclient import TestClient
from support.gateway import Kit

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.people import Role
from fieldkit.vault.certificates import make_csr
from fieldkit.vault.device_trust import JwsSigner, encode_part
from sync.gateway.database import GatewayContext
from sync.protocol.messages import ANCHOR_TYP, ASSERTION_TYP, RENEWAL_TYP, USER_REQUEST_TYP

ID = "0193a0f0-0000-7000-8000-000000000000"
TIME = "2026-11-21T03:00:00Z"
TEXTS = ("", "\0", "a\0b", "\ud800", "é", "\u202e", "x" * 70, "x" * 5000, "../..", "%00", "-1", "1e999", "NaN")
TIMES = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", TIME)
NUMBERS = (-1, 0, 2**63, 10**30, -(10**30), 1e308, float("nan"), float("inf"))
VALUES: tuple[Any, ...] = (None, True, [], {}, {"a": {"b": []}}, [[[]]], *NUMBERS, *TIMES, *TEXTS)
RAW = (b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"\\ud800"', b"1" * 5000, "{}".encode("utf-16"), b'{"a":' * 5000)
JWS_HEADERS = (
    *({"alg": "ES256", "typ": MANIFEST_TYP, "kid": kid} for kid in (*TEXTS, 5, None, [])),
    {"alg": "none"},
    {"alg": "ES256", "typ": ASSERTION_TYP, "kid": "kit-01", "crit": ["x"]},
    b'{"kid":1e999}',
    b'{"kid":' + b"9" * 5000 + b"}",
    b'{"kid":"kit-01","kid":"\\ud800"}',
    b"[" * 5000,
    b"\xff",
    [],
    1,
)
NO_JWS = ("", "a", "..", "a.b", "a.b.c.d", "é.é.é", "\0.\0.\0", "\ud800", "A" * 5000)
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "10"}


@dataclass(frozen=True)
class Wrong:
    """One request."""

    method: str
    path: str
    content: bytes = b""
    headers: dict[str, bytes] = field(default_factory=dict)


def wrong_requests(kit: Kit) -> Iterator[Wrong]:
    """Yield them; those that need no token bear one all the same."""
    good = good_messages(kit)
    for path, message in good.items():
        for mutant in mutants(message):
            yield Wrong("POST", path, json.dumps(mutant).encode())
        for content in RAW:
            yield Wrong("POST", path, content)
    for typ in JWS_TYPES:
        for jws in (*NO_JWS, *signed_by_nobody()):
            yield from bearing(typ, good, [jws])
        yield from bearing(typ, good, list(signed_payloads(kit, typ)))
    yield from odd_headers()


JWS_TYPES = (MANIFEST_TYP, ANCHOR_TYP, ASSERTION_TYP, USER_REQUEST_TYP, RENEWAL_TYP)


def bearing(typ: str, good: dict[str, dict[str, Any]], words: list[str]) -> Iterator[Wrong]:
    """Yield requests to the routes that take JWS of this kind; those of lists get twenty at a time."""
    lists = {
        MANIFEST_TYP: (("/announce", "manifests"), ("/carried", "manifests")),
        ANCHOR_TYP: (("/anchors", "anchors"),),
    }
    for path, name in lists.get(typ, ()):
        for at in range(0, len(words), 20):
            yield Wrong("POST", path, json.dumps({name: words[at : at + 20]}).encode())
    for jws in words:
        if typ == USER_REQUEST_TYP:
            yield Wrong("POST", "/users", json.dumps({**good["/users"], "authorisation": jws}).encode())
        if typ == RENEWAL_TYP:
            yield Wrong("POST", "/renewals", json.dumps({**good["/renewals"], "word": jws}).encode())
        if typ == ASSERTION_TYP:
            form = {"Content-Type": b"application/x-www-form-urlencoded"}
            yield Wrong("POST", "/token", TOKEN_FORM + quote_from_bytes(as_bytes(jws)).encode(), form)


TOKEN_FORM = (
    b"grant_type=client_credentials&client_assertion_type="
    b"urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion="
)


def good_messages(kit: Kit) -> dict[str, dict[str, Any]]:
    """Return a message for each route; mutants are made of them."""
    csr = base64.b64encode(make_csr(kit.key)).decode()
    user = {"user_id": "budi", "name": "Budi", "role": Role.PETUGAS_PEREKAMAN.value, "csr": csr}
    return {
        "/hello": {"protocol": 1, "kit": kit.name, "kit_time": TIME, "program": "x"},
        "/enrol": {"code": "AAAA", "kit_csr": csr, "admin": user},
        "/reconcile": {"records": [{"record_id": ID, "sha256": "0" * 64}]},
        "/announce": {"manifests": ["a.b.c"]},
        "/carried": {"manifests": ["a.b.c"]},
        "/anchors": {"anchors": ["a.b.c"]},
        "/proofs": {"record_id": ID, "nonce": "0" * 64},
        "/users": {"user": user, "authorisation": "a.b.c"},
        "/renewals": {"csr": csr, "word": "a.b.c"},
    }


def mutants(value: Any) -> Iterator[Any]:
    """Yield a value with one part of it replaced, left out or repeated."""
    if isinstance(value, dict):
        for name in value:
            yield {key: kept for key, kept in value.items() if key != name}
            for mutant in mutants(value[name]):
                yield {**value, name: mutant}
    elif isinstance(value, list):
        yield value * 201
        for mutant in mutants(value[0]):
            yield [mutant]
    yield from VALUES


def signed_by_nobody() -> Iterator[str]:
    for header in JWS_HEADERS:
        raw = header if isinstance(header, bytes) else json.dumps(header).encode()
        yield f"{encode_part(raw)}.e30.{encode_part(bytes(64))}"


def signed_payloads(kit: Kit, wanted: str) -> Iterator[str]:
    """Yield JWS of one kind that a kit or an admin of ours signed, with one member replaced."""
    csr = make_csr(kit.key)
    manifest = {
        "record_id": str(uuid.uuid4()),
        "kit": kit.name,
        "size_bytes": 10,
        "sha256": "0" * 64,
        "sealed_at": TIME,
        "chain": "c",
        "sequence": 1,
        "head_sequence": 1,
        "head_digest": "",
    }
    word = {"user_id": "admin", "role": Role.KASI.value, "kit": kit.name, "csr_sha256": hashlib.sha256(csr).hexdigest()}
    anchor = {"kit": kit.name, "chain": "c", "sequence": 1, "digest": "0" * 64, "at": TIME}
    claims = {"iss": kit.name, "sub": kit.name, "aud": "x", "jti": "0" * 20, "exp": 1}
    payloads: dict[str, dict[str, Any]] = {
        MANIFEST_TYP: manifest,
        ANCHOR_TYP: anchor,
        ASSERTION_TYP: {**claims, "aud": kit.answer.configuration.gateway},
        USER_REQUEST_TYP: {**word, "at": TIME},
        RENEWAL_TYP: {**word, "at": TIME},
    }
    signer = kit.admin_signer if wanted in (USER_REQUEST_TYP, RENEWAL_TYP) else kit.signer
    payload = payloads[wanted]
    for name in payload:
        for value in VALUES:
            yield signed(signer, {**payload, name: value}, wanted)


def signed(signer: JwsSigner, payload: dict[str, Any], typ: str) -> str:
    """Sign what `JwsSigner.sign` itself would not: NaN and halves of characters."""
    header = {"alg": "ES256", "kid": signer._key_id, "typ": typ}
    content = ".".join(encode_part(json.dumps(part).encode()) for part in (header, payload))
    r, s = decode_dss_signature(signer._private.sign(content.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{content}.{encode_part(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def odd_headers() -> Iterator[Wrong]:
    names = ("Authorization", "Upload-Metadata", "Upload-Checksum", "X-HTTP-Method-Override", "Fieldkit-Owner", *TUS)
    routes = (("POST", "/tus"), ("PATCH", f"/tus/{ID}"), ("HEAD", f"/tus/{ID}"), ("GET", f"/receipts/{ID}"))
    for text in TEXTS:
        content = as_bytes(text)
        for method, path in routes:
            for name in names:
                yield Wrong(method, path, headers={name: (b"Bearer " if name == "Authorization" else b"") + content})
            yield Wrong(method, path, headers={"Upload-Metadata": b"record_id " + base64.b64encode(content)})
        quoted = quote_from_bytes(content)
        for path in (f"/receipts/{quoted}", f"/statuses?cursor={quoted}", f"/tus/{quoted}"):
            yield Wrong("GET", path)
        for method in ("HEAD", "DELETE", "PATCH"):
            yield Wrong(method, f"/tus/{quoted}")


def as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def faults(client: TestClient, kit: Kit, gateway_context: GatewayContext, path: str = "", every: int = 1) -> list[str]:
    """Send what is wrong, or each so-manieth of it that goes to one path; return what a fault of ours answered."""
    headers = as_raw(
        {"Authorization": f"Bearer {kit.token(gateway_context)}", "Content-Type": "application/json", **TUS}
    )
    found, count = [], 0
    for wrong in islice(wrong_requests(kit), 0, None, every):
        if wrong.path.startswith(path):
            raw = [(name.encode(), value) for name, value in {**headers, **wrong.headers}.items()]
            answer = client.request(wrong.method, wrong.path, headers=raw, content=wrong.content)
            count += 1
            if answer.status_code >= 500:
                found.append(f"{answer.status_code} {wrong.method} {wrong.path[:40]} {wrong.content[:200]!r}")
    assert count > 50
    return found


def as_raw(headers: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in headers.items()}
