"""Tells from rings around a point whether it is the middle of an eye: dark pupil, iris, white at both sides."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.circular_edge import Circle, Field, levels_at

PUPIL_BY_IRIS = (0.15, 0.74)  # wider than what is usable, so that a bad eye is told instead of missed

_ANGLES, _RINGS, _SMALLEST_PX = 48, 56, 3.0
_WIDTH = 1.13  # the two rings whose levels are compared
_CAP = 40.0  # grey levels: no single glint or lash outweighs the rest of a ring
_TRIM = 5  # a fifth at either end
_SIDE_DEG, _PUPIL_FROM_DEG = (-30.0, 50.0), -45.0  # from the horizontal, downwards positive: lids hide the rest
_MIN_PUPIL, _MIN_LIMBUS = 3.0, 1.0  # grey levels
_PUPIL_AROUND, _LIMBUS_AROUND = 0.65, 0.55  # parts of the ring that rise
_RISES = (1.5, 1.0)
_PUPIL_CAP, _LIMBUS_CAP, _LIMBUS_WEIGHT = 30.0, 16.0, 1.6
_EVEN = (10, 66)  # percentiles of the levels inside: a glint may take a third
_INNER, _BETWEEN, _UNEVEN, _REVERSED = 0.8, 0.9, 0.7, 0.5  # what speaks against a pair of rings


@dataclass(frozen=True, slots=True)
class EyeProfile:
    """Radii of both boundaries in pixels and how much speaks for them; a clear eye has some 50."""

    pupil_px: float
    iris_px: float
    score: float


@dataclass(frozen=True, slots=True)
class _Rings:
    """What was measured per ring: rise at the pupil's part, at the weaker side and both, and how much of it rises."""

    radii: NDArray[np.float64]
    pupil: Field
    pupil_around: Field
    limbus: Field
    weaker: Field
    limbus_around: Field
    levels: Field


def eye_profile(image: Field, x: float, y: float, reach_px: float) -> EyeProfile | None:
    """Return the likeliest pair of boundaries around a point, or None when there is none."""
    if reach_px <= _SMALLEST_PX * 2:
        return None
    rings = _measured(image, x, y, reach_px)
    likely = rings.weaker + 0.5 * (rings.limbus - rings.weaker)
    pupils = [i for i in _peaks(rings.pupil) if rings.pupil[i] >= _MIN_PUPIL and rings.pupil_around[i] >= _PUPIL_AROUND]
    limbi = [j for j in _peaks(likely) if rings.weaker[j] > _MIN_LIMBUS and rings.limbus_around[j] > _LIMBUS_AROUND]
    best: EyeProfile | None = None
    for i in pupils:
        of_pupil = _for_the_pupil(rings, i, pupils)
        for j in limbi:
            if not PUPIL_BY_IRIS[0] < rings.radii[i] / rings.radii[j] < PUPIL_BY_IRIS[1]:
                continue
            nearer = [
                min(float(likely[k]), _LIMBUS_CAP)
                for k in limbi
                if 1.3 * rings.radii[i] < rings.radii[k] < 0.8 * rings.radii[j]
            ]
            score = (
                of_pupil
                + _LIMBUS_WEIGHT * min(float(likely[j]), _LIMBUS_CAP) * float(rings.limbus_around[j]) ** 2
                - _BETWEEN * max(nearer, default=0.0)
                - _REVERSED * max(0.0, float(rings.limbus[j] - rings.pupil[i]))
            )
            if best is None or score > best.score:
                best = EyeProfile(float(rings.radii[i]), float(rings.radii[j]), score)
    return best


def _for_the_pupil(rings: _Rings, at: int, pupils: list[int]) -> float:
    """Return what speaks for a pupil: a clear border all around, nothing round inside, an even dark."""
    inner = [min(float(rings.pupil[k]), _PUPIL_CAP) for k in pupils if rings.radii[k] < 0.72 * rings.radii[at]]
    inside = rings.levels[:, : max(2, int(np.searchsorted(rings.radii, 0.8 * rings.radii[at])))]
    low, high = np.percentile(inside, _EVEN)
    return (
        min(float(rings.pupil[at]), _PUPIL_CAP) * float(rings.pupil_around[at]) ** 2
        - _INNER * max(inner, default=0.0)
        - min(_PUPIL_CAP, _UNEVEN * float(high - low))
    )


def _measured(image: Field, x: float, y: float, reach_px: float) -> _Rings:
    radii = np.geomspace(_SMALLEST_PX, reach_px, _RINGS)
    angle = (np.arange(_ANGLES) + 0.5) * (2 * np.pi / _ANGLES)
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    outer, inner, levels = (
        levels_at(image, x + part * radii[None] * cos, y + part * radii[None] * sin) for part in (_WIDTH, 1 / _WIDTH, 1)
    )
    rise = np.clip(outer - inner, -_CAP, _CAP)
    down_deg = np.rad2deg(np.arctan2(sin, np.abs(cos)))[:, 0]
    for_pupil, beside = down_deg > _PUPIL_FROM_DEG, (down_deg > _SIDE_DEG[0]) & (down_deg < _SIDE_DEG[1])
    sides = [rise[beside & (cos[:, 0] > 0)], rise[beside & (cos[:, 0] <= 0)]]
    right, left = (_trimmed(side) for side in sides)
    return _Rings(
        radii,
        _trimmed(rise[for_pupil]),
        np.asarray((rise[for_pupil] > _RISES[0]).mean(axis=0), dtype=np.float32),
        np.asarray((right + left) / 2, dtype=np.float32),
        np.minimum(right, left),
        np.minimum(*((side > _RISES[1]).mean(axis=0) for side in sides)).astype(np.float32),
        levels[for_pupil],
    )


def _trimmed(rise: Field) -> Field:
    """Return the mean of what lies between the extremes, over the angles."""
    ordered, cut = np.sort(rise, axis=0), len(rise) // _TRIM
    return np.asarray(ordered[cut : len(rise) - cut].mean(axis=0), dtype=np.float32)


def _peaks(values: Field) -> list[int]:
    padded = np.concatenate(([-np.inf], values, [-np.inf]))
    return [int(i) for i in np.flatnonzero((values >= padded[:-2]) & (values >= padded[2:]))]


# Finds the lids over an iris as arcs, and so what of the iris they leave open.

_MIN_EDGE = 5.0  # grey levels
_ACROSS = np.linspace(-0.95, 0.95, 39)  # of the iris radius
_TOPS = np.linspace(-1.15, 0.25, 57)  # where the arc is highest; lower than this no pupil would be seen
_BENDS = np.linspace(0.0, 0.4, 5)  # how much it falls until one radius aside
_SHIFTS = (-0.3, 0.0, 0.3)
_LID_WIDTH = 0.05  # of the radius
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
        at_y = iris.y + iris.radius * down * (arcs + side * _LID_WIDTH)
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
