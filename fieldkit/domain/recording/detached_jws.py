"""A device's JWS without the sample that its payload repeats (RFC 7515, appendix F), where it comes back exactly."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum


class Base64(StrEnum):
    """The alphabet of a value (RFC 4648 §§4 and 5); its padding is left in the claims."""

    URL = "base64url"
    STANDARD = "base64"

    def text(self, content: bytes) -> bytes:
        """Return the text without padding."""
        encoded = base64.urlsafe_b64encode(content) if self is Base64.URL else base64.b64encode(content)
        return encoded.rstrip(b"=")


@dataclass(frozen=True, slots=True)
class DetachedJws:
    """Header and signature as they came; `claims` is the decoded payload, in which the sample belongs to byte `at`."""

    header: bytes
    claims: bytes
    signature: bytes
    at: int
    alphabet: Base64

    def attach(self, sample: bytes) -> bytes:
        """Return the compact JWS."""
        payload = self.claims[: self.at] + self.alphabet.text(sample) + self.claims[self.at :]
        return b".".join((self.header, Base64.URL.text(payload), self.signature))


def detach(jws: bytes, sample: bytes) -> DetachedJws | None:
    """Leave the sample out of a compact JWS; None when that does not give the same bytes again."""
    try:
        header, payload, signature = jws.split(b".")
        claims = base64.urlsafe_b64decode(payload + b"==")
    except ValueError:
        return None
    if Base64.URL.text(claims) != payload:
        return None
    for alphabet in Base64:
        value = alphabet.text(sample)
        if (at := claims.find(value)) >= 0:
            return DetachedJws(header, claims[:at] + claims[at + len(value) :], signature, at, alphabet)
    return None
