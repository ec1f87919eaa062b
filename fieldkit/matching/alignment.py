"""How well two sets of minutiae lie on each other, when one is turned, shifted and gently stretched onto the other.

Pairs whose surroundings look alike are sought first; pairs that agree about distance, bearing and turn support each
other (spectral matching: Leordeanu and Hebert, 2005). From the best supported ones the rest is fitted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.minutiae import Minutiae, Template
from fieldkit.matching.surroundings import compare_surroundings

Floats = NDArray[np.floating[Any]]
Numbers = NDArray[np.int_]

TRIES = 4  # places to begin from; one finds nearly as much
_MOST_TURN = np.radians(60)  # nobody lays a finger on the glass more askew
_MOST_PAIRS = 120
_LEAST_LIKE = 0.1
_FIRST_SEEN = 12  # pairs by which two prints are thought worth a closer look
_STRETCH_PX = 55.0  # skin that far apart moves together
_FIRST_NEAR_PX, _NEAR_PX, _NEAR_ANGLE = 15.0, 11.0, np.radians(25)
_LEAST_CELLS = 20


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two prints have in common where they lie on each other.

    `paired` minutiae of `expected` in the skin that both show; `weight`: the pairs again, each 0 … 1.3 by how exactly
    it fits and how alike its surroundings are; `flow` −1 … 1 of the ridge directions; `area_mm2` of the common skin.
    """

    paired: int = 0
    expected: float = 0.0
    weight: float = 0.0
    flow: float = 0.0
    area_mm2: float = 0.0

    @property
    def share(self) -> float:
        """Return the paired share, 0 … 1."""
        return self.paired / self.expected if self.expected else 0.0

    @property
    def score(self) -> float:
        """Return weight times share of weight, less where ridges run otherwise: 0 to about 40; strangers below 2."""
        return self.weight**2 / self.expected * max(0.0, self.flow) ** 4 if self.expected else 0.0


def liken(one: Template, other: Template, tries: int = TRIES, least_alike: float = 0.0) -> Likeness:
    """Return what speaks most for one finger: nothing where the minutiae that are most alike are so less, 0 … 1."""
    best = Likeness()
    if min(len(one.minutiae), len(other.minutiae)) < 2:
        return best
    flow, others = compare_surroundings(one.surroundings, other.surroundings)
    turns = _turned(other.minutiae[None, :, 2] - one.minutiae[:, None, 2])
    like = np.where(np.abs(turns) <= _MOST_TURN, np.sqrt(np.clip(flow * others, 0, 1)), 0)
    if least_alike and _most_alike(like) < least_alike:
        return best
    for mine, theirs in _beginnings(one.minutiae, other.minutiae, like, turns, tries):
        laid = _fitted(one.minutiae, other.minutiae, mine, theirs, like, flow + others)
        if laid is not None and (found := _judged(one, other, laid, like)).score >= best.score:
            best = found
    return best


def _most_alike(like: Floats) -> float:
    pairs = like.ravel()
    return float(np.partition(pairs, -_FIRST_SEEN)[-_FIRST_SEEN:].mean()) if len(pairs) >= _FIRST_SEEN else 1.0


def _turned(angle: Floats) -> Floats:
    return np.asarray(angle - 2 * np.pi * np.rint(angle / (2 * np.pi)))


def _beginnings(
    one: Minutiae, other: Minutiae, like: Floats, turns: Floats, tries: int
) -> Iterator[tuple[Numbers, Numbers]]:
    """Give groups of pairs that agree with each other, the best supported first."""
    most = min(_MOST_PAIRS, int((like > _LEAST_LIKE).sum()))
    if most < 3:
        return
    top = np.argpartition(-like.ravel(), most - 1)[:most]
    i, j = np.divmod(top, like.shape[1])
    strength = like.ravel()[top]
    (apart, bearing), (apart_too, bearing_too) = _between(one, i), _between(other, j)
    off = np.abs(_turned(bearing - bearing_too))
    off = np.maximum(off, off.T)
    twist = _turned(turns[i, j][:, None] - turns[i, j])
    stretch = (apart - apart_too) / (4 + 0.025 * (apart + apart_too))
    agree = np.exp(-(stretch**2 + (off**2 + twist**2) / np.radians(12) ** 2) / 2)
    agree[(i[:, None] == i) | (j[:, None] == j)] = 0
    support = agree * np.sqrt(strength[:, None] * strength)
    shared = strength.copy()
    for _ in range(8):
        shared = support @ shared
        shared /= np.linalg.norm(shared) + 1e-9
    left = (support @ strength) * strength
    seed = int(np.argmax(shared))
    for _ in range(tries):
        if left[seed] <= 0:
            return
        group = np.flatnonzero(agree[seed] > 0.2)
        group = np.append(seed, group[np.argsort(-support[seed, group])])
        group = group[_first_of_each(i[group], j[group])]
        left[agree[seed] > 0.5] = 0
        left[seed] = 0
        if len(group) > 1:
            yield i[group], j[group]
        seed = int(np.argmax(left))


def _between(points: Minutiae, chosen: Numbers) -> tuple[Floats, Floats]:
    """Return distance and bearing from each chosen minutia to each; many pairs share few minutiae."""
    few, again = np.unique(chosen, return_inverse=True)
    points = points[few]
    dx, dy = (points[None, :, axis] - points[:, None, axis] for axis in (0, 1))
    each = np.ix_(again, again)
    return np.hypot(dx, dy)[each], (np.arctan2(dy, dx) - points[:, None, 2])[each]


def _first_of_each(i: Numbers, j: Numbers) -> Numbers:
    """Return which of the pairs, best first, stay when each minutia has one partner at most."""
    mine: set[int] = set()
    theirs: set[int] = set()
    kept = []
    for number, (a, b) in enumerate(zip(i.tolist(), j.tolist(), strict=True)):
        if a not in mine and b not in theirs:
            mine.add(a)
            theirs.add(b)
            kept.append(number)
    return np.array(kept, int)


@dataclass(frozen=True, slots=True)
class _Laid:
    """One print on the other: a turn about two middles, then a stretch that fades between the pairs."""

    turn: float
    here: Floats  # places of the pairs in the one
    middle: Floats
    other_middle: Floats
    rest: Floats  # what the turn leaves between them and their partners
    rotation: Floats
    pairs: tuple[Numbers, Numbers]
    exact: Floats  # 0 … 1 of each pair

    def move(self, places: Floats) -> Floats:
        """Return where places of the one lie on the other."""
        squares = (places**2).sum(1)[:, None] + (self.here**2).sum(1) - 2 * places @ self.here.T
        near = np.exp(squares / (-2 * _STRETCH_PX**2))
        turned = (places - self.middle) @ self.rotation.T + self.other_middle
        return np.asarray(turned + (near @ self.rest) / (near.sum(1, keepdims=True) + 0.7))

    def back(self, places: Floats) -> Floats:
        """Return about where places of the other lie on the one."""
        return np.asarray((places - self.other_middle) @ self.rotation + self.middle)


def _fitted(
    one: Minutiae, other: Minutiae, mine: Numbers, theirs: Numbers, like: Floats, looks: Floats
) -> _Laid | None:
    """Fit to the pairs, pair again, and so on; None when they fall apart."""
    laid = None
    for near_px in (_FIRST_NEAR_PX, _NEAR_PX, _NEAR_PX):
        weight = 0.2 + like[mine, theirs]
        weight /= weight.sum()
        here, there = one[mine, :2], other[theirs, :2]
        middle, other_middle = weight @ here, weight @ there
        a, b = here - middle, there - other_middle
        turn = float(np.arctan2(weight @ (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]), weight @ (a * b).sum(1)))
        if abs(turn) > _MOST_TURN:
            return None
        rotation = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
        laid = _Laid(turn, here, middle, other_middle, b - a @ rotation.T, rotation, (mine, theirs), weight)
        moved = laid.move(one[:, :2])
        apart = np.hypot(*(moved[:, None] - other[None, :, :2]).transpose(2, 0, 1))
        bent = np.abs(_turned(one[:, None, 2] + turn - other[None, :, 2]))
        i, j = np.nonzero((apart < near_px) & (bent < _NEAR_ANGLE))
        order = np.argsort(apart[i, j] / near_px + bent[i, j] / _NEAR_ANGLE - looks[i, j], kind="stable")
        kept = order[_first_of_each(i[order], j[order])]
        mine, theirs = i[kept], j[kept]
        if len(mine) < 2:
            return None
        exact = np.exp(-(apart[mine, theirs] ** 2) / 72 - bent[mine, theirs] ** 2 / (2 * np.radians(12) ** 2))
        laid = _Laid(turn, here, middle, other_middle, laid.rest, rotation, (mine, theirs), exact)
    return laid


def _judged(one: Template, other: Template, laid: _Laid, like: Floats) -> Likeness:
    mine, theirs = laid.pairs
    moved, back = laid.move(one.minutiae[:, :2]), laid.back(other.minutiae[:, :2])
    mine_seen, theirs_seen = other.ground.at(*moved.T)[0], one.ground.at(*back.T)[0]
    expected = max(float(np.sqrt(mine_seen.sum() * theirs_seen.sum())), float(len(mine)))
    weight = float((laid.exact * (0.3 + like[mine, theirs])).sum())
    cells = one.ground.cells()
    seen, angle = other.ground.at(*laid.move(cells[:, :2]).T)
    flow = float(np.cos(2 * (cells[seen, 2] + laid.turn - angle[seen])).mean()) if seen.sum() >= _LEAST_CELLS else 0.0
    area = one.ground.area_mm2 * float(seen.mean()) if len(seen) else 0.0
    return Likeness(len(mine), expected, weight, flow, area)
