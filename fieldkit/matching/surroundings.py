"""What lies around each minutia, in its own frame: how the ridges run and which others lie there.

The former is the descriptor of Tico and Kuosmanen (2003). Both are sampled on rings that turn with the minutia; two
of them compare by products of matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.ridges import Ground

Features = NDArray[np.float32]

_RINGS = ((20, 8), (40, 12), (62, 16), (86, 20))  # radius in px, places on it
_HEADINGS = 6
_SPREAD_PX = 11.0
_SPREAD_ANGLE = np.pi / 5
_NEXT_TO_NOTHING = -50.0  # an exponent: what is less slows the processor down
_PLACES = np.array(
    [
        (radius * np.cos(turn), radius * np.sin(turn))
        for radius, count in _RINGS
        for turn in np.arange(count) * 2 * np.pi / count
    ],
    np.float32,
)
_BEARINGS = (np.arange(_HEADINGS) * 2 * np.pi / _HEADINGS).astype(np.float32)
_LEAST_SEEN = 0.45  # of the places, by both: less tells nothing
_FLOW_COUNTS, _SKETCH_SCALE = 0.7, 32.0
_FLOW_FROM = 0.5  # cosine of the flow by which strangers agree too


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Of n minutiae at L places: `seen` (n, L), `flow` (n, 2 L) and `others` (n, L × headings)."""

    seen: Features
    flow: Features
    others: Features
    weight: Features  # (n, L): squares of `others`, summed over the headings


def look_around(points: NDArray[Any], ground: Ground) -> Surroundings:
    """Describe what lies around each minutia (n, 3)."""
    n = len(points)
    cosine, sine = (np.asarray(part, np.float32)[:, None] for part in (np.cos(points[:, 2]), np.sin(points[:, 2])))
    x = points[:, :1] + cosine * _PLACES[:, 0] - sine * _PLACES[:, 1]
    y = points[:, 1:2] + sine * _PLACES[:, 0] + cosine * _PLACES[:, 1]
    seen, angle = ground.at(x, y)
    bent = 2 * (angle - points[:, 2:3])
    flow = np.concatenate((np.cos(bent) * seen, np.sin(bent) * seen), 1).astype(np.float32)
    dx, dy = (points[None, :, axis] - points[:, None, axis] for axis in (0, 1))
    here = np.stack((cosine * dx + sine * dy, -sine * dx + cosine * dy), -1).astype(np.float32)
    # The square of a difference, taken apart: one product of matrices in place of a cube of differences.
    near = here.reshape(n * n, 2) @ (_PLACES.T / _SPREAD_PX**2)
    near -= (here**2).sum(-1).reshape(n * n, 1) / (2 * _SPREAD_PX**2)
    near -= (_PLACES**2).sum(1) / (2 * _SPREAD_PX**2)
    near = np.exp(np.maximum(near, _NEXT_TO_NOTHING, out=near), out=near).reshape(n, n, len(_PLACES)).transpose(0, 2, 1)
    near[np.arange(n), :, np.arange(n)] = 0
    turned = (points[None, :, 2] - points[:, None, 2]).astype(np.float32)[:, :, None] - _BEARINGS
    turned -= np.float32(2 * np.pi) * np.rint(turned / np.float32(2 * np.pi))
    heads = np.exp(turned * turned * np.float32(-1 / (2 * _SPREAD_ANGLE**2)))  # (n, n, headings)
    others = np.tanh(near @ heads) * seen[:, :, None]
    return Surroundings(
        seen.astype(np.float32),
        flow,
        others.reshape(n, len(_PLACES) * _HEADINGS).astype(np.float32),
        (others**2).sum(-1).astype(np.float32),
    )


def sketched(of: Surroundings, size: int) -> NDArray[np.int8]:
    """Return n × size small numbers whose products are about the cosines of what lies around (random projection)."""
    flow = of.flow / np.maximum(np.linalg.norm(of.flow, axis=1, keepdims=True), 1e-6)
    others = of.others / np.maximum(np.linalg.norm(of.others, axis=1, keepdims=True), 1e-6)
    both = np.concatenate((_FLOW_COUNTS * flow, others), 1)
    return np.clip(np.round(both @ _directions(both.shape[1], size) * _SKETCH_SCALE), -127, 127).astype(np.int8)


@cache
def _directions(of: int, size: int) -> Features:
    """Return the same directions on every laptop: they are part of what is kept."""
    return np.random.Generator(np.random.PCG64(20)).standard_normal((of, size)).astype(np.float32)


def compare_surroundings(one: Surroundings, other: Surroundings) -> tuple[Features, Features]:
    """Return for each pair 0 … 1 how alike the ridges run, and how alike the others lie, (n, m) each."""
    common = one.seen @ other.seen.T
    flow = (one.flow @ other.flow.T) / np.maximum(common, 1)
    mass = np.sqrt((one.weight @ other.seen.T) * (one.seen @ other.weight.T))
    others = (one.others @ other.others.T) / np.maximum(mass, 0.3)
    is_seen = common >= _LEAST_SEEN * len(_PLACES)
    flow = np.clip((flow - _FLOW_FROM) / (1 - _FLOW_FROM), 0, 1)
    return np.where(is_seen, flow, 0), np.where(is_seen, others, 0)
