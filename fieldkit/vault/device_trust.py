"""Which devices this dinas believes: JWS with an x5c chain up to a pinned device provider.

The chain is walked here instead of by `cryptography.x509.verification`, because devices in the field carry plain
certificates that its web profile refuses (no extensions, the device's own certificate pinned).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf, nan
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.media.place import Place
from fieldkit.ports.devices import ProtocolError
from fieldkit.vault.certificates import (
    certificates_from_pem,
    certified_key,
    load_certificate,
    load_private,
    load_public,
)

# Compact JWS (RFC 7515) with ES256 for manifests, receipts and kit assertions (RFC 7523).

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


_Extension = TypeVar("_Extension", bound=x509.ExtensionType)

_ALGORITHMS = ("RS256", "PS256", "ES256")
_MAX_CHAIN = 5
_MOST_BYTES = 1_000_000  # of a file of certificates
_MIN_RSA_BITS = 2048
_CLOCK_TOLERANCE = timedelta(minutes=5)  # a device has a clock of its own
_NAMES = ("*.pem", "*.crt", "*.cer", "*.der")


class DeviceTrust:
    """Verifies what devices signed against the pinned device providers; `now` is the time at which chains must hold."""

    def __init__(
        self, anchors: Sequence[x509.Certificate], now: Callable[[], datetime], unreadable: Sequence[str] = ()
    ) -> None:
        self._anchors = tuple(anchors)
        self._now = now
        self._unreadable = tuple(unreadable)

    @classmethod
    def from_path(cls, path: Path, now: Callable[[], datetime]) -> DeviceTrust:
        """Pin every certificate of a file (PEM or DER), or of the files of a folder.

        A file of a folder that cannot be read takes nothing away from the others nor from devices that sign nothing: it
        is named when a device is not trusted. Raise `InputError` `vault.trust_unreadable` (file) for a single file.
        """
        anchors, unreadable = _pinned(path)
        return cls(anchors, now, unreadable)

    def verify_jws(self, jws: str) -> tuple[dict[str, object], bytes]:
        """Return payload and leaf certificate (DER).

        Raise `ProtocolError`: `device.jws_malformed`, `device.jws_algorithm`, `device.jws_untrusted`,
        `device.jws_expired` or `device.jws_signature`.
        """
        payload, leaf = self.verify_signature(jws)
        if not holds_at(payload, self._now(), _CLOCK_TOLERANCE):
            raise ProtocolError("device.jws_expired")
        return payload, leaf

    def verify_signature(self, jws: str) -> tuple[dict[str, object], bytes]:
        """Return the same whatever times the payload claims for itself: how kits took it in before they were asked."""
        try:
            token = CompactJws.parse(jws)
        except ValueError as error:
            raise ProtocolError("device.jws_malformed") from error
        algorithm = token.header.get("alg")
        # `crit` names extensions that a reader must understand (RFC 7515 §4.1.11); we know none.
        if algorithm not in _ALGORITHMS or "crit" in token.header:
            raise ProtocolError("device.jws_algorithm")
        chain = _chain(token.header.get("x5c"))
        self._check_chain(chain)
        if not _has_signed(chain[0], str(algorithm), token):
            raise ProtocolError("device.jws_signature")
        return token.payload, chain[0].public_bytes(serialization.Encoding.DER)

    def _check_chain(self, chain: Sequence[x509.Certificate]) -> None:
        at = self._now()
        for depth, certificate in enumerate(chain):
            _check_validity(certificate, at)
            if certificate in self._anchors:
                return
            anchor = next((anchor for anchor in self._anchors if _is_issued_by(certificate, anchor, depth)), None)
            if anchor is not None:
                _check_validity(anchor, at)
                return
            issuer = chain[depth + 1] if depth + 1 < len(chain) else None
            if issuer is None or not _is_issued_by(certificate, issuer, depth) or not _is_authority(issuer):
                raise self._untrusted()

    def _untrusted(self) -> ProtocolError:
        if self._unreadable:  # it may be the certificate of this very device's provider
            return ProtocolError("vault.trust_unreadable", file=", ".join(self._unreadable))
        return ProtocolError("device.jws_untrusted")


class SealedProofs:
    """Verifies again, where a record is opened, what its devices signed; implements `DeviceProofs`.

    Without pinned providers it is proven only that the certificate beside a sample signed it.
    """

    def __init__(self, anchors: Sequence[x509.Certificate] = ()) -> None:
        self._anchors = tuple(anchors)

    @classmethod
    def from_path(cls, path: Path) -> SealedProofs:
        """Pin every certificate of a file or folder; a folder that is not there pins nobody.

        Raise `InputError` `vault.trust_unreadable` (file): what is left out here would let every device pass.
        """
        anchors, unreadable = _pinned(path) if path.exists() else ([], [])
        if unreadable:
            raise InputError("vault.trust_unreadable", file=", ".join(unreadable))
        return cls(anchors)

    @property
    def are_pinned(self) -> bool:
        """Return whether the issuers are known."""
        return bool(self._anchors)

    def verify(self, jws: str, certificate_der: bytes, at: datetime) -> dict[str, object]:
        """Return the payload; chains must hold at `at`.

        Raise `ProtocolError` as `DeviceTrust.verify_jws`, or `VaultError` for another certificate than the one beside.
        """
        anchors = self._anchors or (load_certificate(certificate_der),)
        payload, leaf = DeviceTrust(anchors, lambda: at).verify_signature(jws)
        if leaf != certificate_der:
            raise VaultError("vault.certificate")
        return payload


def pinned_pem(path: Path) -> str:
    """Return the certificates of a file or folder as PEM, "" where there is none.

    Files of a folder that cannot be read are left out. Raise `InputError` `vault.trust_unreadable` for a single file.
    """
    anchors = _pinned(path)[0] if path.exists() else []
    return "".join(anchor.public_bytes(serialization.Encoding.PEM).decode("ascii") for anchor in anchors)


def _pinned(path: Path) -> tuple[list[x509.Certificate], list[str]]:
    """Return the certificates of a file or folder, and the names of the folder's files that cannot be read."""
    if not path.is_dir():
        return _certificates(path), []
    anchors: list[x509.Certificate] = []
    unreadable = []
    for file in sorted(file for name in _NAMES for file in path.glob(name)):
        try:
            anchors += _certificates(file)
        except InputError:
            unreadable.append(file.name)
    return anchors, unreadable


def _certificates(file: Path) -> list[x509.Certificate]:
    """Read the certificates of a file, PEM or a single DER. Raise `InputError` `vault.trust_unreadable`."""
    try:
        content = Place.led_to(file).read(_MOST_BYTES)
        if b"-----BEGIN" in content:
            return [load_certificate(der) for der in certificates_from_pem(content.decode("ascii"))]
        return [x509.load_der_x509_certificate(content)]
    except (OSError, ValueError, x509.InvalidVersion, InputError) as error:
        raise InputError("vault.trust_unreadable", file=file.name) from error


def _chain(x5c: object) -> list[x509.Certificate]:
    if not isinstance(x5c, list) or not 1 <= len(x5c) <= _MAX_CHAIN:
        raise ProtocolError("device.jws_malformed")
    try:
        return [x509.load_der_x509_certificate(base64.b64decode(entry, validate=True)) for entry in x5c]
    except (ValueError, TypeError, x509.InvalidVersion) as error:
        raise ProtocolError("device.jws_malformed") from error


def _check_validity(certificate: x509.Certificate, at: datetime) -> None:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise ProtocolError("device.jws_expired")


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate, below: int) -> bool:
    """Return whether `issuer`, with `below` authorities between it and the leaf, signed the certificate."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    constraints = _extension(issuer, x509.BasicConstraints)
    if constraints is not None and (
        not constraints.ca or (constraints.path_length is not None and constraints.path_length < below)
    ):
        return False
    usage = _extension(issuer, x509.KeyUsage)
    return usage is None or usage.key_cert_sign


def _is_authority(certificate: x509.Certificate) -> bool:
    """Return whether a certificate that is not pinned itself says that it may issue others."""
    return _extension(certificate, x509.BasicConstraints) is not None


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ProtocolError("device.jws_malformed") from error


def _has_signed(certificate: x509.Certificate, algorithm: str, token: CompactJws) -> bool:
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not usage.digital_signature:
        return False
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return False
    if algorithm == "ES256":
        return (
            isinstance(key, ec.EllipticCurvePublicKey)
            and isinstance(key.curve, ec.SECP256R1)
            and has_es256(key, token.signing_input, token.signature)
        )
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _MIN_RSA_BITS:
        return False
    scheme = (
        padding.PKCS1v15()
        if algorithm == "RS256"
        else padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    )
    try:
        key.verify(token.signature, token.signing_input, scheme, hashes.SHA256())
    except InvalidSignature:
        return False
    return True
