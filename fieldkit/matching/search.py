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

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.minutiae import SKETCH, Image, ReadPrints, Template, decode, encode
from fieldkit.matching.ridges import Pixels
from fieldkit.ports.recording import Match, MatchVerdict, SamePerson

# Tells whether two prints come from one finger, by their minutiae and the flow of their ridges.
#
# The thresholds were set on the impostors' tail and on the genuine pairs of real prints of seven sensors
# (docs/matching.md; packaging/compare_matching.py prints the rates). Between the thresholds the matcher does not say.

ALGORITHM, VERSION = "fieldkit-minutiae", "2"
SAME_FROM, DIFFERENT_BELOW = 2.4, 0.07
_LEAST_PAIRED = 8
_LEAST_FLOW = 0.8
# To say "different" both prints must show enough, and the same place: fewer minutiae, less skin or a smaller overlap
# prove nothing.
_LEAST_MINUTIAE, _LEAST_MM2, _LEAST_COMMON_MM2 = 20, 100.0, 60.0
_MOST_CROWD = 0.5  # minutiae per mm²: skin has 0.1 to 0.4; more is noise, or an image at another resolution than told


class MinutiaeMatcher:
    """The port `Matcher` for fingers."""

    def __init__(self, prints: ReadPrints) -> None:
        self._prints = prints

    def prepare(self, sample: Sample) -> None:
        """Read a print ahead. Raise `InputError` for a sample without an image."""
        self._template(sample)

    def compare(self, reference: Sample, probe: Sample) -> Match:
        """Compare two prints; takes some hundredths of a second. Raise `InputError` for a sample without an image."""
        one, other = self._template(reference), self._template(probe)
        found = liken(one, other)
        return Match(judge(one, other, found), round(found.score, 2), ALGORITHM, VERSION)

    def _template(self, sample: Sample) -> Template:
        if (template := self._prints.of(sample)) is None:
            raise InputError("format.image_unreadable")
        return template


def judge(one: Template, other: Template, found: Likeness) -> MatchVerdict:
    """Return what a likeness of two prints is taken for."""
    if max(one.crowd, other.crowd) > _MOST_CROWD:
        return MatchVerdict.UNCLEAR
    if found.score >= SAME_FROM and found.paired >= _LEAST_PAIRED and found.flow >= _LEAST_FLOW:
        return MatchVerdict.SAME
    shows_enough = all(
        len(print_.minutiae) >= _LEAST_MINUTIAE and print_.ground.area_mm2 >= _LEAST_MM2 for print_ in (one, other)
    )
    is_different = shows_enough and found.area_mm2 >= _LEAST_COMMON_MM2 and found.score < DIFFERENT_BELOW
    return MatchVerdict.DIFFERENT if is_different else MatchVerdict.UNCLEAR


# Whether a print is that of another finger of the same person: given twice, or by the wrong hand.

# Of 226 hard pairs of one finger that are "the same" the least alike has 0.69, of 80 easy ones 0.80; of pairs of
# different fingers six of ten are spared the rest.
_LEAST_ALIKE = 0.65

Opened = tuple[Sample, Pixels, int]


class FingerDoubles:
    """Compares the prints of one person with each other."""

    def __init__(self, prints: ReadPrints) -> None:
        self._prints = prints

    def find(self, fresh: Sequence[Opened], known: Sequence[Sample]) -> dict[Position, Position]:
        """Return for each fresh print that is another finger's which one it is; known ones come before fresh ones.

        The fresh ones come with their images and ppi.
        """
        found: dict[Position, Position] = {}
        before = list(self._readable((sample, None) for sample in known))
        for position, template in self._readable((sample, (pixels, ppi)) for sample, pixels, ppi in fresh):
            others = (at for at, other in before if at is not position and _are_one(other, template))
            if (double := next(others, None)) is not None:
                found[position] = double
            else:
                before.append((position, template))
        return found

    def _readable(self, samples: Iterable[tuple[Sample, Image | None]]) -> Iterator[tuple[Position, Template]]:
        for sample, image in samples:
            if sample.position in FINGERS and (template := self._prints.of(sample, image)) is not None:
                yield sample.position, template


def _are_one(one: Template, other: Template) -> bool:
    return judge(one, other, liken(one, other, 1, _LEAST_ALIKE)) is MatchVerdict.SAME


Prints = Mapping[Position, Template]

BEYOND_DOUBT = 6.0  # impostors reach 4.1 at 1 in 100,000
_LEAST_FINGERS = 2
_LIKELIEST = 8  # records that are looked at closely
_TRIED, _PROMISING = 4, 1.5  # fingers of each, before the others: one must reach this score
_BEST = 12  # minutiae of a print that count in the first look
_AT_ONCE = 64  # people in one product: as float32 their sketches fit the cache
_PART = struct.Struct("<BI")


class Gallery:
    """Many people's fingers by any key: of each print only its sketch, 96 bytes a minutia, is in memory."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._sketches = {position: _Sketches() for position in FINGERS}
        self._lately: dict[str, Prints] = {}  # who was looked at closely the last time: the same person comes again

    @property
    def keys(self) -> frozenset[str]:
        """Return whose prints are here."""
        return frozenset(self._keys)

    def keep_only(self, keys: Collection[str]) -> None:
        """Forget all others."""
        self._lately = {key: prints for key, prints in self._lately.items() if key in keys}
        is_kept = np.array([key in keys for key in self._keys], bool)
        if not is_kept.all():
            self._keys = [key for key in self._keys if key in keys]
            for sketches in self._sketches.values():
                sketches.keep_only(is_kept)

    def add(self, key: str, prints: Prints) -> None:
        """Take somebody's prints in, who has none here yet."""
        self._keys.append(key)
        for position, sketches in self._sketches.items():
            sketches.add(prints.get(position))

    def find(self, person: Prints, prints_of: Callable[[str], Prints]) -> list[SamePerson]:
        """Return who seems to be this person, the most alike first; `prints_of` gives the prints of the likeliest."""
        likely, order = self._likeliest(person)
        self._lately = {key: self._lately.get(key) or prints_of(key) for key in likely}
        each = self._lately.items()
        found = [same for key, prints in each if (same := _same(key, prints, person, order[key])) is not None]
        return sorted(found, key=lambda same: -same.score)

    def _likeliest(self, person: Prints) -> tuple[list[str], dict[str, list[Position]]]:
        if not self._keys or not person:
            return [], {}
        table = np.array([self._sketches[position].look(template) for position, template in person.items()])
        best = np.argsort(-table.sum(0), kind="stable")[:_LIKELIEST]
        keys, positions = self._keys, list(person)
        order = {keys[at]: [positions[row] for row in np.argsort(-table[:, at], kind="stable")] for at in best}
        return [keys[at] for at in best], order


def _same(key: str, prints: Prints, person: Prints, order: Iterable[Position]) -> SamePerson | None:
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


class _Sketches:
    """The sketches of one finger of all people, in one block of bytes; those who came last are laid to it when asked.

    Products of such small numbers are exact as float32, in whatever pieces they are computed.
    """

    def __init__(self) -> None:
        self._counts: list[int] = []  # minutiae of each person
        self._block: NDArray[np.int8] = np.zeros((0, SKETCH), np.int8)
        self._new: list[NDArray[np.int8]] = []

    def add(self, template: Template | None) -> None:
        sketch = np.zeros((0, SKETCH), np.int8) if template is None else template.sketch
        self._counts.append(len(sketch))
        self._new.append(sketch.copy())  # it may be a view of all that was loaded

    def keep_only(self, is_kept: NDArray[np.bool_]) -> None:
        self._block = self._whole()[np.repeat(is_kept, self._counts)]
        self._counts = [count for count, stays in zip(self._counts, is_kept, strict=True) if stays]

    def look(self, template: Template) -> NDArray[np.floating[Any]]:
        """Return how much each person's finger stands out, in deviations; 0 where there is none."""
        counts, sought = np.array(self._counts), template.sketch.astype(np.float32).T
        out, has = np.zeros(len(counts)), counts > 0
        if not has.any() or not sought.shape[1]:
            return out
        block, ends = self._whole(), np.cumsum(counts[has])
        starts, nearest = ends - counts[has], np.empty((len(ends), sought.shape[1]), np.float32)
        for at in range(0, len(ends), _AT_ONCE):
            some, begin = starts[at : at + _AT_ONCE], starts[at]
            alike = block[begin : ends[at : at + _AT_ONCE][-1]].astype(np.float32) @ sought
            np.maximum.reduceat(alike, some - begin, axis=0, out=nearest[at : at + _AT_ONCE])
        best = -np.partition(-nearest, min(_BEST, nearest.shape[1]) - 1, axis=1)[:, :_BEST].mean(1)
        out[has] = (best - np.median(best)) / (best.std() + 1e-6)
        return out

    def _whole(self) -> NDArray[np.int8]:
        if self._new:
            self._block, self._new = np.vstack((self._block, *self._new)), []
        return self._block


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
            return self._records.find(self._prints(samples), lambda key: dict(_readable(load(key))))

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
    known = gallery.keys
    for key in held:
        if key not in known:
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
