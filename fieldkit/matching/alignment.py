"""How well two sets of minutiae lie on each other under the best turn and shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.minutiae import Minutiae
from fieldkit.matching.ridges import PPI, Mask, Ridges

_MOST_TURN = np.radians(45)  # nobody lays a finger on the glass more askew
_NEAR_PX, _NEAR_ANGLE = 11.0, np.radians(22)  # 0.55 mm: skin stretches
_BATCH = 256
_PER_MM = PPI / 25.4


@dataclass(frozen=True, slots=True)
class Likeness:
    """`paired` minutiae of `expected` that lie where both prints show skin; `flow` −1 … 1 of the ridge directions.

    `crowd` is the number of minutiae per mm² of skin, of the print that has more.
    """

    paired: int
    expected: float
    flow: float
    crowd: float = 0.0

    @property
    def share(self) -> float:
        """Return the paired share, 0 … 1."""
        return self.paired / self.expected if self.expected else 0.0


@dataclass(frozen=True, slots=True)
class Effort:
    """How many minutiae of the one are tried as the common point, and how many of the fullest fits are judged."""

    anchors: int
    fits: int


THOROUGH = Effort(1_000, 12)
QUICK = Effort(10, 3)  # six times faster; finds 55 of 57 that the other finds


def liken(one: Minutiae, of_one: Ridges, other: Minutiae, of_other: Ridges, effort: Effort = THOROUGH) -> Likeness:
    """Try minutiae of the one, those in the middle first, on every other as the common point; return the best fit."""
    if not len(one) or not len(other):
        return Likeness(0, 0.0, 0.0)
    turns = _turned(other[None, :, 2] - one[:, None, 2])
    aside = np.hypot(*(one[:, :2] - one[:, :2].mean(0)).T)
    is_anchor = aside <= np.sort(aside)[: effort.anchors][-1]
    first, second = np.nonzero((np.abs(turns) <= _MOST_TURN) & is_anchor[:, None])
    if not len(first):
        return Likeness(0, 0.0, 0.0)
    counts = np.concatenate(
        [
            _close(one, other, first[at : at + _BATCH], second[at : at + _BATCH], turns).any(2).sum(1)
            for at in range(0, len(first), _BATCH)
        ]
    )
    # The count alone favours turns that fold much onto little: of the fullest fits the one with the best share counts.
    best = Likeness(0, 0.0, 0.0)
    for at in np.argsort(counts)[::-1][: effort.fits]:
        i, j = first[at], second[at]
        fit = _refined(one, other, _motion(one[i], other[j], float(turns[i, j])))
        found = _judge(one, of_one, other, of_other, fit)
        if found.paired * found.share > best.paired * best.share:
            best = found
    return best


Motion = tuple[float, NDArray[np.floating[Any]]]  # turn in radians, then shift in px


def _turned(angle: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((angle + np.pi) % (2 * np.pi) - np.pi)


def _rotation(turn: float) -> NDArray[Any]:
    return np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))


def _motion(here: NDArray[Any], there: NDArray[Any], turn: float) -> Motion:
    return turn, there[:2] - _rotation(turn) @ here[:2]


def _moved(points: Minutiae, motion: Motion) -> Minutiae:
    turn, shift = motion
    return np.column_stack((points[:, :2] @ _rotation(turn).T + shift, _turned(points[:, 2] + turn)))


def _close(
    one: Minutiae, other: Minutiae, first: NDArray[Any], second: NDArray[Any], turns: NDArray[Any]
) -> NDArray[Any]:
    """Return for each pairing which of the one lie near which of the other: (pairings, n, m)."""
    turn = turns[first, second]
    cosine, sine = np.cos(turn)[:, None], np.sin(turn)[:, None]
    x, y = one[None, :, 0] - one[first, 0][:, None], one[None, :, 1] - one[first, 1][:, None]
    moved_x = cosine * x - sine * y + other[second, 0][:, None]
    moved_y = sine * x + cosine * y + other[second, 1][:, None]
    moved = np.stack((moved_x, moved_y), -1)
    apart = (moved**2).sum(-1)[:, :, None] + (other[:, :2] ** 2).sum(-1) - 2 * moved @ other[:, :2].T
    # Both turns lie in -π … π: folding their difference is much cheaper than the remainder of a division.
    bent = np.abs(turn[:, None, None] - turns[None])
    return np.asarray((apart < _NEAR_PX**2) & (np.minimum(bent, 2 * np.pi - bent) < _NEAR_ANGLE))


def _pairs(moved: Minutiae, other: Minutiae) -> tuple[NDArray[Any], NDArray[Any]]:
    """Pair each minutia at most once, the nearest first."""
    apart = np.hypot(moved[:, None, 0] - other[None, :, 0], moved[:, None, 1] - other[None, :, 1])
    bent = np.abs(_turned(moved[:, None, 2] - other[None, :, 2]))
    near = np.argwhere((apart < _NEAR_PX) & (bent < _NEAR_ANGLE))
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for i, j in near[np.argsort(apart[near[:, 0], near[:, 1]], kind="stable")].tolist():
        if i not in pairs and j not in taken:
            pairs[i] = j
            taken.add(j)
    return np.array(list(pairs), int), np.array(list(pairs.values()), int)


def _refined(one: Minutiae, other: Minutiae, motion: Motion) -> Motion:
    """Fit turn and shift to all pairs instead of the one that was tried."""
    for _ in range(2):
        mine, theirs = _pairs(_moved(one, motion), other)
        if len(mine) < 3:
            return motion
        here, there = one[mine, :2], other[theirs, :2]
        a, b = here - here.mean(0), there - there.mean(0)
        turn = float(np.arctan2((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum(), (a * b).sum()))
        motion = turn, there.mean(0) - _rotation(turn) @ here.mean(0)
    return motion


def _judge(one: Minutiae, of_one: Ridges, other: Minutiae, of_other: Ridges, motion: Motion) -> Likeness:
    moved = _moved(one, motion)
    mine, _ = _pairs(moved, other)
    turn, shift = motion
    back = (-turn, -_rotation(-turn) @ shift)
    mine_seen, theirs_seen = _on(of_other.skin, moved), _on(of_one.skin, _moved(other, back))
    expected = float(np.sqrt(mine_seen.sum() * theirs_seen.sum()))
    crowd = max(len(points) / max(1, of.skin.sum()) for points, of in ((one, of_one), (other, of_other)))
    flow = _flow(of_one, of_other, motion)
    return Likeness(len(mine), max(expected, float(len(mine))), flow, float(crowd * _PER_MM**2))


def _on(skin: Mask, points: Minutiae) -> NDArray[np.bool_]:
    x, y = np.round(points[:, 0]).astype(int), np.round(points[:, 1]).astype(int)
    inside = (x >= 0) & (y >= 0) & (x < skin.shape[1]) & (y < skin.shape[0])
    inside[inside] = skin[y[inside], x[inside]]
    return np.asarray(inside)


def _flow(of_one: Ridges, of_other: Ridges, motion: Motion) -> float:
    """Return how alike the ridges run where both show skin: the mean cosine of twice the difference."""
    y, x = np.nonzero(of_one.skin[::8, ::8])
    here = np.column_stack((x * 8, y * 8, of_one.angle[::8, ::8][y, x])).astype(np.float64)
    moved = _moved(here, motion)
    seen = moved[_on(of_other.skin, moved)]
    if len(seen) < 20:
        return 0.0
    there = of_other.angle[np.round(seen[:, 1]).astype(int), np.round(seen[:, 0]).astype(int)]
    return float(np.cos(2 * (seen[:, 2] - there)).mean())
