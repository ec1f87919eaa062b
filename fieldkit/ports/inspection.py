"""What the core asks about samples before it believes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import CaptureResult


class SampleInspector(Protocol):
    """Looks at what a device delivered while the person is still there."""

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Return the result with each image decoded and each print measured by the kit itself.

        What cannot be decoded, is no finger, or is another finger of the same person, of whom `known` are the prints so
        far, has become a `SampleFault` that says why.
        """
        ...


class Hand(StrEnum):
    """Whose four fingers lie on the glass, as far as a picture tells."""

    RIGHT = "right"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SlapSeen:
    """What a live frame of a slap scanner shows."""

    count: int
    hand: Hand = Hand.UNKNOWN


class SlapFinder(Protocol):
    """Looks at live frames of a slap scanner."""

    def look(self, jpeg: bytes) -> SlapSeen:
        """Return how many fingers a frame shows, and whose hand. Raise `InputError` when it is no image."""
        ...
