"""Signs a PDF on this laptop with the certificate of the office: PAdES-BASELINE-B, no timestamp, because no network.

The certificate's file (PKCS #12) stays closed by its own passphrase, which is asked for each signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from fieldkit.documents.signature_check import complete_names, open_pdf, quiet, stumbles
from fieldkit.domain.errors import InputError, Recovery, SigningError
from fieldkit.ports.clock import Clock
from fieldkit.ports.signer import Appearance, Credentials, OfficeCertificate, Place, SignedPdf

# pyHanko takes longer to load than the sign-in screen to be painted.
if TYPE_CHECKING:
    from pyhanko.sign.signers.pdf_cms import SimpleSigner
    from pyhanko.stamp import StaticStampStyle

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
