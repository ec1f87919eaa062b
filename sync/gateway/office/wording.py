"""Moments, ages, sizes and counts as the office page writes them, in the language and the time zone of the reader."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from fieldkit.domain.delivery.central_status import known_code
from fieldkit.ports.messages import Messages, told_by_code

ZONES = {"WIB": 7, "WITA": 8, "WIT": 9}
_THOUSANDS = {"id": ".", "en": ","}
_UNITS = ("kB", "MB", "GB", "TB")


class Wording:
    """One language for one moment and one zone; templates call it `w`."""

    def __init__(self, messages: Messages, language: str, zone: str, now: datetime) -> None:
        self.language = language
        self.zone = zone if zone in ZONES else "WIB"
        self.now = now
        self._messages = messages
        self._zone = timezone(timedelta(hours=ZONES[self.zone]), self.zone)

    def text(self, key: str, /, **params: str | int) -> str:
        """Return a sentence of the catalogue."""
        return self._messages.text(key, **params)

    def local_day(self, at: datetime) -> date:
        """Return the day on which something happened, at the place of the dinas."""
        return at.astimezone(self._zone).date()

    def today(self) -> date:
        """Return the day at the place of the dinas."""
        return self.local_day(self.now)

    def begins(self, day: date) -> datetime:
        """Return the first moment of a day at the place of the dinas."""
        return datetime.combine(day, time(), self._zone)

    def day(self, day: date | datetime) -> str:
        """Return "23 Nov 2026"; a moment is told by its day at the place of the dinas."""
        at = self.local_day(day) if isinstance(day, datetime) else day
        return f"{at.day} {self.text('office.months').split()[at.month - 1]} {at.year}"

    def moment(self, at: datetime) -> str:
        """Return "23 Nov 2026 14.05 WIB"."""
        local = at.astimezone(self._zone)
        clock = f"{local:%H.%M}" if self.language == "id" else f"{local:%H:%M}"
        return f"{self.day(at)} {clock} {self.zone}"

    def ago(self, at: datetime) -> str:
        """Return how long ago something happened, in its largest unit."""
        minutes = max(0, int((self.now - at).total_seconds() // 60))
        if minutes < 60:
            return self.text("common.minutes_short", count=minutes)
        if minutes < 48 * 60:
            return self.text("office.hours", count=minutes // 60)
        return self.text("office.days", count=self.number(minutes // (24 * 60)))

    def left(self, until: datetime) -> str:
        """Return the whole days until something ends; nothing is left of what is over."""
        return self.text("office.days", count=self.number(max(0, (until - self.now).days)))

    def number(self, count: int) -> str:
        """Return a count with its thousands apart."""
        return f"{count:,}".replace(",", _THOUSANDS.get(self.language, ","))

    def size(self, size_bytes: int) -> str:
        """Return a size in the unit that people would say."""
        amount = size_bytes / 1000
        unit = 0
        while amount >= 1000 and unit < len(_UNITS) - 1:
            amount, unit = amount / 1000, unit + 1
        text = f"{amount:.1f}" if amount < 10 else f"{amount:.0f}"
        return f"{text.replace('.', ',') if self.language == 'id' else text} {_UNITS[unit]}"

    def status(self, code: str) -> str:
        """Return a central status in words; an unknown code stays as it was written."""
        known = known_code(code)
        return self.text(f"central.{known.value.lower()}") if known else code

    def act(self, act: str) -> str:
        """Return an entry of the access log in words; one that this page does not know stays as it was written."""
        key = f"office.act_{act.replace('.', '_')}"
        text = self.text(key)
        return act if text == key else text

    def bundle(self, kind: str, name: str) -> str:
        """Return what was sent down, with the name of the list or SOP."""
        told = self.text(f"office.kind_{kind}")
        return f"{told} · {name}" if name else told

    def refusal(self, code: str) -> str:
        """Return why a kit refused what was sent; a reason that this page does not know stays as it was written."""
        return told_by_code(self._messages, code)

    def erased(self, reason: str) -> str:
        """Return why a record was erased."""
        return self.text(f"office.erased_{reason}")

    def origin(self, origin: str) -> str:
        """Return from where somebody looked."""
        return self.text(f"office.origin_{origin}")
