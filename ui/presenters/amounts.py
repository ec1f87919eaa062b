"""Sizes, speeds and times as people read them; the catalogue sets the decimal sign of each language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ui.presenters.presenter import CatalogMessage, message

_MEGA = 1_000_000


def size_words(size_bytes: int) -> CatalogMessage:
    """Return a size in MB with one decimal; anything is at least 0,1 MB."""
    tenths = max(1, round(size_bytes * 10 / _MEGA)) if size_bytes else 0
    return message("amount.mb", whole=tenths // 10, tenth=tenths % 10)


def day_text(day: date) -> str:
    """Return a calendar day as it stands on the KK."""
    return day.strftime("%d-%m-%Y")


def moment_text(at: datetime) -> str:
    """Return a local time with its day."""
    return at.strftime("%d-%m-%Y %H.%M")


def in_fours(text: str) -> str:
    """Return digits in fours, as people compare them from paper and type them."""
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def clock_text(at: time | datetime) -> str:
    """Return a local clock time."""
    return f"{at:%H.%M}"


def span_text(units: int, between: str = ":") -> str:
    """Return minutes as hours and minutes, or seconds as minutes and seconds."""
    return f"{units // 60}{between}{units % 60:02}"


def left_words(left: timedelta) -> CatalogMessage:
    """Return about how long something still takes: seconds below two minutes, then whole minutes."""
    seconds = max(1, round(left.total_seconds()))
    if seconds < 120:
        return message("amount.seconds_left", count=seconds)
    return message("amount.minutes_left", count=round(seconds / 60))


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
