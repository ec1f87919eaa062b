"""What people type, read in one place: days, clock times, moments, whole numbers and paths.

Every reader takes the text of a field and raises one `InputError("typed.…")` for text that it cannot read. What the
program shows of a value is read back as the same value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode

from fieldkit.domain.errors import InputError

# What a person typed and did not accept yet: erasable, never in the event log, gone once it is accepted.


@dataclass(frozen=True, slots=True)
class DraftName:
    """The form that was typed into: its screen, and what it is about as the screen is opened with it."""

    screen: str
    about: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> DraftName:
        """Return the name that `text` spells."""
        screen, _, about = text.partition("?")
        return cls(screen, dict(parse_qsl(about, keep_blank_values=True)))

    @property
    def text(self) -> str:
        """Return the name as it is kept: the same form always spells the same."""
        return f"{self.screen}?{urlencode(sorted(self.about.items()))}" if self.about else self.screen


@dataclass(frozen=True, slots=True)
class Draft:
    """The fields of one form as one person left them."""

    name: DraftName
    owner: str  # user id
    fields: Mapping[str, str]
    at: datetime


def draft_of_recording(session_id: str) -> DraftName:
    """Return the name under which the recording screen keeps what was typed; it goes with the session."""
    return DraftName("recording", {"session_id": session_id})


# What costs time to make, kept for those who ask for it again.

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class MadeOnce(Generic[K, V]):
    """The last `most` values by their keys, each made once. Any thread may ask; whoever comes meanwhile waits."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._values: dict[K, Future[V]] = {}

    def clear(self) -> None:
        """Forget every value."""
        with self._lock:
            self._values.clear()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """Return the value of a key, from `make` when it is new. What that raises is raised, and made anew next time.

        `make` asks for no other value here.
        """
        with self._lock:
            kept = self._values.get(key)
            if kept is None:
                mine = self._values[key] = Future()
                while len(self._values) > self._most:
                    self._values.pop(next(iter(self._values)))
        if kept is not None:
            return kept.result()
        try:
            mine.set_result(make())
        except BaseException as error:
            with self._lock:
                if self._values.get(key) is mine:
                    del self._values[key]
            mine.set_exception(error)
            raise
        return mine.result()


T = TypeVar("T")

_MONTHS = {
    short: number
    for number, shorts in enumerate(
        (
            *(("jan",), ("feb", "peb"), ("mar",), ("apr",), ("mei", "may"), ("jun",), ("jul",)),
            *(("agu", "ags", "aug", "agt"), ("sep",), ("okt", "oct"), ("nov", "nop"), ("des", "dec")),
        ),
        1,
    )
    for short in shorts
}
_NUMERIC_DAY = re.compile(r"(\d{1,4})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{1,4})", re.ASCII)
_WORDED_DAY = re.compile(r"(\d{1,2})\s*[-/. ]?\s*([A-Za-z]{3,9})\.?,?\s*[-/. ]?\s*(\d{2,4})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?", re.ASCII)
_WHOLE = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d{1,15})", re.ASCII)
_BARE_DAY = re.compile(r"\d{6}|\d{8}", re.ASCII)  # 170589 or 17051989, as people type on a number pad
_CENTURY = 2000
_OLD = 50  # two digits from here on are of the century before, whoever is born
_NO_YEAR = 10_000
_YEARS = range(1800, 2200)  # a year outside of them is a slip of the finger


def day_at_end(text: str) -> tuple[tuple[int, int, int], str] | None:
    """Return day, month and year as they stand at the end of a text, unchecked, and what stands before them."""
    for form, parts in ((_NUMERIC_DAY, _numeric), (_WORDED_DAY, _worded)):
        found = list(form.finditer(text))
        if found and found[-1].end() == len(text):
            return parts(*found[-1].groups()), text[: found[-1].start()]
    return None


def read_day(text: str) -> date:
    """Read 3-12-2026, 3/12/26, 03122026, 3 Des 2026 or 2026-12-03; two digits of a year are those after 2000."""
    return _day(text, lambda year: year + _CENTURY)


def read_birth_day(text: str) -> date:
    """Read as `read_day`, but two digits of a year only from 50 on, of 1950: below it they may be of a lansia."""
    return _day(text, _full_year)


def read_days(text: str) -> tuple[date, ...]:
    """Read days between commas, sorted, each once; an empty field has none."""
    return tuple(sorted({read_day(part) for part in re.split("[,;]", text) if part.strip()}))


def read_clock_time(text: str) -> time:
    """Read 8, 8.00 or 08:00."""
    match = _CLOCK.fullmatch(_filled(text))
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise InputError("typed.clock_time", text=text.strip())
    return time(int(match[1]), int(match[2] or 0))


def read_moment(text: str, on: date | None = None) -> datetime:
    """Read a day and a clock time, without a zone; the time alone where it is known on which day it was."""
    day, _, clock = _filled(text).replace("T", " ").rpartition(" ")
    try:
        return datetime.combine(on if on is not None and not day else read_day(day), read_clock_time(clock))
    except InputError:
        raise InputError("typed.moment", text=text.strip()) from None


def read_whole(text: str, least: int = 0, most: int = 10**15 - 1) -> int:
    """Read a whole number; dots between thousands and "Rp" are as people write them."""
    plain = _filled(text).removeprefix("Rp").strip()
    if not _WHOLE.fullmatch(plain):
        raise InputError("typed.whole", text=text.strip())
    number = int(plain.replace(".", ""))
    if not least <= number <= most:
        raise InputError("typed.range", text=text.strip(), least=least, most=most)
    return number


def optional(read: Callable[[str], T]) -> Callable[[str], T | None]:
    """Return the reader of a field that may stay empty."""
    return lambda text: read(text) if text.strip() else None


def chosen(read: Callable[[str], T]) -> Callable[[str], T]:
    """Return the reader of a field that nobody may fill but who is asked: none of its choices is preselected."""

    def read_chosen(text: str) -> T:
        if not text.strip():
            raise InputError("typed.not_chosen")
        return read(text)

    return read_chosen


def path_of(text: str) -> Path:
    """Return a path as it was typed, or pasted out of a file browser: in quotes, or as file://…."""
    cleaned = text.strip().strip("\"'")
    if cleaned.startswith("file://"):
        cleaned = unquote(cleaned.removeprefix("file://"))
    try:
        return Path(cleaned).expanduser()
    except RuntimeError:  # there is no such user
        return Path(cleaned)


def _day(text: str, full: Callable[[int], int]) -> date:
    plain = _filled(text)
    if _BARE_DAY.fullmatch(plain):
        plain = f"{plain[:2]}-{plain[2:4]}-{plain[4:]}"
    found = day_at_end(plain)
    if found is None or found[1].strip():
        raise InputError("typed.day", text=text.strip())
    day, month, year = found[0]
    if year < 100:
        year = full(year)
    if year not in _YEARS:
        raise InputError("typed.day", text=text.strip())
    try:
        return date(year, month, day)
    except ValueError:
        raise InputError("typed.day", text=text.strip()) from None


def _full_year(year: int) -> int:
    if year >= _OLD:
        return year + _CENTURY - 100
    raise InputError("typed.short_year", text=f"{year:02}")


def _numeric(first: str, second: str, third: str) -> tuple[int, int, int]:
    day, year = (third, first) if len(first) == 4 else (first, third)
    return int(day), int(second), _year(year)


def _worded(day: str, month: str, year: str) -> tuple[int, int, int]:
    return int(day), _MONTHS.get(month[:3].lower(), 0), _year(year)


def _year(digits: str) -> int:
    """Return a year of two or four digits; no calendar has the others, so that they are refused."""
    return int(digits) if len(digits) == 2 or int(digits) >= 1000 else _NO_YEAR


def _filled(text: str) -> str:
    plain = " ".join(text.split())
    if not plain:
        raise InputError("typed.empty")
    return plain
