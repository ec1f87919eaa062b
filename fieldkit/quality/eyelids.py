"""Finds the lids over an iris as arcs, and so what of the iris they leave open."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.circular_edge import Circle, Field, levels_at

_MIN_EDGE = 5.0  # grey levels
_ACROSS = np.linspace(-0.95, 0.95, 39)  # of the iris radius
_TOPS = np.linspace(-1.15, 0.25, 57)  # where the arc is highest; lower than this no pupil would be seen
_BENDS = np.linspace(0.0, 0.4, 5)  # how much it falls until one radius aside
_SHIFTS = (-0.3, 0.0, 0.3)
_WIDTH = 0.05  # of the radius
_CAP = 40.0
_MIN_POINTS = 10
_AS_CLEAR = 0.55  # a fold of the skin above the lid is as clear as the lid itself; the nearer one to the pupil counts
_PEAK = 0.12  # how wide one arc's answer is
_PUPIL_RIM = 1.25


@dataclass(frozen=True, slots=True)
class Lid:
    """An arc y = top + bend * (x - shift)², in iris radii from the iris centre, downwards positive."""

    top: float
    bend: float
    shift: float

    def at(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the height of the arc."""
        return np.asarray(self.top + self.bend * (x - self.shift) ** 2, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Lids:
    """The lids that reach over the iris; None where none does."""

    upper: Lid | None
    lower: Lid | None

    def leave_open(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Return which points lie between the lids; in iris radii from the iris centre."""
        is_open = np.ones(np.broadcast(x, y).shape, dtype=np.bool_)
        if self.upper is not None:
            is_open &= y > self.upper.at(x)
        if self.lower is not None:
            is_open &= y < self.lower.at(x)
        return is_open


def find_lids(image: Field, pupil: Circle, iris: Circle) -> Lids:
    """Look for skin, brighter than the eye, over and under an iris."""
    lower = _find(image, pupil, iris, -1)
    return Lids(_find(image, pupil, iris, 1), None if lower is None else Lid(-lower.top, -lower.bend, lower.shift))


def _find(image: Field, pupil: Circle, iris: Circle, down: int) -> Lid | None:
    """Return the strongest arc in the picture, which stands on its head for `down` = -1."""
    tops, bends, shifts = (grid.ravel() for grid in np.meshgrid(_TOPS, _BENDS, _SHIFTS))
    arcs = tops[:, None] + bends[:, None] * (_ACROSS - shifts[:, None]) ** 2
    within = np.abs(arcs) < np.sqrt(1 - _ACROSS**2)  # outside the iris there is no telling lid from white
    pupil_x, pupil_y = (pupil.x - iris.x) / iris.radius, down * (pupil.y - iris.y) / iris.radius
    within &= np.hypot(_ACROSS - pupil_x, arcs - pupil_y) > _PUPIL_RIM * pupil.radius / iris.radius
    levels = []
    for side in (-1, 1):
        at_x = iris.x + iris.radius * _ACROSS
        at_y = iris.y + iris.radius * down * (arcs + side * _WIDTH)
        levels.append(levels_at(image, at_x, at_y))
    falls = np.where(within, np.clip(levels[0] - levels[1], -_CAP, _CAP), 0)
    counts = within.sum(axis=1)
    means = np.where(counts >= _MIN_POINTS, falls.sum(axis=1) / np.maximum(counts, 1), -_CAP)
    if means.max() < _MIN_EDGE:
        return None
    clear = means >= max(_MIN_EDGE, _AS_CLEAR * means.max())
    lowest = tops[clear].max()
    best = int(np.where(clear & (tops > lowest - _PEAK), means, -_CAP).argmax())
    return Lid(float(tops[best]), float(bends[best]), float(shifts[best]))
