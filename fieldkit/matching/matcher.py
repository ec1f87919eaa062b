"""Tells whether two prints come from one finger, by their minutiae and the flow of their ridges.

The score is the number of paired minutiae times their share of those that both prints could show: many pairs of few
count for less, and so do few pairs in a small overlap. The thresholds were set on synthetic fingers, worn ones among
them, and checked on real prints (tests/benchmarks/test_matching.py prints the rates). Between the thresholds the
matcher does not say.
"""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.minutiae import Minutiae, find_minutiae
from fieldkit.matching.ridges import Pixels, Ridges, find_ridges
from fieldkit.ports.matcher import Match, MatchVerdict

ALGORITHM, VERSION = "fieldkit-minutiae", "1"
SAME_FROM, DIFFERENT_BELOW = 10.0, 4.0
_LEAST_PAIRED = 12  # the old rule of the courts, for "the same"
_LEAST_EXPECTED = 14.0  # fewer common minutiae than that prove nothing
_LEAST_FLOW = 0.85
_MOST_CROWD = 0.5  # minutiae per mm²: skin has 0.1 to 0.4; more is noise, or an image at another resolution than told

_MOST_AHEAD = 2  # the two index fingers of the person in front

Template = tuple[Minutiae, Ridges]
ReadPrint = Callable[[Sample], tuple[Pixels, int]]


class MinutiaeMatcher:
    """The port `Matcher` for fingers. `read` returns the grey image of a sample and its ppi."""

    def __init__(self, read: ReadPrint) -> None:
        self._read = read
        self._ahead: dict[bytes, Template] = {}  # by the reference's bytes, until it is compared

    def prepare(self, reference: Sample) -> None:
        """Read a reference ahead. Raise `InputError` for a sample without an image."""
        self._ahead[reference.data] = read_print(self._read(reference))
        while len(self._ahead) > _MOST_AHEAD:
            self._ahead.pop(next(iter(self._ahead)), None)

    def compare(self, reference: Sample, probe: Sample) -> Match:
        """Compare two prints; takes some tenths of a second. Raise `InputError` for a sample without an image."""
        one = self._ahead.pop(reference.data, None) or read_print(self._read(reference))
        found = liken(*one, *read_print(self._read(probe)))
        return Match(judge(found), round(found.paired * found.share, 1), ALGORITHM, VERSION)


def read_print(image: tuple[Pixels, int]) -> Template:
    """Find what is compared in an (image, ppi). Raise `ValueError` for what is no grey image."""
    ridges = find_ridges(*image)
    return find_minutiae(ridges), ridges


def judge(found: Likeness) -> MatchVerdict:
    """Return what a likeness is taken for."""
    if found.expected < _LEAST_EXPECTED or found.crowd > _MOST_CROWD:
        return MatchVerdict.UNCLEAR
    score = found.paired * found.share
    if score >= SAME_FROM and found.paired >= _LEAST_PAIRED and found.flow >= _LEAST_FLOW:
        return MatchVerdict.SAME
    return MatchVerdict.DIFFERENT if score < DIFFERENT_BELOW else MatchVerdict.UNCLEAR
