"""Which devices this dinas believes: JWS with an x5c chain up to a pinned device provider.

The chain is walked here instead of by `cryptography.x509.verification`, because devices in the field carry plain
certificates that its web profile refuses (no extensions, the device's own certificate pinned).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.media.place import Place
from fieldkit.ports.devices import ProtocolError
from fieldkit.vault.jws import CompactJws, has_es256, holds_at
from fieldkit.vault.keys import certificates_from_pem, load_certificate

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
