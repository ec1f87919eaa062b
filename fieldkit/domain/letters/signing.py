"""Electronic signature of letters (TTE): how a letter is signed, and what became of each try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class SigningWay(StrEnum):
    """Who makes the signature."""

    BSRE = "bsre"  # the e-sign client service inside the agency
    OFFICE = "office"  # this laptop, with the certificate of the office


class SigningOutcome(StrEnum):
    """What is known about one try. `SENT` is written before the first byte leaves, so a crash leaves the truth."""

    SENT = "sent"
    SIGNED = "signed"
    NOT_SENT = "not_sent"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    FOUND_SIGNED = "found_signed"  # a person settled an unknown outcome
    FOUND_UNSIGNED = "found_unsigned"


@dataclass(frozen=True, slots=True)
class SigningTry:
    """One line of a letter's history of signing; no passphrase, no NIK."""

    at: datetime
    by: str  # user_id
    way: SigningWay
    outcome: SigningOutcome
    code: str = ""  # of the error
    message: str = ""  # of the service, verbatim


@dataclass(frozen=True, slots=True)
class SigningTrail:
    """All tries of one letter, oldest first. `thing_id` is the letter's."""

    KIND: ClassVar[str] = "signing_trail"

    thing_id: str
    activity_id: str
    tries: tuple[SigningTry, ...] = ()

    @property
    def words(self) -> str:
        """Nothing: the letter is what people search."""
        return ""


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """How this kit signs. `ca` and `trust` are PEM; an empty `ca` means the authorities that the system trusts."""

    way: SigningWay = SigningWay.BSRE
    url: str = ""
    user: str = ""  # of HTTP Basic
    secret: str = field(default="", repr=False)
    ca: str = ""  # of the service's TLS certificate
    trust: str = ""  # of signers and their timestamps
    certificate: str = ""  # attachment_id of the office's PKCS #12, which its own passphrase closes
    niks: Mapping[str, str] = field(default_factory=dict, repr=False)  # user_id → NIK by which the service knows them
