"""Endings and bifurcations of the ridges: thinned lines, crossing number, without what noise and the edge add."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.matching.ridges import Mask, Ridges

Minutiae = NDArray[np.floating[Any]]  # (n, 3): x, y in px at 500 ppi, direction in radians (-π … π, y downwards)

_EDGE_PX = 14  # what ends there is cut off, not an ending
_NEAREST_PX = 7.0  # two of them this close are a torn or a bridged ridge
_WALK_PX = 9  # along the line, to tell its direction
# The eight neighbours, clockwise from above; the bit of each.
_AROUND = ((-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1))
_BITS = np.zeros((3, 3), np.float32)
for _bit, (_down, _right) in enumerate(_AROUND):
    _BITS[1 + _down, 1 + _right] = 1 << _bit
_RING = np.array([[code >> bit & 1 for bit in range(8)] for code in range(256)])
_RISES = ((_RING == 0) & (np.roll(_RING, -1, 1) == 1)).sum(1)  # the crossing number of a thin line
_COUNT = _RING.sum(1)


def find_minutiae(ridges: Ridges) -> Minutiae:
    """Return the minutiae of a print."""
    thin = _thinned(ridges.lines)
    codes = _codes(thin.astype(np.uint8))
    inner = cv2.erode(ridges.skin.astype(np.uint8), np.ones((2 * _EDGE_PX + 1,) * 2, np.uint8), borderValue=0)
    rises = np.where(thin & inner.astype(bool), _RISES[codes], 0)
    rows, columns = np.nonzero((rises == 1) | (rises == 3))
    found = [
        (x, y, heading)
        for y, x, angle in zip(rows.tolist(), columns.tolist(), ridges.angle((rows, columns)).tolist(), strict=True)
        if (heading := _heading(thin, y, x, angle)) is not None
    ]
    points = np.array(found, np.float64).reshape(-1, 3)
    if len(points) < 2:
        return points
    apart = np.hypot(*(points[:, None, :2] - points[None, :, :2]).transpose(2, 0, 1))
    np.fill_diagonal(apart, np.inf)
    return np.asarray(points[apart.min(1) > _NEAREST_PX])


def _thinned(lines: Mask) -> Mask:
    """Thin to lines of one pixel (Zhang and Suen, 1984)."""
    thin = lines.astype(np.uint8)
    thin[0], thin[-1], thin[:, 0], thin[:, -1] = 0, 0, 0, 0
    above, right, below, left = (_RING[:, bit] for bit in (0, 2, 4, 6))
    may_go = (_COUNT >= 2) & (_COUNT <= 6) & (_RISES == 1)
    stays = [
        (~(may_go & goes)).astype(np.uint8)
        for goes in (
            (above * right * below == 0) & (right * below * left == 0),
            (above * right * left == 0) & (above * below * left == 0),
        )
    ]
    while True:
        before = cv2.countNonZero(thin)
        for table in stays:
            thin &= np.asarray(cv2.LUT(_codes(thin), table), np.uint8)
        if cv2.countNonZero(thin) == before:
            return thin.astype(bool)


def _codes(thin: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.filter2D(thin, cv2.CV_8U, _BITS, borderType=cv2.BORDER_CONSTANT), np.uint8)


def _heading(thin: Mask, y: int, x: int, angle: float) -> float | None:
    """Return where the ridge goes from here; None for a spur that soon ends."""
    ways = [_walk(thin, y, x, y + down, x + right) for down, right in _AROUND if thin[y + down, x + right]]
    ends = [way for way in ways if way is not None]
    if not ends or (len(ways) > 1 and len(ends) < len(ways)):
        return None
    pull = sum(np.cos(angle) * (ex - x) + np.sin(angle) * (ey - y) for ey, ex in ends)
    return angle if pull >= 0 else angle - np.pi


def _walk(thin: Mask, y: int, x: int, to_y: int, to_x: int) -> tuple[int, int] | None:
    seen = {(y, x), (to_y, to_x)} | {(y + down, x + right) for down, right in _AROUND}
    for _ in range(_WALK_PX):
        step = next(
            (
                (to_y + down, to_x + right)
                for down, right in _AROUND
                if (to_y + down, to_x + right) not in seen and thin[to_y + down, to_x + right]
            ),
            None,
        )
        if step is None:
            return None
        seen.add(step)
        to_y, to_x = step
    return to_y, to_x
