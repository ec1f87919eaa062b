"""Age gates: recorded from 16, obliged and printed from 17 or when married (UU 24/2013, field practice for 16)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

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
