"""The integro-differential operator: the circle along which an image brightens most (Daugman 1993)."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Circle:
    """Centre and radius in pixels."""

    x: float
    y: float
    radius: float

    def distance_to(self, other: Circle) -> float:
        """Return how far the centres lie apart."""
        return hypot(self.x - other.x, self.y - other.y)


@dataclass(frozen=True, slots=True)
class Edge:
    """A circle and how much brighter it is outside than inside, in grey levels: of its weaker and of both sides."""

    circle: Circle
    weaker_side: float
    strength: float


@dataclass(frozen=True, slots=True)
class Search:
    """Where to look: the first guess, radii in pixels, how far the centre may lie from `centre` in parts of the radius.

    `arc_deg` is the part of each side, seen from the horizontal, downwards positive: lids hide the rest.
    """

    centre: Circle
    radii: tuple[float, float]
    reach: float
    arc_deg: tuple[float, float]


_ANGLES = 20  # on each side
_HALF_GRID = 2
_SMALLEST_STEP_PX = 0.5
_WIDTHS = (0.07, 0.03)  # of the radius, while searching and in the end: a limbus is no sharp line
_CAP = 90.0  # grey levels: a lamp's reflection does not outweigh the rest of the circle


def strongest_edge(image: Field, search: Search) -> Edge:
    """Return the strongest circular edge, searched from coarse to fine."""
    sides = _sides(search.arc_deg)
    low, high = search.radii
    best = Edge(search.centre, -_CAP, -_CAP)
    step = max(2 * _SMALLEST_STEP_PX, search.reach * high / (2 * _HALF_GRID))
    radius_step = max(1.0, (high - low) / 32)
    at = (search.centre.x, search.centre.y)
    while True:
        is_last = step <= _SMALLEST_STEP_PX
        radii = np.arange(low, high + radius_step, radius_step)
        best = _best_of(image, search, at, step, radii, sides, _WIDTHS[is_last]) or best
        if is_last:
            return best
        at, step = (best.circle.x, best.circle.y), step / 2
        found, margin = best.circle.radius, max(3.0, 4 * radius_step)
        low, high = max(search.radii[0], found - margin), min(search.radii[1], found + margin)
        radius_step = max(_SMALLEST_STEP_PX, radius_step / 2)


def _best_of(
    image: Field,
    search: Search,
    at: tuple[float, float],
    step: float,
    radii: NDArray[np.float64],
    sides: Field,
    width: float,
) -> Edge | None:
    """Try a grid of centres around a point with all radii at once."""
    offsets = np.arange(-_HALF_GRID, _HALF_GRID + 1) * step
    x, y = (grid.ravel() for grid in np.meshgrid(at[0] + offsets, at[1] + offsets))
    apart = np.hypot(x - search.centre.x, y - search.centre.y)
    beside = max(1.0, width * float(radii.mean()))
    outside, inside = (_sampled(image, x, y, radii + side * beside, sides) for side in (1, -1))
    rises = np.clip(outside - inside, -_CAP, _CAP).mean(axis=2)  # (centre, side, radius)
    both = rises.mean(axis=1)
    both = both - 0.02 * np.abs(both) * apart[:, None] / step  # of equals the nearest
    both[apart[:, None] > search.reach * radii] = -np.inf
    if not np.isfinite(both).any():
        return None
    centre, ring = np.unravel_index(int(both.argmax()), both.shape)
    circle = Circle(float(x[centre]), float(y[centre]), float(radii[ring]))
    return Edge(circle, float(rises[centre, :, ring].min()), float(rises[centre, :, ring].mean()))


def _sampled(
    image: Field, x: NDArray[np.float64], y: NDArray[np.float64], radii: NDArray[np.float64], sides: Field
) -> Field:
    """Sample circles; return the grey levels, shape (centre, side, angle, radius)."""
    cos, sin = sides
    at_x = x[:, None, None, None] + radii * cos[None, :, :, None]
    at_y = y[:, None, None, None] + radii * sin[None, :, :, None]
    return levels_at(image, at_x, at_y)


def _sides(arc_deg: tuple[float, float]) -> Field:
    """Return cosines and sines of the right and the left arc, shape (2, side, angle)."""
    right = np.deg2rad(np.linspace(*arc_deg, _ANGLES))
    angles = np.stack((right, np.pi - right))
    return np.stack((np.cos(angles), np.sin(angles))).astype(np.float32)


def levels_at(image: Field, x: NDArray[np.floating], y: NDArray[np.floating]) -> Field:
    """Return the grey levels at points given in pixels, in the shape to which x and y broadcast."""
    shape = np.broadcast_shapes(x.shape, y.shape)
    rows = (-1, shape[-1])  # OpenCV takes two axes
    map_x = np.ascontiguousarray(np.broadcast_to(x, shape), dtype=np.float32).reshape(rows)
    map_y = np.ascontiguousarray(np.broadcast_to(y, shape), dtype=np.float32).reshape(rows)
    sampled = cv2.remap(image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled, dtype=np.float32).reshape(shape)
