"""What the core asks of the vault: key slots, sealing, opening, signing and erasing.

Keys and certificates cross this border as DER bytes, so that nobody outside the vault touches a cryptographic library.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.trusted_time import CertificateSpan


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
