"""One person's fingers among those of many: first by products of matrices, then the likeliest as any two prints.

The port `PersonFinder`. Two fingers that are "the same" make the same person, or one beyond doubt.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import liken
from fieldkit.matching.matcher import ALGORITHM, VERSION, judge
from fieldkit.matching.read_prints import ReadPrints
from fieldkit.matching.template import Template, decode, encode
from fieldkit.ports.matcher import MatchVerdict
from fieldkit.ports.person_finder import SamePerson

Prints = Mapping[Position, Template]

BEYOND_DOUBT = 6.0  # impostors reach 4.1 at 1 in 100,000
_LEAST_FINGERS = 2
_LIKELIEST = 8  # records that are looked at closely
_TRIED, _PROMISING = 4, 1.5  # fingers of each, before the others: one must reach this score
_BEST = 12  # minutiae of a print that count in the first look
_PART = struct.Struct("<BI")


class Gallery:
    """The prints of many, by any key."""

    def __init__(self) -> None:
        self._people: dict[str, Prints] = {}
        self._rows: dict[Position, _Rows] = {}

    @property
    def keys(self) -> Collection[str]:
        """Return whose prints are here."""
        return self._people.keys()

    def keep_only(self, keys: Collection[str]) -> None:
        """Forget all others."""
        if gone := [key for key in self._people if key not in keys]:
            self._rows.clear()
            for key in gone:
                del self._people[key]

    def add(self, key: str, prints: Prints) -> None:
        """Take somebody's prints in."""
        self._people[key] = prints
        self._rows.clear()

    def find(self, person: Prints) -> list[SamePerson]:
        """Return who seems to be this person, the most alike first."""
        likely, order = self._likeliest(person)
        found = [same for key in likely if (same := self._same(key, person, order[key])) is not None]
        return sorted(found, key=lambda same: -same.score)

    def _likeliest(self, person: Prints) -> tuple[list[str], dict[str, list[Position]]]:
        keys = list(self._people)
        looks = {position: self._rows_of(position, keys).look(template) for position, template in person.items()}
        if not keys or not looks:
            return [], {}
        table = np.array(list(looks.values()))  # fingers × people
        best = np.argsort(-table.sum(0), kind="stable")[:_LIKELIEST]
        positions = list(looks)
        order = {keys[at]: [positions[row] for row in np.argsort(-table[:, at], kind="stable")] for at in best}
        return [keys[at] for at in best], order

    def _rows_of(self, position: Position, keys: Sequence[str]) -> _Rows:
        if position not in self._rows:
            self._rows[position] = _Rows([self._people[key].get(position) for key in keys])
        return self._rows[position]

    def _same(self, key: str, person: Prints, order: Iterable[Position]) -> SamePerson | None:
        prints = self._people[key]
        common = [position for position in order if position in prints]
        fingers, highest = [], 0.0
        for number, position in enumerate(common):
            if number == _TRIED and highest < _PROMISING:
                return None
            one, other = prints[position], person[position]
            found = liken(one, other)
            highest = max(highest, found.score)
            if judge(one, other, found) is MatchVerdict.SAME:
                fingers.append(position)
        if len(fingers) >= _LEAST_FINGERS or (fingers and highest >= BEYOND_DOUBT):
            return SamePerson(key, tuple(fingers), round(highest, 2))
        return None


def find_owners(operators: Mapping[str, Sequence[Template]], person: Prints) -> list[SamePerson]:
    """Return whose finger is among this person's, under whatever position, the most alike first."""
    found = []
    for key, impressions in operators.items():
        for position, other in person.items():
            likeness = [(liken(one, other, 1), one) for one in impressions]
            same = [each.score for each, one in likeness if judge(one, other, each) is MatchVerdict.SAME]
            if same:
                found.append(SamePerson(key, (position,), round(max(same), 2)))
    return sorted(found, key=lambda each: -each.score)


class _Rows:
    """The sketches of one finger of all people, in one matrix."""

    def __init__(self, templates: Sequence[Template | None]) -> None:
        sketches = [template.sketch if template is not None else None for template in templates]
        self._has = np.array([sketch is not None and len(sketch) > 0 for sketch in sketches], bool)
        there = [sketch for sketch in sketches if sketch is not None and len(sketch)]
        self._matrix = np.vstack(there).astype(np.float32) if there else np.zeros((0, 1), np.float32)
        self._starts = np.cumsum([0, *(len(sketch) for sketch in there[:-1])]) if there else np.zeros(0, int)

    def look(self, template: Template) -> NDArray[np.floating[Any]]:
        """Return how much each person's finger stands out, in deviations; 0 where there is none."""
        out = np.zeros(len(self._has))
        if not self._has.any() or not len(template.sketch):
            return out
        alike = self._matrix @ template.sketch.astype(np.float32).T
        nearest = np.maximum.reduceat(alike, self._starts, axis=0)
        best = -np.partition(-nearest, min(_BEST, nearest.shape[1]) - 1, axis=1)[:, :_BEST].mean(1)
        out[self._has] = (best - np.median(best)) / (best.std() + 1e-6)
        return out


class FingerSearch:
    """The port `PersonFinder` over minutiae.

    One search at a time; others wait.
    """

    method = f"{ALGORITHM} {VERSION}"

    def __init__(self, prints: ReadPrints) -> None:
        self._prints_of = prints.of
        self._records, self._lock = Gallery(), Lock()

    def describe(self, samples: Sequence[Sample]) -> bytes:
        """Return what the fingers among the samples are compared by later, each impression of a finger for itself."""
        parts = [(FINGERS.index(position), encode(print_)) for position, print_ in self._read(samples)]
        return b"".join(_PART.pack(number, len(part)) + part for number, part in parts)

    def find(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return the records among `held` that seem to be of this person. Raise what `load` raises."""
        with self._lock:
            _load_into(self._records, held, load)
            return self._records.find(self._prints(samples))

    def find_owners(
        self, samples: Sequence[Sample], held: Collection[str], load: Callable[[str], bytes]
    ) -> Sequence[SamePerson]:
        """Return whose fingers are laid under any of the positions. Raise what `load` raises."""
        # Loaded anew each time: they are few, and a finger may be learnt at any moment.
        operators = {key: [template for _, template in _readable(load(key))] for key in held}
        with self._lock:
            return find_owners(operators, self._prints(samples))

    def _prints(self, samples: Sequence[Sample]) -> dict[Position, Template]:
        return dict(self._read(samples))

    def _read(self, samples: Sequence[Sample]) -> Iterator[tuple[Position, Template]]:
        for each in samples:
            if each.position in FINGERS and (template := self._prints_of(each)) is not None:
                yield each.position, template


def _load_into(gallery: Gallery, held: Collection[str], load: Callable[[str], bytes]) -> None:
    gallery.keep_only(held)
    for key in held:
        if key not in gallery.keys:
            gallery.add(key, dict(_readable(load(key))))


def _readable(content: bytes) -> Sequence[tuple[Position, Template]]:
    try:
        return described(content)
    except ValueError:  # from a bad page of the disk: nobody is found by it
        return ()


def described(content: bytes) -> Sequence[tuple[Position, Template]]:
    """Return the impressions that `FingerSearch.describe` wrote. Raise `ValueError` for anything else."""
    impressions, at = [], 0
    while at < len(content):
        try:
            number, size = _PART.unpack_from(content, at)
            position = FINGERS[number]
        except (struct.error, IndexError) as wrong:
            raise ValueError("no templates") from wrong
        at += _PART.size
        impressions.append((position, decode(content[at : at + size])))
        at += size
    return impressions
