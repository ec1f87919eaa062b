"""Electronic signature of letters (TTE): how a letter is signed, by whom, and what became of each try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from unicodedata import combining, normalize

from fieldkit.domain.people.staff import NIP_DIGITS

_MOST_OF_A_COMMON_NAME = 64  # letters that a certificate has room for (X.520, ub-common-name)
_BEFORE_A_NAME = frozenset(["prof", "dr", "drg", "drs", "dra", "ir", "h", "hj", "kh", "r", "rr", "rd"])
_BEHIND_A_NAME = frozenset(
    (
        *("se", "sh", "st", "mm", "mh", "mt", "msi", "ssos", "sip", "skm", "sstp"),
        *("spd", "mpd", "skom", "mkom", "sag", "mag", "amd"),
    )
)


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


def is_signer(name: str, nip: str, subject: str, serial: str = "") -> bool:
    """Return whether a certificate is that of the official whom a letter names.

    `subject` and `serial` are common name and serialNumber of the certificate's subject. Two NIP decide; else the
    names, without titles, capitals and marks, which certificates and letters write differently.
    """
    given, held = (_digits(text) for text in (nip, serial))
    if len(given) == len(held) == NIP_DIGITS:
        return given == held
    named, found = _plain_name(name), _plain_name(subject)
    if len(subject) >= _MOST_OF_A_COMMON_NAME and found:
        return named.startswith(found)
    return bool(named) and named == found


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isascii() and mark.isdigit())


def _plain_name(text: str) -> str:
    """Return a name in small letters without titles: what stands behind a comma, Drs., S.Sos, H., SE at the end."""
    bare = "".join(mark for mark in normalize("NFKD", text.split(",")[0]).casefold() if not combining(mark))
    words = [word.strip(".()'\"") for word in bare.split()]
    # Degrees are written with a full stop inside (S.Sos, M.Si.), parts of names are not.
    named = [word for word in words if word and "." not in word]
    while len(named) > 1 and named[0] in _BEFORE_A_NAME:
        named.pop(0)
    while len(named) > 1 and named[-1] in _BEHIND_A_NAME:
        named.pop()
    return " ".join(named)
