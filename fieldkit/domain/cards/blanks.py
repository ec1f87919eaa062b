"""The ledger of blanks: what was received, printed, spoilt, handed on and counted, by sort and place.

Each entry is written once and never changed, so that what two laptops wrote stands beside each other, neither lost nor
counted twice; what is left is worked out of all of them. Only blanks of the KTP-el have numbers; those of the KIA and
the paper of the KK (HVS 80 g, Permendagri 109/2019) are counted.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import ClassVar

from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError

# Numbers of blank cards as they are printed on the blank or on its box: single ones and runs of them.

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


def runs_of(numbers: Iterable[str]) -> tuple[Run, ...]:
    """Return numbers in their order as runs: those that follow each other together."""
    runs: list[Run] = []
    for number in numbers:
        longer = Run(runs[-1].first, number) if runs and _follows(runs[-1].last, number) else None
        runs[-1:] = [longer] if longer else [*runs[-1:], Run(number, number)]
    return tuple(runs)


def _follows(before: str, number: str) -> bool:
    (start, digits), (other, more) = _parts(before), _parts(number)
    return bool(digits) and (start, len(digits)) == (other, len(more)) and int(more) == int(digits) + 1


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


OFFICE = ""
"""The place of what no kit has: the store of the dinas."""
NUMBERED = frozenset({Document.KTP_EL})
USUAL_MINIMUM = 25


class BlankAct(StrEnum):
    """What happened to blanks."""

    RECEIVED = "received"
    MOVED = "moved"
    PRINTED = "printed"
    SPOILED = "spoiled"
    COUNTED = "counted"  # opname: `count` is how many more there are than the ledger says, or fewer
    WITHDRAWN = "withdrawn"  # a card that was in use, or printed anew: no stock, but to be destroyed
    MINIMUM = "minimum"  # below which somebody has to ask for more
    REVOKED = "revoked"  # an entry that was wrong


TO_DESTROY = frozenset({BlankAct.SPOILED, BlankAct.WITHDRAWN})
REVOCABLE = frozenset({BlankAct.RECEIVED, BlankAct.MOVED, BlankAct.SPOILED, BlankAct.COUNTED, BlankAct.WITHDRAWN})
_SIGNS = {BlankAct.RECEIVED: 1, BlankAct.PRINTED: -1, BlankAct.SPOILED: -1, BlankAct.COUNTED: 1, BlankAct.MOVED: -1}


@dataclass(frozen=True, slots=True)
class BlankEntry:
    """One line of the ledger. `count` is never below zero but for an opname."""

    KIND: ClassVar[str] = "blank_entry"

    thing_id: str
    activity_id: str
    act: BlankAct
    sort: Document
    count: int
    at: datetime
    by: str  # user_id
    place: str = OFFICE  # the kit that has or had them
    to: str = OFFICE  # where they went
    runs: tuple[Run, ...] = ()
    card_id: str = ""  # the document that was printed on it, or whose old card this is
    name: str = ""  # of whom an old card was, as the document has it
    masked_nik: str = ""
    why: str = ""
    source: str = ""  # who brought them, with the number of the letter or box
    about: str = ""  # the entry that is revoked

    @property
    def words(self) -> str:
        """Numbers, reason, source and name."""
        return " ".join(filter(None, (runs_text(self.runs), self.why, self.source, self.name)))


@dataclass(frozen=True, slots=True)
class Trouble:
    """What does not agree: a number that two prints used, one that nobody received, a stock below zero."""

    key: str  # of the catalogue
    about: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class BlankFigures:
    """A sort at a place over a period."""

    sort: Document
    place: str
    begun_with: int
    received: int
    printed: int
    spoilt: int
    moved: int  # came less went
    counted: int  # differences of opname
    withdrawn: int

    @property
    def left(self) -> int:
        """Return the stock at the end."""
        return self.begun_with + self.received - self.printed - self.spoilt + self.moved + self.counted


@dataclass
class Ledger:
    """What all entries come to. `add` takes one more within the same act."""

    entries: list[BlankEntry] = field(default_factory=list)
    _used: dict[str, list[BlankEntry]] = field(default_factory=lambda: defaultdict(list))
    _stock: Counter[tuple[Document, str]] = field(default_factory=Counter)
    _minimum: dict[Document, int] = field(default_factory=dict)
    _begun: dict[Document, datetime] = field(default_factory=dict)
    _came: list[tuple[Run, BlankEntry]] = field(default_factory=list)
    _moved: list[tuple[Run, BlankEntry]] = field(default_factory=list)

    @classmethod
    def of(cls, entries: Iterable[BlankEntry]) -> Ledger:
        """Return the ledger of entries in any order; what was revoked counts no more."""
        found = sorted(entries, key=lambda each: (each.at, each.thing_id))
        gone = {each.about for each in found}
        made = cls()
        for each in found:
            if each.thing_id not in gone:
                made.add(each)
        return made

    def add(self, entry: BlankEntry) -> None:
        """Take one more entry."""
        self.entries.append(entry)
        if entry.act is BlankAct.MINIMUM:
            self._minimum[entry.sort] = entry.count
        if entry.act is BlankAct.MOVED:
            self._moved += [(run, entry) for run in entry.runs]
        if entry.act is BlankAct.RECEIVED:
            self._came += [(run, entry) for run in entry.runs]
            self._begun[entry.sort] = min(entry.at, self._begun.get(entry.sort, entry.at))
        for place, change in changes_of(entry):
            self._stock[entry.sort, place] += change
        if entry.act in (BlankAct.PRINTED, BlankAct.SPOILED, BlankAct.COUNTED):
            for number in (number for run in entry.runs for number in run):
                self._used[number].append(entry)

    @property
    def stock(self) -> Mapping[tuple[Document, str], int]:
        """Return what is left by sort and place; places where nothing ever was are not named."""
        return self._stock

    def begun_at(self, sort: Document) -> datetime | None:
        """Return since when a sort is counted, None before the first ones were received."""
        return self._begun.get(sort)

    def left(self, sort: Document) -> int:
        """Return what is left of a sort at all places."""
        return sum(count for (of, _), count in self._stock.items() if of is sort)

    def minimum(self, sort: Document) -> int:
        """Return below which stock somebody has to ask for more."""
        return self._minimum.get(sort, USUAL_MINIMUM)

    def is_low(self, sort: Document) -> bool:
        """Return whether a sort that is counted is about to run out."""
        return sort in self._begun and self.left(sort) < self.minimum(sort)

    def received(self, number: str) -> BlankEntry | None:
        """Return the entry by which a number came."""
        return next((entry for run, entry in self._came if run.holds(number)), None)

    def meets(self, run: Run) -> bool:
        """Return whether some of these numbers were received before."""
        return any(run.meets(came) for came, _ in self._came)

    def used(self, number: str) -> BlankEntry | None:
        """Return what a number was used for, None while the blank is there."""
        found = self._used.get(number)
        return found[0] if found else None

    def place_of(self, number: str) -> str:
        """Return where a number is: where it was handed on to last, else where it was received."""
        moves = [entry.to for run, entry in self._moved if run.holds(number)]
        came = self.received(number)
        return moves[-1] if moves else came.place if came else OFFICE

    def next_numbers(self, count: int, place: str = OFFICE) -> tuple[str, ...]:
        """Return the first numbers that are there, those at a place before the others."""
        spread = sorted(self._spread(), key=lambda pair: pair[1] != place)  # a sort keeps the order of the boxes
        free = (number for run, _ in spread for number in run if number not in self._used)
        return tuple(islice(free, count))

    def there(self, place: str) -> Iterator[str]:
        """Yield the numbers whose blanks are at a place, in the order of the boxes."""
        return (number for run, at in self._spread() if at == place for number in run if number not in self._used)

    def became(self, runs: Iterable[Run], place: str) -> tuple[tuple[str, ...], int]:
        """Return which of the numbers that went to a place are still there, and how many were printed or spoilt."""
        numbers = [number for run in runs for number in run]
        used = [entry for number in numbers if (entry := self.used(number)) is not None]
        left = tuple(each for each in numbers if self.used(each) is None and self.place_of(each) == place)
        return left, sum(entry.act in (BlankAct.PRINTED, BlankAct.SPOILED) for entry in used)

    def troubles(self) -> Sequence[Trouble]:
        """Return what does not agree, as it may be after laptops told each other what they did."""
        found = [
            Trouble("blangko.used_twice", number, len(uses)) for number, uses in self._used.items() if len(uses) > 1
        ]
        runs = [run for run, _ in self._came]
        found += [
            Trouble("blangko.received_twice", run.text)
            for at, run in enumerate(runs)
            if any(run.meets(other) for other in runs[:at])
        ]
        found += [
            Trouble("blangko.never_received", number)
            for number in self._used
            if not any(run.holds(number) for run in runs)
        ]
        found += [
            Trouble(f"blangko.below_zero.{sort.value}", place, -count)
            for (sort, place), count in self._stock.items()
            if count < 0
        ]
        return found

    def figures(self, first: date, last: date, local_day: Callable[[datetime], date]) -> tuple[BlankFigures, ...]:
        """Return the movements of a period by sort and place, both days included."""
        before, within = Counter[tuple[Document, str]](), Counter[tuple[Document, str, BlankAct]]()
        for entry in self.entries:
            on = local_day(entry.at)
            if on > last:
                continue
            for place, change in changes_of(entry):
                if on < first:
                    before[entry.sort, place] += change
                else:
                    within[entry.sort, place, entry.act] += change
            if entry.act is BlankAct.WITHDRAWN and on >= first:
                within[entry.sort, entry.place, entry.act] += entry.count
        order = list(Document)
        known = {(sort, place) for sort, place in before} | {(sort, place) for sort, place, _ in within}
        return tuple(
            BlankFigures(
                sort,
                place,
                before[sort, place],
                within[sort, place, BlankAct.RECEIVED],
                -within[sort, place, BlankAct.PRINTED],
                -within[sort, place, BlankAct.SPOILED],
                within[sort, place, BlankAct.MOVED],
                within[sort, place, BlankAct.COUNTED],
                within[sort, place, BlankAct.WITHDRAWN],
            )
            for sort, place in sorted(known, key=lambda key: (order.index(key[0]), key[1]))
        )

    def _spread(self) -> list[tuple[Run, str]]:
        """Return every run that was received, in pieces, each with the place where it is."""
        pieces = [(run, entry.place) for run, entry in self._came]
        for moved, entry in self._moved:
            after: list[tuple[Run, str]] = []
            for run, place in pieces:
                first, within, last = run.parted(moved)
                parts = ((first, place), (within, entry.to), (last, place))
                after += [(part, where) for part, where in parts if part is not None]
            pieces = after
        return pieces


def changes_of(entry: BlankEntry) -> tuple[tuple[str, int], ...]:
    """Return which stock an entry changes, and by how much."""
    sign = _SIGNS.get(entry.act)
    if sign is None:
        return ()
    own = (entry.place, sign * entry.count)
    return (own, (entry.to, entry.count)) if entry.act is BlankAct.MOVED else (own,)
