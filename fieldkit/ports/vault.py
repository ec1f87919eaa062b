"""What the core asks of the vault: key slots, sealing, opening, signing and erasing.

Keys and certificates cross this border as DER bytes, so that nobody outside the vault touches a cryptographic library.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.letters.letter import SigningSettings
from fieldkit.domain.trusted_time import CertificateSpan
from fieldkit.ports.devices import Cancel

# What the core asks of a cipher for files that only this kit reads again.


class Cipher(Protocol):
    """Closes bytes for one place: what was closed about one thing does not open about another."""

    def close(self, content: bytes, about: bytes) -> bytes:
        """Return content encrypted and authenticated."""
        ...

    def open(self, closed: bytes, about: bytes) -> bytes | None:
        """Return what was closed, None when it is damaged, of another key or about something else."""
        ...

    def salted(self, salt: bytes) -> Cipher:
        """Return the cipher of one file: without its salt nothing that it closed opens again."""
        ...


# What is asked of the ministry's secure access module (SAM), which opens what a KTP-el keeps closed.


class Sam(Protocol):
    """A SAM in its slot. Order: `open`, `challenge`, then any number of `wrap` and `unwrap`; `close` is idempotent."""

    def open(self, cancel: Cancel) -> None:
        """Make the SAM ready. Raise `NotConnectedError("device.sam.absent")`, `ProtocolError("device.sam.unknown")`."""
        ...

    def challenge(self, from_card: bytes) -> bytes:
        """Begin a session with a card: answer the challenge it gave. Raise a `DeviceError`."""
        ...

    def wrap(self, apdu: bytes) -> bytes:
        """Return the secured form of a command to the card."""
        ...

    def unwrap(self, answer: bytes) -> bytes:
        """Return the plain data of a card's secured answer, without SW1 SW2."""
        ...

    def close(self) -> None:
        """End the session."""
        ...


# What makes the codes of a second factor.


class OneTimeCodes(Protocol):
    """Secrets of an authenticator and what follows from them."""

    def new_secret(self) -> str:
        """Return a new secret in base32, 160 bits."""
        ...

    def new_spare(self) -> str:
        """Return a new spare code in two groups, 40 bits, never digits only."""
        ...

    def code_at(self, secret: str, step: int) -> str:
        """Return the six digits of a step of 30 seconds since 1970."""
        ...

    def uri(self, secret: str, user_id: str, issuer: str) -> str:
        """Return what an authenticator reads from the QR code (`otpauth://`)."""
        ...


# What the core asks of electronic signatures: sign a PDF, and say what a signed PDF is worth.


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


# Providers of devices whose certificates this kit believes.


@dataclass(frozen=True, slots=True)
class Provider:
    """The certificate of a provider: whose it is, what people compare, until when it holds (UTC)."""

    name: str
    fingerprint: str  # SHA-256, `AB:CD:…`
    until: datetime


class TrustedProviders(Protocol):
    """The folder of certificates (PEM) that the drivers read when somebody signs in."""

    def listed(self) -> Sequence[Provider]:
        """Return whom this kit trusts, by name; what cannot be read is left out."""
        ...

    def look(self, content: bytes) -> Sequence[Provider]:
        """Return whose certificates a file holds, PEM or DER. Raise `InputError("trust.not_a_certificate")`."""
        ...

    def add(self, content: bytes) -> Sequence[Provider]:
        """Trust the certificates of a file, on the disk when this returns. Raise as `look`, and `StoreError`."""
        ...

    def remove(self, fingerprint: str) -> None:
        """Trust a certificate no longer; one that is not there changes nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A P-256 private key (PKCS #8 DER) and the certificate of the dinas CA for it (DER)."""

    certificate_der: bytes
    private_der: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed record, which this laptop can no longer open. `sha256` is 64 lower-case hex digits of `data`."""

    data: bytes = field(repr=False)
    sha256: str


class SignerRole(StrEnum):
    """The two who sign every record; the organizational unit of their certificates says which."""

    KIT = "kit"
    PETUGAS = "petugas"


@dataclass(frozen=True, slots=True)
class SealSigner:
    """Who signed a seal, as the dinas CA certified."""

    role: SignerRole
    signer_id: str
    name: str
    serial_number: int
    certificate_der: bytes = field(repr=False)
    title: str = ""  # of a petugas: the role of the account


class AuthorityProofs(Protocol):
    """Verifies signed acts by the certificates of the authority, at the time at which they say to be signed."""

    def verify(self, jws: str, certificate_der: bytes) -> tuple[SealSigner, dict[str, object]]:
        """Return signer and payload. Raise `VaultError` `vault.jws_…`, `vault.cms_certificate`, `vault.cms_revoked`."""
        ...

    def seen(self, at: datetime) -> AuthorityProofs:
        """Return the same for what came at another time than the seal."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedSeal:
    """The container of a verified seal, the signing time both stated, and the signers: kit first, then petugas."""

    content: bytes = field(repr=False)
    sealed_at: datetime
    signers: tuple[SealSigner, ...]
    authority: AuthorityProofs = field(repr=False)  # what acts of others within the content are proven by
    note: str = ""  # "time.implausible": the certificates were judged by the time of the evidence instead


class Sealer(Protocol):
    """Seals a container for the data center with the keys of the kit and of the petugas who is signed in."""

    def spans(self) -> Sequence[CertificateSpan]:
        """Return when the certificates of kit and petugas count: beyond that the data center refuses a seal."""
        ...

    def seal(self, container: bytes, at: datetime) -> SealedFile:
        """Sign and encrypt. Raise `VaultError` `vault.signing_key` when a key cannot be used."""
        ...


class RecordOpener(Protocol):
    """Opens sealed records where the data center identity is."""

    def open(
        self,
        sealed: bytes,
        at: datetime | None = None,
        revoked: Collection[int] = (),
        seen_at: datetime | None = None,
    ) -> OpenedSeal:
        """Decrypt and verify; `at` is the time of sealing by the manifest, `revoked` serial numbers of certificates.

        `seen_at` is when somebody else first saw the sealed file: it decides where the laptop's clock was wrong.
        Raise `VaultError`: `vault.age_…` when it does not open, `vault.cms_…` when the signatures do not hold.
        """
        ...


class Signer(Protocol):
    """Signs small documents: manifests, kit assertions, receipts."""

    def sign(self, payload: Mapping[str, object], typ: str) -> str:
        """Return a compact JWS (ES256) over the JSON of the payload; `typ` names the kind of document."""
        ...


class SignatureVerifier(Protocol):
    """Verifies small documents of one known signer."""

    def verify(self, token: str, typ: str) -> dict[str, object]:
        """Return the payload. Raise `VaultError` `vault.jws_…` when signature, kind or form does not hold."""
        ...


class DeviceProofs(Protocol):
    """Verifies long afterwards what capture devices signed."""

    @property
    def are_pinned(self) -> bool:
        """Return whether the issuers are known; else only that the certificate beside a sample signed it."""
        ...

    def verify(self, jws: str, certificate_der: bytes, at: datetime) -> Mapping[str, object]:
        """Return the payload. Raise a `KnownError` when signature, certificate or, where pinned, issuer do not hold."""
        ...
