"""Numbers of blank cards as they are printed on the blank or on its box: single ones and runs of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from fieldkit.domain.errors import InputError

MOST_AT_ONCE = 100_000
_LONGEST = 24
_NUMBER = re.compile(r"[A-Z0-9][A-Z0-9./-]*", re.ASCII)
_LIKE_A_NIK = re.compile(r"[0-9]{16}", re.ASCII)
# A hyphen may stand within a number (BL-0107), so one between two numbers has blanks around it.
# Without blanks it does where both sides begin alike: A0001-A0010.
_TIGHT = re.compile(r"([A-Z][A-Z0-9./-]*?)([0-9]+)-(\1[0-9]+)", re.ASCII | re.IGNORECASE)
_TO = re.compile(r"\s*(?:–|—|\.\.+)\s*|\s+(?:-|s\.?\s?/?\s?d\.?|sampai|to)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Run:
    """The numbers from `first` to `last`, both included, alike but for the digits at their end."""

    first: str
    last: str

    @property
    def count(self) -> int:
        """Return how many numbers these are."""
        low, high = self._ends
        return high - low + 1

    @property
    def text(self) -> str:
        """Return it as it is read back."""
        return self.first if self.first == self.last else f"{self.first} – {self.last}"

    def holds(self, number: str) -> bool:
        """Return whether a number is one of these."""
        (before, digits), (other, more) = _parts(self.first), _parts(number)
        if not digits:
            return number == self.first
        low, high = self._ends
        return before == other and len(digits) == len(more) and low <= int(more) <= high

    def meets(self, other: Run) -> bool:
        """Return whether a number is in both."""
        return self.holds(other.first) or other.holds(self.first)

    def parted(self, other: Run) -> tuple[Run | None, Run | None, Run | None]:
        """Return what stands before another run, what is in both, and what stands after; all before where none is."""
        if not self.meets(other):
            return self, None, None
        before, digits = _parts(self.first)
        if not digits:
            return None, self, None
        (low, high), (first, last) = self._ends, other._ends

        def run(begin: int, end: int) -> Run | None:
            if begin > end:
                return None
            return Run(*(f"{before}{number:0{len(digits)}}" for number in (begin, end)))

        return run(low, first - 1), run(max(low, first), min(high, last)), run(last + 1, high)

    def __iter__(self) -> Iterator[str]:
        """Go through the numbers in their order."""
        before, digits = _parts(self.first)
        low, high = self._ends
        return (f"{before}{number:0{len(digits)}}" if digits else self.first for number in range(low, high + 1))

    @property
    def _ends(self) -> tuple[int, int]:
        first, last = _parts(self.first)[1], _parts(self.last)[1]
        return (int(first), int(last)) if first else (0, 0)


def read_number(text: str) -> str:
    """Return one number as it is kept: capitals, no blanks. Raise `InputError("blank.number_unreadable")`."""
    number = "".join(text.split()).upper()
    if not _NUMBER.fullmatch(number) or len(number) > _LONGEST or _LIKE_A_NIK.fullmatch(number):
        raise InputError("blank.number_unreadable", text=text.strip()).at("numbers")
    return number


def read_runs(text: str) -> tuple[Run, ...]:
    """Return numbers and runs as typed between commas, semicolons or lines: `BL-0101 – BL-0300, BL-0400`.

    The second end may be the last digits alone. Raise `InputError`: `blank.number_unreadable`, `blank.run_backwards`,
    `blank.number_twice`, `blank.too_many`.
    """
    runs = tuple(_run(part) for part in re.split(r"[,;\n]", text) if part.strip())
    if any(run.meets(other) for at, run in enumerate(runs) for other in runs[:at]):
        raise InputError("blank.number_twice", text=text.strip()).at("numbers")
    if counted(runs) > MOST_AT_ONCE:
        raise InputError("blank.too_many", limit=MOST_AT_ONCE).at("numbers")
    return runs


def counted(runs: tuple[Run, ...]) -> int:
    """Return how many numbers some runs have."""
    return sum(run.count for run in runs)


def runs_text(runs: tuple[Run, ...]) -> str:
    """Return runs as they are read back."""
    return ", ".join(run.text for run in runs)


def _run(text: str) -> Run:
    tight = _TIGHT.fullmatch(text.strip())
    ends = [tight[1] + tight[2], tight[3]] if tight else _TO.split(text.strip())
    if len(ends) > 2:
        raise InputError("blank.number_unreadable", text=text.strip()).at("numbers")
    first = read_number(ends[0])
    if len(ends) == 1:
        return Run(first, first)
    last, (before, digits) = read_number(ends[1]), _parts(first)
    if before and last.isdigit():
        last = before + digits[: len(digits) - len(last)] + last
    if _parts(last)[0] != before or len(last) != len(first):
        raise InputError("blank.number_unreadable", text=text.strip()).at("numbers")
    if last < first:
        raise InputError("blank.run_backwards", text=text.strip()).at("numbers")
    return Run(first, last)


@lru_cache(maxsize=4096)
def _parts(number: str) -> tuple[str, str]:
    """Return what stands before the digits at the end of a number, and these digits."""
    before = number.rstrip("0123456789")
    return before, number[len(before) :]
