"""Whether two pictures show one and the same eye: phases of the ring between pupil and limbus, compared turn by turn.

After J. Daugman, "How Iris Recognition Works" (2004): the ring is unrolled, filtered along its circles, and the signs
of both parts of the answer are bits; of two different eyes half of them differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.recording.positions import Position
from fieldkit.quality.circular_edge import Pixels, levels_at
from fieldkit.quality.iris_finder import FoundEye, clearest_eye

SAME = 0.22  # of the bits differ at most; docs/quality.md has the figures
_RINGS, _SPOKES = 12, 256
_INNER, _OUTER = 0.12, 0.85  # of the way from the pupil to the limbus: both borders are no fibres
_WAVES = (10.0, 0.5)  # how many fit round the eye, and how wide the filter is (sigma by frequency, log)
_TURNS = 12  # spokes to each side, 17 degrees
_LEAST = 0.35  # of the bits must be seen in both


@dataclass(frozen=True, slots=True)
class IrisCode:
    """Bits of (rings, spokes, 2), and where the lids leave the ring open, (rings, spokes)."""

    bits: NDArray[np.bool_]
    is_seen: NDArray[np.bool_]


def code_of(frame: Pixels) -> IrisCode | None:
    """Return the code of the clearest eye of a grey picture, None where no open eye is found."""
    eye = clearest_eye(frame)
    return None if eye is None else code_of_eye(frame, eye)


def are_same(one: IrisCode, other: IrisCode) -> bool:
    """Return whether two codes are of one eye; False also where too little of both is seen."""
    return distance(one, other) <= SAME


def other_eyes(
    fresh: Mapping[Position, IrisCode | None], before: Mapping[Position, IrisCode | None]
) -> dict[Position, Position]:
    """Return for each fresh picture that shows the eye of another name which one it is; `before` comes before it.

    Which of the two names is the true one no picture of a single eye tells.
    """
    found: dict[Position, Position] = {}
    known = dict(before)
    for position, code in fresh.items():
        others = (at for at, other in known.items() if at is not position and code and other and are_same(other, code))
        if (other_eye := next(others, None)) is not None:
            found[position] = other_eye
        else:
            known.setdefault(position, code)
    return found


def distance(one: IrisCode, other: IrisCode) -> float:
    """Return the share of bits that differ at the best turn of the head, 1.0 where too little is seen."""
    best = 1.0
    for turn in range(-_TURNS, _TURNS + 1):
        is_seen = one.is_seen & np.roll(other.is_seen, turn, axis=1)
        if is_seen.mean() >= _LEAST:
            differ = (one.bits ^ np.roll(other.bits, turn, axis=1))[is_seen]
            best = min(best, float(differ.mean()))
    return best


def code_of_eye(frame: Pixels, eye: FoundEye) -> IrisCode:
    """Return the code of an eye that was found in a grey picture."""
    angle = np.linspace(0, 2 * np.pi, _SPOKES, endpoint=False, dtype=np.float32)[None, :]
    way = np.linspace(_INNER, _OUTER, _RINGS, dtype=np.float32)[:, None]
    pupil, iris = eye.pupil, eye.iris
    x = (1 - way) * (pupil.x + pupil.radius * np.cos(angle)) + way * (iris.x + iris.radius * np.cos(angle))
    y = (1 - way) * (pupil.y + pupil.radius * np.sin(angle)) + way * (iris.y + iris.radius * np.sin(angle))
    ring = levels_at(np.asarray(frame, dtype=np.float32), x, y)
    across, down = (
        np.asarray(each, dtype=np.float32) for each in ((x - iris.x) / iris.radius, (y - iris.y) / iris.radius)
    )
    is_seen = eye.lids.leave_open(across, down)
    is_seen &= ring < np.percentile(ring, 99)  # the lamp's reflection
    # What is not seen is filled with its circle's level, so that its edge makes no waves.
    counted = np.maximum(is_seen.sum(axis=1, keepdims=True), 1)
    level = np.where(is_seen, ring, 0).sum(axis=1, keepdims=True) / counted
    waves = np.fft.fft(np.where(is_seen, ring - level, 0), axis=1) * _log_gabor()
    answer = np.fft.ifft(waves, axis=1)
    return IrisCode(np.stack((answer.real > 0, answer.imag > 0), axis=-1), is_seen)


def _log_gabor() -> NDArray[np.float64]:
    centre, width = _WAVES
    frequency = np.fft.fftfreq(_SPOKES, 1 / _SPOKES)
    gain = np.zeros(_SPOKES)
    gain[frequency > 0] = np.exp(-(np.log(frequency[frequency > 0] / centre) ** 2) / (2 * np.log(width) ** 2))
    return gain
