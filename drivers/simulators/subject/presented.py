"""What a simulated device may ask of the person in front of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.positions import Position
from fieldkit.ports.devices import Signature

Image = NDArray[np.uint8]
Rgb = tuple[int, int, int]

# Backdrops of the portrait: odd birth year, even birth year, foreigner.
RED: Rgb = (0xDB, 0x15, 0x14)
BLUE: Rgb = (0x00, 0x90, 0xFF)
ORANGE: Rgb = (0xF5, 0x82, 0x1F)


class Condition(StrEnum):
    """State of a finger or an eye as a sensor meets it."""

    EVERYDAY = "everyday"  # a finger as it comes: of most people good, of some dry, wet or worn
    GOOD = "good"
    DRY = "dry"
    WET = "wet"
    LIGHT = "light"  # hardly pressed
    PARTIAL = "partial"  # only the tip
    MOVED = "moved"  # while the picture is taken
    WORN = "worn"
    BANDAGED = "bandaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Presentation:
    """One scripted attempt: the quality score the device shall report, or None when nothing is presented."""

    quality: int | None


no_finger = Presentation(None)


def quality(score: int) -> Presentation:
    """Script an attempt that the device scores 0–100."""
    return Presentation(score)


Script = Mapping[Position, tuple[Presentation, ...]]


class PresentedSubject(Protocol):
    """A person, synthetic or from a folder. The same arguments give the same bytes."""

    @property
    def name(self) -> str:
        """Return what to call this person."""
        ...

    def condition_of(self, position: Position) -> Condition:
        """Return the state of a finger or an eye."""
        ...

    def finger(self, position: Position, impression: int = 0, condition: Condition | None = None) -> Image:
        """Return a finger at 500 ppi, dark ridges on white, (height, width); without `condition` in its own."""
        ...

    def iris(self, position: Position, impression: int = 0) -> Image:
        """Return an eye under infrared light, shape (480, 640)."""
        ...

    def portrait(self, background_rgb: Rgb = RED) -> Image:
        """Return the frontal portrait in RGB, shape (height, width, 3)."""
        ...

    def signature(self) -> Signature:
        """Return the strokes of the signature with their times."""
        ...

    def presentation(self, position: Position, attempt: int) -> Presentation | None:
        """Return what is scripted for the n-th attempt (0-based), or None when nothing is scripted."""
        ...


def scripted(script: Script, position: Position, attempt: int) -> Presentation | None:
    """Look up an attempt; the last scripted one stands for all that follow."""
    steps = script.get(position, ())
    return steps[min(attempt, len(steps) - 1)] if steps else None
