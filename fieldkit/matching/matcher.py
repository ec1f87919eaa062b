"""Tells whether two prints come from one finger, by their minutiae and the flow of their ridges.

The thresholds were set on the impostors' tail and on the genuine pairs of real prints of seven sensors
(docs/matching.md; packaging/compare_matching.py prints the rates). Between the thresholds the matcher does not say.
"""

from __future__ import annotations

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.samples import Sample
from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.read_prints import ReadPrints
from fieldkit.matching.template import Template
from fieldkit.ports.matcher import Match, MatchVerdict

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
