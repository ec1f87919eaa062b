"""Tells whether two prints come from one finger, by their minutiae and the flow of their ridges.

The thresholds were set on the impostors' tail and on the genuine pairs of hard synthetic prints, and checked on others
(docs/quality.md; tests/benchmarks/test_matching.py prints the rates). Between the thresholds the matcher does not say.
"""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.ridges import Pixels
from fieldkit.matching.template import Template, read_print
from fieldkit.ports.matcher import Match, MatchVerdict

ALGORITHM, VERSION = "fieldkit-minutiae", "2"
SAME_FROM, DIFFERENT_BELOW = 2.4, 0.3
_LEAST_PAIRED = 8
_LEAST_FLOW = 0.8
# To say "different" both prints must show enough: fewer minutiae, less skin or a smaller overlap prove nothing.
_LEAST_MINUTIAE, _LEAST_MM2 = 20, 100.0
_MOST_CROWD = 0.5  # minutiae per mm²: skin has 0.1 to 0.4; more is noise, or an image at another resolution than told

_MOST_AHEAD = 2  # the two index fingers of the person in front

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
        """Compare two prints; takes some hundredths of a second. Raise `InputError` for a sample without an image."""
        one = self._ahead.pop(reference.data, None) or read_print(self._read(reference))
        other = read_print(self._read(probe))
        found = liken(one, other)
        return Match(judge(one, other, found), round(found.score, 2), ALGORITHM, VERSION)


def judge(one: Template, other: Template, found: Likeness) -> MatchVerdict:
    """Return what a likeness of two prints is taken for."""
    if max(one.crowd, other.crowd) > _MOST_CROWD:
        return MatchVerdict.UNCLEAR
    if found.score >= SAME_FROM and found.paired >= _LEAST_PAIRED and found.flow >= _LEAST_FLOW:
        return MatchVerdict.SAME
    shows_enough = all(
        len(print_.minutiae) >= _LEAST_MINUTIAE and print_.ground.area_mm2 >= _LEAST_MM2 for print_ in (one, other)
    )
    return MatchVerdict.DIFFERENT if found.score < DIFFERENT_BELOW and shows_enough else MatchVerdict.UNCLEAR
