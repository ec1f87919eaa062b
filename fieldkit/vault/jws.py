"""Compact JWS (RFC 7515) with ES256 for manifests, receipts and kit assertions (RFC 7523)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, nan

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from fieldkit.domain.errors import VaultError
from fieldkit.vault.keys import certified_key, load_certificate, load_private, load_public

_ALGORITHM = "ES256"
_HALF_BYTES = 32
_ECDSA_SHA256 = ec.ECDSA(hashes.SHA256())


class JwsSigner:
    """Signs with one key; `key_id` tells a verifier who the signer claims to be."""

    def __init__(self, private_der: bytes, key_id: str) -> None:
        """Take PKCS #8 DER of a P-256 key. Raise `VaultError` `vault.signing_key`."""
        self._private = load_private(private_der)
        self._key_id = key_id

    def sign(self, payload: Mapping[str, object], typ: str) -> str:
        """Return a compact JWS over the JSON of the payload."""
        header = {"alg": _ALGORITHM, "kid": self._key_id, "typ": typ}
        signing_input = ".".join(encode_part(_json(part)) for part in (header, payload))
        r, s = decode_dss_signature(self._private.sign(signing_input.encode(), _ECDSA_SHA256))
        signature = r.to_bytes(_HALF_BYTES, "big") + s.to_bytes(_HALF_BYTES, "big")
        return f"{signing_input}.{encode_part(signature)}"


class JwsVerifier:
    """Verifies what one known key signed."""

    def __init__(self, public: ec.EllipticCurvePublicKey) -> None:
        self._public = public

    @classmethod
    def of_certificate(cls, certificate_der: bytes) -> JwsVerifier:
        """Trust the key of a certificate; its validity is the caller's matter."""
        return cls(certified_key(load_certificate(certificate_der)))

    @classmethod
    def of_key(cls, public_der: bytes) -> JwsVerifier:
        """Trust a key, SubjectPublicKeyInfo DER."""
        return cls(load_public(public_der))

    def verify(self, token: str, typ: str) -> dict[str, object]:
        """Return the payload.

        Raise `VaultError`: `vault.jws_malformed`, `vault.jws_kind` (made for another purpose) or `vault.jws_signature`.
        """
        jws = _parsed(token)
        header = jws.header
        if header.get("alg") != _ALGORITHM or header.get("typ") != typ or not header.keys() <= {"alg", "typ", "kid"}:
            raise VaultError("vault.jws_kind")
        if not has_es256(self._public, jws.signing_input, jws.signature):
            raise VaultError("vault.jws_signature")
        return jws.payload


@dataclass(frozen=True, slots=True)
class CompactJws:
    """The parts of a token, decoded; nothing is verified yet."""

    header: dict[str, object]
    payload: dict[str, object]
    signing_input: bytes
    signature: bytes

    @classmethod
    def parse(cls, token: str) -> CompactJws:
        """Take a token apart. Raise `ValueError` when it is no compact JWS of JSON objects in canonical base64url."""
        header, payload, signature = token.split(".")
        return cls(_object(header), _object(payload), f"{header}.{payload}".encode(), decode_part(signature))


def claimed_key_id(token: str) -> str:
    """Return whose key the token claims, "" when it says nothing readable; believe it only after `verify`."""
    key_id = _parsed(token).header.get("kid", "")
    return key_id if isinstance(key_id, str) and key_id.isprintable() else ""


def holds_at(claims: Mapping[str, object], at: datetime, tolerance: timedelta) -> bool:
    """Return whether `exp`, `nbf` and `iat`, of those that are there, allow this time (RFC 7519 §4.1.4 to §4.1.6).

    Clocks may differ by the tolerance. A claim that is no number of seconds allows nothing.
    """
    now, apart = at.timestamp(), tolerance.total_seconds()
    expiry, *begun = (_seconds(claims.get(name, unsaid)) for name, unsaid in (("exp", inf), ("nbf", 0), ("iat", 0)))
    return now - apart < expiry and all(each <= now + apart for each in begun)


def _seconds(said: object) -> float:
    return said if isinstance(said, int | float) and not isinstance(said, bool) else nan  # compares with nothing


def has_es256(public: ec.EllipticCurvePublicKey, signing_input: bytes, signature: bytes) -> bool:
    """Return whether `signature` (r ‖ s, RFC 7518 §3.4) is the key's over the input."""
    if len(signature) != 2 * _HALF_BYTES:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:_HALF_BYTES], signature[_HALF_BYTES:]))
    try:
        public.verify(encode_dss_signature(r, s), signing_input, _ECDSA_SHA256)
    except InvalidSignature:
        return False
    return True


def encode_part(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_part(part: str) -> bytes:
    """Decode base64url without padding in its one canonical form. Raise `ValueError`."""
    content = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    if encode_part(content) != part:
        raise ValueError("not the canonical base64url")
    return content


def _parsed(token: str) -> CompactJws:
    try:
        return CompactJws.parse(token)
    except ValueError as error:
        raise VaultError("vault.jws_malformed") from error


def _object(part: str) -> dict[str, object]:
    try:
        value = json.loads(decode_part(part))
        # Half a surrogate pair is JSON and no text (RFC 8259 §8.2): it would fail wherever the value is kept.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _json(part: Mapping[str, object]) -> bytes:
    return json.dumps(dict(part), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
