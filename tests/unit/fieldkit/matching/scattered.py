"""Minutiae scattered by chance over skin whose ridges run one way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.minutiae import Minutiae, Template
from fieldkit.matching.ridges import Ground

SKIN = Ground(np.zeros((50, 50), np.float32), np.ones((50, 50), bool))


def scattered(seed: int, count: int = 30) -> Minutiae:
    rng = np.random.default_rng(seed)
    return np.column_stack((rng.uniform(100, 300, (count, 2)), rng.uniform(-np.pi, np.pi, count)))


def template(points: Minutiae, ground: Ground = SKIN) -> Template:
    return Template(points, ground)


def laid(points: Minutiae, degrees: float, shift: tuple[float, float] = (0, 0)) -> Template:
    """Return the minutiae and their ground, turned about (200, 200) and shifted."""
    turn = np.radians(degrees)
    rotation: NDArray[np.float64] = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    moved = np.column_stack(((points[:, :2] - 200) @ rotation.T + 200 + shift, points[:, 2] + turn))
    return Template(moved, Ground(np.full_like(SKIN.angle, turn % np.pi), SKIN.skin))
