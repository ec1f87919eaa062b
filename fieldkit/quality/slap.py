"""Finds the fingers of a slap: their boxes and tips, how many there are and which hand it seems to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fieldkit.ports.recording import FingerSeen, Hand, SlapSeen
from fieldkit.quality.finger_blocks import Pixels

_WIDTH = 480  # pixels of the longer side at which fingers are looked for
_MARGIN = 8
_BRIDGE_PX = 2.2  # of blur, to make one patch of the ridges of a finger
_DARK = 13.0  # grey levels by which a patch differs from the empty glass
_LEAST_AREA = 0.006  # of the picture
_CORE = 0.6  # of the deepest point of a patch: fingers that touch have a core each
_BELOW = 0.6  # of the height of a finger: what begins so far below a tip is its next joint
_BLOCK = (17, 17)  # pixels of a live frame: some ridges
_RIDGED = 600.0  # of squared slope, below which nothing lies there
_FULL = 0.7  # of its box that a whole print fills
# Of simulated fingers of each condition; so the number comes within 5 of the estimate of the same finger (median).
_VAGUE, _CLEAR = 0.45, 0.85  # how sure directions are in a smear, and in a clean print
_FAINT, _FIRM = 15.0, 45.0  # grey levels darker than the glass: hardly pressed or dry, and as it should be
_DARKER, _SOAKED = 110.0, 180.0  # and where ridges run together
_BEST = 71.0  # a print that lies well is estimated at so much; a live frame tells no more
_TILT = 0.1  # of the height of a finger, by which the little finger's tip lies lower than the index finger's


@dataclass(frozen=True, slots=True)
class FingerFound:
    """One finger, in pixels of the picture: its box, and its tip."""

    left: int
    top: int
    width: int
    height: int
    tip: tuple[int, int]


class SlapWatch:
    """The port `SlapFinder`; `decode` gives the grey picture of a frame or raises `InputError`."""

    def __init__(self, decode: Callable[[bytes], Pixels]) -> None:
        self._decode = decode

    def look(self, jpeg: bytes) -> SlapSeen:
        """Return how many fingers a frame shows, and whose hand. Raise `InputError` when it is no image."""
        pixels = self._decode(jpeg)
        fingers = find_fingers(pixels)
        return SlapSeen(len(fingers), hand_of(fingers), tuple(_seen(pixels, fingers)))


def _seen(pixels: Pixels, fingers: tuple[FingerFound, ...]) -> Iterator[FingerSeen]:
    """Yield where each finger lies and what its print promises: how sure the direction of its ridges is, over how much
    of its box, and how dark it lies on the glass.
    """
    if not fingers:
        return
    grey = cv2.GaussianBlur(pixels, (0, 0), 0.8).astype(np.float32)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *step) for step in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.boxFilter(part, -1, _BLOCK) for part in (across * across, down * down, across * down))
    sure = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / (xx + yy + 1e-3)
    is_ridged = xx + yy > _RIDGED
    darker = float(np.percentile(grey, 95)) - cv2.boxFilter(grey, -1, _BLOCK)
    height, width = pixels.shape
    for finger in fingers:
        box = np.s_[finger.top : finger.top + finger.height, finger.left : finger.left + finger.width]
        ridged = is_ridged[box]
        promised = 0.0
        if ridged.any():
            dark = float(darker[box][ridged].mean())
            promised = _ramp(float(sure[box][ridged].mean()), _VAGUE, _CLEAR) * min(1.0, float(ridged.mean()) / _FULL)
            promised *= _ramp(dark, _FAINT, _FIRM) * (1 - _ramp(dark, _DARKER, _SOAKED))
        yield FingerSeen(
            *(round(1000 * finger.left / width), round(1000 * finger.top / height)),
            *(round(1000 * finger.width / width), round(1000 * finger.height / height)),
            clarity=round(_BEST * promised),
        )


def _ramp(value: float, low: float, high: float) -> float:
    return min(1.0, max(0.0, (value - low) / (high - low)))


def find_fingers(pixels: Pixels) -> tuple[FingerFound, ...]:
    """Return the fingers of a grey picture (height, width) of dark prints on light glass, from left to right."""
    scale = min(1.0, _WIDTH / max(pixels.shape))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    glass = float(np.percentile(small, 95))
    framed = cv2.copyMakeBorder(small, *(_MARGIN,) * 4, cv2.BORDER_CONSTANT, value=(glass,))
    soft = cv2.GaussianBlur(np.maximum(glass - framed.astype(np.float32), 0), (0, 0), _BRIDGE_PX)
    opened = cv2.morphologyEx((soft > _DARK).astype(np.uint8), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    least = _LEAST_AREA * small.size
    found = [
        _as_in(scale, left - _MARGIN, top - _MARGIN, wide, high, tip_x - _MARGIN)
        for left, top, wide, high, area, tip_x in _parted(np.asarray(opened, np.uint8))
        if area >= least
    ]
    return tuple(sorted(_without_joints(found), key=lambda finger: finger.left))


def _as_in(scale: float, left: float, top: float, wide: float, high: float, tip_x: float) -> FingerFound:
    """Return a finger of the smaller picture in pixels of the whole."""
    left, top, wide, high, tip_x = (round(value / scale) for value in (left, top, wide, high, tip_x))
    return FingerFound(left, top, wide, high, (tip_x, top))


def hand_of(fingers: tuple[FingerFound, ...]) -> Hand:
    """Return which hand four fingers are of: the little one lies outermost and lowest. Fewer do not tell."""
    if len(fingers) != 4:
        return Hand.UNKNOWN
    first, last = fingers[0], fingers[-1]
    lower = (last.tip[1] - first.tip[1]) / max(1.0, float(np.mean([finger.height for finger in fingers])))
    if abs(lower) < _TILT:
        return Hand.UNKNOWN
    return Hand.RIGHT if lower > 0 else Hand.LEFT


def _parted(patches: Pixels) -> Iterator[tuple[int, int, int, int, int, float]]:
    """Yield box, area and the x of the tip of each finger; patches of several fingers are parted at their necks."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(patches)
    for number in range(1, count):
        left, top, wide, high, area = (int(value) for value in stats[number])
        patch = np.pad((labels[top : top + high, left : left + wide] == number).astype(np.uint8), 1)
        depth = cv2.distanceTransform(patch, cv2.DIST_L2, 3)
        cores, seeds = cv2.connectedComponents((depth > _CORE * depth.max()).astype(np.uint8))
        if cores == 2:
            yield left, top, wide, high, area, left + _tip_x(patch)
            continue
        owners = cv2.watershed(np.repeat(((1 - patch) * 255)[..., None], 3, 2), np.where(patch, seeds, cores + 1))
        for owner in range(1, cores):
            part = ((owners == owner) & (patch > 0)).astype(np.uint8)
            rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
            if len(rows):
                box = (
                    left + int(columns[0]) - 1,
                    top + int(rows[0]) - 1,
                    int(np.ptp(columns)) + 1,
                    int(np.ptp(rows)) + 1,
                )
                yield *box, int(part.sum()), left + _tip_x(part)


def _tip_x(patch: Pixels) -> float:
    """Return the middle of the upper end of a patch with a frame of one pixel."""
    top = int(np.flatnonzero(patch.any(1))[0])
    return float(np.flatnonzero(patch[top : top + 3].any(0)).mean()) - 1


def _without_joints(found: list[FingerFound]) -> list[FingerFound]:
    """Leave out what lies in the column of a finger below its tip: the next joint on the glass."""
    kept: list[FingerFound] = []
    for finger in sorted(found, key=lambda each: each.top):
        middle = finger.left + finger.width / 2
        above = (f for f in kept if f.left <= middle <= f.left + f.width and finger.top > f.top + _BELOW * f.height)
        if next(above, None) is None:
            kept.append(finger)
    return kept
