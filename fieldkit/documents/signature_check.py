"""Checks the signatures of a PDF with pyHanko, offline: what is signed, by whom, and what came after it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import error as ZlibError  # noqa: N812 – an error of the library, named like ours

from fieldkit.domain.errors import InputError, Recovery, SigningError
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import (
    Appearance,
    BoxWords,
    Credentials,
    OfficeCertificate,
    Place,
    SignatureSeen,
    SignedPdf,
    Verdict,
    conclude,
)

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
    from pyhanko.sign.validation.status import PdfSignatureStatus, TimestampSignatureStatus
    from pyhanko.stamp import StaticStampStyle
    from pyhanko_certvalidator import ValidationContext


# Draws what is seen of an electronic signature.

_PPI = 240


def draw_box(words: BoxWords) -> bytes:
    """Return the box as PNG, 74 × 23 mm."""
    import segno
    import typst

    code = BytesIO()
    if words.qr:
        segno.make(words.qr, error="m", micro=False).save(code, kind="svg", border=0, dark="#0B1B2B", xmldecl=False)
    said = {
        "caption": words.caption,
        "name": words.name,
        "jabatan": words.jabatan,
        "nip": words.nip,
        "qr": code.getvalue().decode(),
    }
    root = Path(str(files("assets")))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(root / "fonts")])
    picture = typst.Compiler(root=str(root / "letters"), font_paths=fonts).compile(
        str(root / "letters" / "tte.typ"),
        format="png",
        ppi=_PPI,
        sys_inputs={"fields": json.dumps(said, ensure_ascii=False)},
    )
    pages = [page for page in (picture if isinstance(picture, list) else [picture]) if page is not None]
    return pages[0]  # words that need more room are cut


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


# Signs a PDF on this laptop with the certificate of the office: PAdES-BASELINE-B, no timestamp, because no network.
#
# The certificate's file (PKCS #12) stays closed by its own passphrase, which is asked for each signature.

MAX_PKCS12_BYTES = 256 * 1024
PLACE = "fieldkit:tte"
"""A link of this address in a letter marks where its signature is shown; the letter's template puts it there."""


class OfficeSigner:
    """The port `PdfSigner` over a PKCS #12 file."""

    def __init__(self, pkcs12: bytes, clock: Clock) -> None:
        self._pkcs12, self._clock = pkcs12, clock

    def sign_pdf(self, pdf: bytes, credentials: Credentials, appearance: Appearance) -> SignedPdf:
        """Sign a letter. Raise `SigningError` `tte.wrong_passphrase`, `tte.certificate_expired`, `tte.sign_failed`."""
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign.fields import SigSeedSubFilter
        from pyhanko.sign.signers.constants import ESIC_EXTENSION_1
        from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata, PdfSigner

        complete_names()
        signer = _opened(self._pkcs12, credentials.passphrase)
        if signer is None:
            raise SigningError("tte.wrong_passphrase")
        now = self._clock.now()
        if not _is_valid(signer, now):
            raise SigningError("tte.certificate_expired", recovery=Recovery.ASK_OFFICE)
        reader = open_pdf(pdf)
        field_name = f"fieldkit_{len(reader.embedded_signatures) + 1}"
        meta = PdfSignatureMetadata(
            field_name=field_name,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            name=signer.subject_name,
            reason=appearance.reason or None,
            location=appearance.location or None,
        )

        class Clocked(PdfSigner):
            """States the time of the kit's clock, and no other PDF version than the letter's."""

            def init_signing_session(self, *given: Any, **named: Any) -> Any:
                session = super().init_signing_session(*given, **named)
                session.system_time = now
                return session

            def register_extensions(self, pdf_out: Any, *, md_algorithm: str) -> None:  # noqa: ARG002 – pyHanko's name
                """Stay PDF 1.7, which PDF/A-2 is made of; what PAdES adds to it is an extension that is named."""
                pdf_out.register_extension(ESIC_EXTENSION_1)

        with quiet():
            try:
                seal = Clocked(
                    meta,
                    signer=signer,
                    stamp_style=_style(appearance),
                    new_field_spec=_field(field_name, appearance, pdf),
                )
                signed = seal.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=BytesIO()).getvalue()
            except stumbles() as error:
                raise SigningError("tte.sign_failed", recovery=Recovery.NONE) from error
        return SignedPdf(bytes(signed))


def read_certificate(pkcs12: bytes, passphrase: str) -> OfficeCertificate:
    """Look into a PKCS #12 file. Raise `InputError` `tte.certificate_unreadable` (also for a wrong passphrase)."""
    from asn1crypto import pem

    signer = _opened(pkcs12, passphrase) if len(pkcs12) <= MAX_PKCS12_BYTES else None
    if signer is None or signer.signing_cert is None:
        raise InputError("tte.certificate_unreadable")
    certificate = signer.signing_cert
    authorities = [other for other in signer.cert_registry if other.ca and other.subject == certificate.issuer]
    armoured = "".join(pem.armor("CERTIFICATE", authority.dump()).decode("ascii") for authority in authorities)
    return OfficeCertificate(signer.subject_name or "", certificate.not_valid_after, armoured)


def place_in(pdf: bytes) -> Place | None:
    """Return where a letter wants its signature seen, None when it says nothing. Raise `InputError("tte.pdf_…")`."""
    reader = open_pdf(pdf)
    try:
        for number, page in enumerate(_pages(reader.root["/Pages"]), 1):
            for link in page.get("/Annots", ()):
                if link.get_object().get("/A", {}).get("/URI") == PLACE:
                    left, low, right, high = map(float, link.get_object()["/Rect"])
                    return _around(Place(number, left, _top(page) - high, right - left, high - low))
    except stumbles():
        return None
    return None


def _around(place: Place) -> Place:
    """Return a place that also covers the frame which a letter draws there, whose line is half outside."""
    edge = 1.0
    return replace(
        place, x=place.x - edge, y=place.y - edge, width=place.width + 2 * edge, height=place.height + 2 * edge
    )


def _pages(node: Any, depth: int = 0) -> Iterator[Any]:
    for kid in node["/Kids"]:
        page = kid.get_object()
        if "/Kids" in page and depth < 20:
            yield from _pages(page, depth + 1)
        else:
            yield page


def _top(page: Any) -> float:
    while "/MediaBox" not in page:
        page = page["/Parent"]
    return float(page["/MediaBox"][3])


def _opened(pkcs12: bytes, passphrase: str) -> SimpleSigner | None:
    from pyhanko.sign.signers.pdf_cms import SimpleSigner

    with quiet():
        try:
            opened: SimpleSigner = SimpleSigner.load_pkcs12_data(pkcs12, (), passphrase.encode())
        except stumbles():
            return None
    return opened


def _is_valid(signer: SimpleSigner, now: datetime) -> bool:
    certificate = signer.signing_cert
    return certificate is not None and certificate.not_valid_before <= now <= certificate.not_valid_after


def _style(appearance: Appearance) -> StaticStampStyle | None:
    from PIL import Image
    from pyhanko.pdf_utils.images import PdfImage
    from pyhanko.pdf_utils.layout import AxisAlignment, InnerScaling, Margins, SimpleBoxLayoutRule
    from pyhanko.stamp import StaticStampStyle

    if appearance.place is None:
        return None
    image = Image.open(BytesIO(appearance.image)).convert("RGB")  # PDF/A-2 wants no alpha without a group
    middle = AxisAlignment.ALIGN_MID
    return StaticStampStyle(
        border_width=0,
        background=PdfImage(image),
        background_layout=SimpleBoxLayoutRule(middle, middle, Margins(0, 0, 0, 0), InnerScaling.STRETCH_FILL),
        background_opacity=1.0,
    )


def _field(name: str, appearance: Appearance, pdf: bytes) -> Any:
    from pyhanko.sign.fields import SigFieldSpec

    place = appearance.place
    if place is None:
        return SigFieldSpec(name)
    page = list(_pages(open_pdf(pdf).root["/Pages"]))[place.page - 1]
    low = _top(page) - place.y - place.height
    box = (round(place.x), round(low), round(place.x + place.width), round(low + place.height))
    return SigFieldSpec(name, on_page=place.page - 1, box=box)


# Shows the pages of any PDF: what is signed must be seen as it lies there, not as it would be made anew.

PPI = 110
MOST_PAGES = 40
_MOST_PIXELS = 4_000_000
_TURN = Lock()  # PDFium knows one thread at a time


def draw_pages(pdf: bytes, most: int = MOST_PAGES) -> tuple[bytes, ...]:
    """Return the first pages as PNG, signatures included. Raise `InputError` `tte.pdf_huge`, `tte.pdf_unreadable`."""
    import pypdfium2

    if len(pdf) > MAX_PDF_BYTES:
        raise InputError("tte.pdf_huge", megabytes=MAX_PDF_BYTES // 1024**2)
    with _TURN:
        try:
            document = pypdfium2.PdfDocument(pdf)
        except pypdfium2.PdfiumError as error:
            raise InputError("tte.pdf_unreadable") from error
        try:
            document.init_forms()  # boxes of signatures are parts of a form
            return tuple(_drawn(document[at]) for at in range(min(len(document), most)))
        except pypdfium2.PdfiumError as error:
            raise InputError("tte.pdf_unreadable") from error
        finally:
            document.close()


def _drawn(page: object) -> bytes:
    width, height = page.get_size()  # type: ignore[attr-defined]  # the library has no types
    # A page may claim to be as large as a wall.
    scale = min(PPI / 72, (_MOST_PIXELS / max(1.0, width * height)) ** 0.5)
    out = BytesIO()
    page.render(scale=scale).to_pil().save(out, "PNG")  # type: ignore[attr-defined]
    return out.getvalue()
