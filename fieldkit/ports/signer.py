"""What the core asks of electronic signatures: sign a PDF, and say what a signed PDF is worth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.letters.signing import SigningSettings


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person types for one signature. It lives as long as the call and is shown nowhere."""

    nik: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)  # instead of the passphrase


@dataclass(frozen=True, slots=True)
class Place:
    """A box on a page, from 1; `x` and `y` of its upper left corner, in points from that of the page."""

    page: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class BoxWords:
    """What stands in the box of a visible signature; `qr` is the content of a QR code, "" for none."""

    caption: str
    name: str
    jabatan: str = ""
    nip: str = ""
    qr: str = ""


@dataclass(frozen=True, slots=True)
class Appearance:
    """What of a signature is seen. Without a place it is there and not seen."""

    place: Place | None = None
    image: bytes = field(default=b"", repr=False)  # PNG that fills the place
    reason: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True)
class SignedPdf:
    """The letter with its signature; its first bytes are the letter as it was given."""

    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfficeCertificate:
    """Whom a PKCS #12 file is for, and until when; `issuer` is the authority beside it as PEM, "" without one."""

    name: str
    valid_until: datetime
    issuer: str = ""


class AccountState(StrEnum):
    """What the signing service knows about a person."""

    ISSUED = "issued"
    NOT_REGISTERED = "not_registered"
    NO_CERTIFICATE = "no_certificate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SignerAccount:
    """The account of one signer; `message` is the service's own word."""

    state: AccountState
    message: str = ""


class PdfSigner(Protocol):
    """Makes signatures."""

    def sign_pdf(self, pdf: bytes, credentials: Credentials, appearance: Appearance) -> SignedPdf:
        """Sign once; never tries again by itself.

        Raise `SigningError("tte.…")` when the letter is certainly not signed, `SigningUnknownError` when nobody knows.
        """
        ...


class SigningService(PdfSigner, Protocol):
    """A service that keeps the keys of signers."""

    def request_totp(self, nik: str) -> str:
        """Ask for a one-time code; return what the service says about it. Raise `SigningError`."""
        ...

    def account(self, nik: str) -> SignerAccount:
        """Return what the service knows about a signer. Raise `SigningError`."""
        ...


class Standing(StrEnum):
    """The plain verdict over a letter."""

    VALID = "valid"
    CHANGED = "changed"  # after signing, or the signature does not hold
    UNTRUSTED = "untrusted"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class SignatureSeen:
    """One signature of a letter, as it was checked."""

    signer: str
    signed_at: datetime | None
    is_time_certified: bool  # by a trusted timestamp; else the signer's own clock said so
    is_intact: bool  # signature and signed bytes belong together
    is_trusted: bool
    covers_all: bool  # nothing of the file came after it, or only further signatures
    issuer: str = ""
    serial: str = ""  # serialNumber of the certificate's subject: the NIP where the authority puts it there


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a letter is worth, and why."""

    standing: Standing
    signatures: tuple[SignatureSeen, ...] = ()


class PdfVerifier(Protocol):
    """Checks signatures."""

    def verify(self, pdf: bytes) -> Verdict:
        """Check every signature. Raise `InputError("tte.pdf_…")` for what is no readable PDF."""
        ...


def conclude(signatures: tuple[SignatureSeen, ...]) -> Verdict:
    """Return the verdict over all signatures: the worst of them counts."""
    if not signatures:
        return Verdict(Standing.UNSIGNED)
    if not all(seen.is_intact and seen.covers_all for seen in signatures):
        return Verdict(Standing.CHANGED, signatures)
    if not all(seen.is_trusted for seen in signatures):
        return Verdict(Standing.UNTRUSTED, signatures)
    return Verdict(Standing.VALID, signatures)


class SigningBench(Protocol):
    """Everything around a signature that needs a library."""

    def signer(self, settings: SigningSettings, certificate: bytes) -> PdfSigner:
        """Return who signs, by the settings; `certificate` is the office's PKCS #12, empty for BSrE."""
        ...

    def service(self, settings: SigningSettings) -> SigningService:
        """Return the service of the settings, whoever signs."""
        ...

    def verifier(self, settings: SigningSettings) -> PdfVerifier:
        """Return who checks signatures, by whom the settings trust."""
        ...

    def place_in(self, pdf: bytes) -> Place | None:
        """Return where a letter wants its signature seen, None when it says nothing."""
        ...

    def draw(self, words: BoxWords) -> bytes:
        """Return the box of a visible signature as PNG."""
        ...

    def pages(self, pdf: bytes) -> tuple[bytes, ...]:
        """Return the pages of a PDF as PNG. Raise `InputError("tte.pdf_…")`."""
        ...

    def certificate(self, pkcs12: bytes, passphrase: str) -> OfficeCertificate:
        """Look into a PKCS #12 file. Raise `InputError("tte.certificate_unreadable")`."""
        ...

    def check_trust(self, pem: str) -> None:
        """Raise `InputError("tte.trust_unreadable")` unless the text holds certificates, or nothing."""
        ...
