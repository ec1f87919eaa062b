"""Sizes, speeds and times as people read them; the catalogue sets the decimal sign of each language."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from ui.presenters.messages import CatalogMessage, message

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


def left_words(left: timedelta) -> CatalogMessage:
    """Return about how long something still takes: seconds below two minutes, then whole minutes."""
    seconds = max(1, round(left.total_seconds()))
    if seconds < 120:
        return message("amount.seconds_left", count=seconds)
    return message("amount.minutes_left", count=round(seconds / 60))
