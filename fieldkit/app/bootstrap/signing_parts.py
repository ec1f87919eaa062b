"""What signing letters is built from; each library is loaded when it is first needed."""

from __future__ import annotations

from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.signing import SigningSettings, SigningWay
from fieldkit.ports.clock import Clock
from fieldkit.ports.signer import BoxWords, OfficeCertificate, PdfSigner, PdfVerifier, Place, SigningService


class LaptopBench:
    """Implements `SigningBench`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def signer(self, settings: SigningSettings, certificate: bytes) -> PdfSigner:
        """Return who signs. Raise `RuleError("tte.not_set_up")`."""
        if settings.way is SigningWay.BSRE:
            return self.service(settings)
        if not certificate:
            raise RuleError("tte.not_set_up")
        from fieldkit.documents.pades import OfficeSigner

        return OfficeSigner(certificate, self._clock)

    def service(self, settings: SigningSettings) -> SigningService:
        """Return the client of the service. Raise `RuleError("tte.not_set_up")`."""
        if not settings.url or not settings.user:
            raise RuleError("tte.not_set_up")
        from sync.kit.esign import BsreClient, Service

        return BsreClient(Service(settings.url, settings.user, settings.secret, settings.ca))

    def verifier(self, settings: SigningSettings) -> PdfVerifier:
        """Return who checks signatures, without a network."""
        from fieldkit.documents.signature_check import PadesVerifier

        return PadesVerifier((settings.trust,), self._clock)

    def place_in(self, pdf: bytes) -> Place | None:
        """Return where a letter wants its signature seen, None when it says nothing."""
        from fieldkit.documents.pades import place_in

        return place_in(pdf)

    def draw(self, words: BoxWords) -> bytes:
        """Return the box of a visible signature as PNG."""
        from fieldkit.documents.signature_box import draw_box

        return draw_box(words)

    def pages(self, pdf: bytes) -> tuple[bytes, ...]:
        """Return the pages of a PDF as PNG."""
        from fieldkit.documents.pdf_pages import draw_pages

        return draw_pages(pdf)

    def certificate(self, pkcs12: bytes, passphrase: str) -> OfficeCertificate:
        """Look into a PKCS #12 file."""
        from fieldkit.documents.pades import read_certificate

        return read_certificate(pkcs12, passphrase)

    def check_trust(self, pem: str) -> None:
        """Raise `InputError` unless the text holds certificates, or nothing."""
        from fieldkit.documents.signature_check import certificates_in

        certificates_in(pem)
