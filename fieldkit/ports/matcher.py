"""What the core asks of a comparison of samples. None stands behind it on a kit without a matcher."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.recording.samples import Sample


class MatchVerdict(StrEnum):
    """What a comparison says. It is advice: people decide."""

    SAME = "same"
    DIFFERENT = "different"
    UNCLEAR = "unclear"  # too little to see, or between the thresholds


@dataclass(frozen=True, slots=True)
class Match:
    """A verdict and its score; the higher the score the more alike, scores of two algorithms do not mix."""

    verdict: MatchVerdict
    score: float
    algorithm: str
    version: str


class Matcher(Protocol):
    """Compares two samples of one position (1:1)."""

    def prepare(self, sample: Sample) -> None:
        """Read one of two ahead, while the subject lays the next finger down. Raise `InputError` on no image."""
        ...

    def compare(self, reference: Sample, probe: Sample) -> Match:
        """Return whether both come from the same finger at the matcher's thresholds. Raise `InputError` on no image."""
        ...
