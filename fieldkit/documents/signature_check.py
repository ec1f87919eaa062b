"""Checks the signatures of a PDF with pyHanko, offline: what is signed, by whom, and what came after it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import error as ZlibError  # noqa: N812 – an error of the library, named like ours

from fieldkit.domain.errors import InputError
from fieldkit.ports.clock import Clock
from fieldkit.ports.signer import SignatureSeen, Verdict, conclude

# pyHanko takes longer to load than the sign-in screen to be painted.
if TYPE_CHECKING:
    from collections.abc import Iterator

    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus, TimestampSignatureStatus
    from pyhanko_certvalidator import ValidationContext

T = TypeVar("T")

MAX_PDF_BYTES = 50 * 1024 * 1024
_MAX_SIGNATURES = 50

# How a parser stumbles over bytes that somebody chose; a stumble is "unreadable", never a crash.
_BROKEN: tuple[type[Exception], ...] = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    EOFError,
    OSError,
    MemoryError,
    ZlibError,
)


class PadesVerifier:
    """The port `PdfVerifier`. `trust`: certificates (PEM) of authorities whose signers and timestamps are believed."""

    def __init__(self, trust: Sequence[str], clock: Clock) -> None:
        self._trust, self._clock = tuple(trust), clock

    def verify(self, pdf: bytes) -> Verdict:
        """Check every signature; nothing is fetched from a network.

        Raise `InputError`: `tte.pdf_huge`, `tte.pdf_locked`, `tte.pdf_unreadable`, `tte.trust_unreadable`.
        """
        roots = [root for pem in self._trust for root in certificates_in(pem)]
        with quiet():
            reader = open_pdf(pdf)
            found = _guarded(lambda: list(reader.embedded_regular_signatures)[: _MAX_SIGNATURES + 1])
            if len(found) > _MAX_SIGNATURES:
                raise InputError("tte.pdf_unreadable")
            return conclude(tuple(self._seen(signature, roots) for signature in found))

    def _seen(self, signature: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> SignatureSeen:
        try:
            status = self._status(signature, roots)
        except stumbles():
            # There is something that calls itself a signature, and it does not hold.
            return SignatureSeen("", None, False, False, False, False)
        certified = status.timestamp_validity
        if certified is not None and not (certified.valid and certified.intact and certified.trusted):
            certified = None
        return SignatureSeen(
            signer=_name_in(status.signing_cert.subject),
            signed_at=certified.timestamp if certified else status.signer_reported_dt,
            is_time_certified=certified is not None,
            is_intact=status.intact and status.valid,
            is_trusted=status.trusted,
            covers_all=_covers_all(status),
            issuer=_name_in(status.signing_cert.issuer),
            serial=str(status.signing_cert.subject.native.get("serial_number") or ""),
        )

    def _status(self, signature: EmbeddedPdfSignature, roots: list[x509.Certificate]) -> PdfSignatureStatus:
        from pyhanko.sign.validation import validate_pdf_signature

        complete_names()
        status = validate_pdf_signature(signature, _context(roots, self._clock.now()))
        certified = status.timestamp_validity
        if certified is None or (status.trusted and certified.trusted):
            return status
        # A letter outlives its certificates: what counts is whether they were valid when the timestamp was made,
        # and that only if the timestamp itself is from somebody who is trusted.
        then = _context(roots, certified.timestamp)
        again: PdfSignatureStatus = validate_pdf_signature(signature, then, then)
        proof: TimestampSignatureStatus | None = again.timestamp_validity
        if proof is None or not proof.trusted or proof.timestamp > self._clock.now():
            return status
        return again


def open_pdf(pdf: bytes) -> PdfFileReader:
    """Open a PDF strictly. Raise `InputError`: `tte.pdf_huge`, `tte.pdf_locked`, `tte.pdf_unreadable`."""
    from pyhanko.pdf_utils.reader import PdfFileReader

    if len(pdf) > MAX_PDF_BYTES:
        raise InputError("tte.pdf_huge", megabytes=MAX_PDF_BYTES // 1024**2)
    if not pdf.startswith(b"%PDF-"):
        raise InputError("tte.pdf_unreadable")
    reader: PdfFileReader = _guarded(lambda: PdfFileReader(BytesIO(pdf)))
    if _guarded(lambda: reader.encrypted):
        raise InputError("tte.pdf_locked")
    _guarded(lambda: reader.root["/Pages"]["/Count"])
    return reader


def certificates_in(pem: str) -> list[x509.Certificate]:
    """Read certificates. Raise `InputError` `tte.trust_unreadable`."""
    from asn1crypto import pem as armour
    from asn1crypto import x509

    if not pem.strip():
        return []
    try:
        found = [x509.Certificate.load(der) for _, _, der in armour.unarmor(pem.encode(), multiple=True)]
        for certificate in found:
            _ = certificate.subject.native  # parsed only when it is looked at
    except (ValueError, TypeError) as error:
        raise InputError("tte.trust_unreadable") from error
    return found


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the libraries from logging what a letter is worth: that is the verdict's to say, for people."""
    loggers = [logging.getLogger(name) for name in ("pyhanko", "pyhanko_certvalidator")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def complete_names() -> None:
    """Add the names that pyHanko registers on import to the asn1crypto types that were used before.

    A type builds its map from names to object identifiers at its first use, for instance when the vault reads a CMS,
    and misses what is registered later. Call this between the import and the first use.
    """
    from asn1crypto.core import ObjectIdentifier

    kinds = list(ObjectIdentifier.__subclasses__())
    for kind in kinds:
        kinds += kind.__subclasses__()
        if identifiers := vars(kind).get("_reverse_map"):
            for identifier, name in kind._map.items():
                identifiers.setdefault(name, identifier)


def stumbles() -> tuple[type[Exception], ...]:
    """Return every error that bytes can cause in the libraries; who catches them says "unreadable", never nothing."""
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko_certvalidator.errors import PathError, ValidationError

    return (*_BROKEN, PdfError, PathError, ValidationError)


def _context(roots: list[x509.Certificate], moment: datetime) -> ValidationContext:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(trust_roots=roots, allow_fetching=False, moment=moment, revocation_mode="soft-fail")


def _covers_all(status: PdfSignatureStatus) -> bool:
    """Return whether every byte is signed, or what came after is only what signing itself may add."""
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    if status.coverage is SignatureCoverageLevel.ENTIRE_FILE:
        return True
    is_whole_revision = status.coverage is SignatureCoverageLevel.ENTIRE_REVISION
    # Bytes that change nothing (NONE) and still follow the signature were put there by no signing program.
    is_signing = status.modification_level in (ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING)
    return is_whole_revision and bool(status.docmdp_ok) and is_signing


def _name_in(name: Any) -> str:
    native = name.native
    told = native.get("common_name") or native.get("organization_name") or ""
    return str(told[0] if isinstance(told, list) else told)


def _guarded(read: Callable[[], T]) -> T:
    """Return what reading gives. Raise `InputError` `tte.pdf_unreadable` for everything a file can do to a parser."""
    try:
        return read()
    except stumbles() as error:
        raise InputError("tte.pdf_unreadable") from error
