"""How old something is, in the unit that people use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class AgeWords:
    """A whole number of one unit: minutes, hours or days."""

    unit: str
    count: int


def age_words(age: timedelta) -> AgeWords:
    """Return an age in its largest full unit; a clock that went back counts as now."""
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 60:
        return AgeWords("minutes", minutes)
    if minutes < 48 * 60:
        return AgeWords("hours", minutes // 60)
    return AgeWords("days", minutes // (24 * 60))
