"""What the core asks about samples before it believes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, runtime_checkable

from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import CaptureResult, IrisScorer, PreviewSink


class SampleInspector(Protocol):
    """Looks at what a device delivered while the person is still there."""

    def prepare(self) -> None:
        """Be ready soon: somebody is about to be captured."""
        ...

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Return the result with each image decoded and each print measured by the kit itself.

        What cannot be decoded, is no finger, or is another finger or the other eye of the same person, of whom `known`
        are the samples so far, has become a `SampleFault` that says why.
        """
        ...


class Hand(StrEnum):
    """Whose four fingers lie on the glass, as far as a picture tells."""

    RIGHT = "right"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FingerSeen:
    """A finger in a live frame: its box in thousandths of the picture, and how good the print promises to be, 0–100."""

    left: int
    top: int
    width: int
    height: int
    clarity: int


@dataclass(frozen=True, slots=True)
class SlapSeen:
    """What a live frame of a slap scanner shows. Two that count the same are equal, wherever the fingers lie."""

    count: int
    hand: Hand = Hand.UNKNOWN
    fingers: tuple[FingerSeen, ...] = field(default=(), compare=False)


@runtime_checkable
class MarkSink(PreviewSink, Protocol):
    """A mailbox of frames that also shows what was found in the newest one."""

    def mark(self, fingers: tuple[FingerSeen, ...]) -> None:
        """Put the fingers of the newest frame."""
        ...


class SlapFinder(Protocol):
    """Looks at live frames of a slap scanner."""

    def look(self, jpeg: bytes) -> SlapSeen:
        """Return how many fingers a frame shows, and whose hand. Raise `InputError` when it is no image."""
        ...


@dataclass(frozen=True, slots=True)
class LiveJudges:
    """What looks at live frames; where one is missing nothing is told, and a key begins the capture."""

    slaps: SlapFinder
    eyes: IrisScorer | None = None
    judges_faces: bool = False
