"""NIK and No.KK: PPKKCC DDMMYY SSSS, women add 40 to the day.

A NIK is permanent even when wrong, so decoding is only a hint: few findings are errors, the rest are warnings.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from fieldkit.domain.errors import InputError

# Age gates: recorded from 16, obliged and printed from 17 or when married (UU 24/2013, field practice for 16).

RECORD_FROM_YEARS = 16
CARD_FROM_YEARS = 17


class MaritalStatus(IntEnum):
    """Status kawin as coded on the KK."""

    BELUM_KAWIN = 1
    KAWIN = 2
    CERAI_HIDUP = 3
    CERAI_MATI = 4

    @property
    def was_married(self) -> bool:
        """Return whether the person is or was married, which opens the age gate."""
        return self is not MaritalStatus.BELUM_KAWIN


def birthday(birth_date: date, years: int) -> date:
    """Return the day on which somebody turns `years`; 29 February counts from 1 March in common years."""
    try:
        return birth_date.replace(year=birth_date.year + years)
    except ValueError:
        return date(birth_date.year + years, 3, 1)


def age_on(birth_date: date, on: date) -> int:
    """Return the age in completed years."""
    years = on.year - birth_date.year
    return years if on >= birthday(birth_date, years) else years - 1


@dataclass(frozen=True, slots=True)
class AgeGate:
    """What a person of this age may get. `card_from` is None when the card may be printed at once."""

    age: int
    may_record: bool
    card_from: date | None


def age_gate(birth_date: date, marital_status: MaritalStatus, on: date) -> AgeGate:
    """Return the gate on a day: under 16 and never married is too early, 16 is recorded now and printed at 17."""
    age = age_on(birth_date, on)
    if marital_status.was_married or age >= CARD_FROM_YEARS:
        return AgeGate(age, may_record=True, card_from=None)
    return AgeGate(age, age >= RECORD_FROM_YEARS, birthday(birth_date, CARD_FROM_YEARS))


PROVISIONAL = "SMT-"  # nomor sementara


class Sex(StrEnum):
    """As printed on the card: L(aki-laki) or P(erempuan)."""

    MALE = "L"
    FEMALE = "P"


class Severity(StrEnum):
    """An error stops; a warning asks a person to look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about a number; `code` is a message key."""

    severity: Severity
    code: str


def _error(code: str) -> Finding:
    return Finding(Severity.ERROR, code)


def _warning(code: str) -> Finding:
    return Finding(Severity.WARNING, code)


@dataclass(frozen=True, slots=True)
class Nik:
    """A NIK that has passed the errors of the check; warnings may remain.

    Of somebody who has none yet it is a number of the kit, which begins with letters and is never taken for a NIK.
    """

    digits: str

    @classmethod
    def provisional(cls, kit_id: str, number: int) -> Nik:
        """Return what stands in the place of the NIK until there is one."""
        return cls(f"{PROVISIONAL}{kit_id}-{number:04}")

    @property
    def is_provisional(self) -> bool:
        """Return whether the person has no NIK yet."""
        return self.digits.startswith(PROVISIONAL)

    @property
    def official(self) -> str:
        """Return the 16 digits, "" of somebody who has none: a record bears nothing else as NIK."""
        return "" if self.is_provisional else self.digits

    @classmethod
    def parse(cls, text: str) -> Nik:
        """Return the NIK in `text`; blanks and dots are forgiven. Raise `InputError` with the first error found."""
        digits = text.strip().replace(" ", "").replace(".", "")
        for finding in _errors(digits):
            raise InputError(finding.code)
        return cls(digits)

    @property
    def region(self) -> str:
        """Return PPKKCC, the place of first registration."""
        return self.digits[:6]

    @property
    def sex(self) -> Sex:
        """Return the sex that the day of birth encodes."""
        return Sex.FEMALE if int(self.digits[6]) >= 4 else Sex.MALE

    @property
    def masked(self) -> str:
        """Return the form for lists: first 6 and last 2 digits; a provisional number tells nothing and stays whole."""
        return self.digits if self.is_provisional else f"{self.digits[:6]}••••••••{self.digits[-2:]}"

    def birth_dates(self) -> tuple[date, ...]:
        """Return the possible birth dates, 1900s first; empty when the day exists in neither century."""
        day, month, year = int(self.digits[6:8]) % 40, int(self.digits[8:10]), int(self.digits[10:12])
        found = []
        for century in (1900, 2000):
            try:
                found.append(date(century + year, month, day))
            except ValueError:
                continue
        return tuple(found)

    def __str__(self) -> str:
        return self.masked  # a NIK never reaches a log by accident


NO_NIK = Nik("")
"""What a form says of somebody without a NIK; a provisional number takes its place when the person is taken in."""

# Sixteen digits in groups; not over a slash, which divides the numbers of letters.
_LIKE_A_NIK = re.compile(r"(?:[0-9][ .\-]?){15}[0-9]")


def hide_niks(text: str) -> str:
    """Return a text in which every number of sixteen digits is masked: people write a NIK as proof of who they are."""

    def masked(found: re.Match[str]) -> str:
        digits = re.sub(r"[^0-9]", "", found.group())
        return f"{digits[:6]}••••••••{digits[-2:]}"

    return _LIKE_A_NIK.sub(masked, text)


def _errors(digits: str) -> list[Finding]:
    if len(digits) != 16 or not (digits.isascii() and digits.isdigit()):
        return [_error("nik.not_16_digits")]
    found = []
    if len(set(digits)) == 1:
        found.append(_error("nik.all_same"))
    day, month = int(digits[6:8]), int(digits[8:10])
    if not (1 <= day <= 31 or 41 <= day <= 71):
        found.append(_error("nik.day"))
    if not 1 <= month <= 12:
        found.append(_error("nik.month"))
    if digits[12:] == "0000":
        found.append(_error("nik.serial"))
    return found


def check_nik(
    text: str,
    *,
    birth_date: date | None = None,
    sex: Sex | None = None,
    domicile: str = "",
    is_known_region: Callable[[str], bool] | None = None,
) -> tuple[Finding, ...]:
    """Return all findings: errors alone when there are any, else the warnings against what the KK states.

    `domicile` is a region code whose first digits (kabupaten, 4) are compared.
    """
    if Nik(text.strip()).is_provisional:
        return (_warning("nik.provisional"),)
    digits = text.strip().replace(" ", "").replace(".", "")
    errors = _errors(digits)
    if errors:
        return tuple(errors)
    nik = Nik(digits)
    found = []
    if is_known_region is not None and not is_known_region(nik.region):
        found.append(_warning("nik.unknown_region"))
    dates = nik.birth_dates()
    if not dates:
        found.append(_warning("nik.impossible_date"))
    elif birth_date is not None and birth_date not in dates:
        found.append(_warning("nik.other_birth_date"))
    if sex is not None and nik.sex is not sex:
        found.append(_warning("nik.other_sex"))
    if domicile and nik.region[:4] != domicile[:4]:
        found.append(_warning("nik.other_domicile"))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NoKk:
    """Family card number: region 6 + date of registration 6 + serial 4."""

    digits: str

    @classmethod
    def parse(cls, text: str) -> NoKk:
        """Return the number in `text`. Raise `InputError`."""
        digits = text.strip().replace(" ", "").replace(".", "")
        if len(digits) != 16 or not (digits.isascii() and digits.isdigit()) or len(set(digits)) == 1:
            raise InputError("no_kk.not_16_digits")
        return cls(digits)

    @property
    def masked(self) -> str:
        """Return the form for lists."""
        return f"{self.digits[:6]}••••••••{self.digits[-2:]}"

    def __str__(self) -> str:
        return self.masked


def check_no_kk(text: str, *, is_known_region: Callable[[str], bool] | None = None) -> tuple[Finding, ...]:
    """Return the findings about a No.KK: an error when it is no such number, warnings for region and date."""
    try:
        number = NoKk.parse(text)
    except InputError as error:
        return (_error(error.code),)
    found = []
    if is_known_region is not None and not is_known_region(number.digits[:6]):
        found.append(_warning("no_kk.unknown_region"))
    day, month, year = (int(number.digits[at : at + 2]) for at in (6, 8, 10))
    try:
        date(2000 + year, month, day)
    except ValueError:
        found.append(_warning("no_kk.impossible_date"))
    return tuple(found)
