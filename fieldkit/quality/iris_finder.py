"""Finds eyes in an infrared picture: the dark pupil first, then the limbus around it.

Plain Hough circles miss by tens of pixels; the integro-differential search does not, once it starts at a pupil.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from fieldkit.quality.circular_edge import Circle, Edge, Field, Pixels, Search, strongest_edge
from fieldkit.quality.eyelids import Lids, find_lids

SEARCH_PX = 640  # longest side while looking for pupils
CONCENTRIC = 0.2  # |iris centre - pupil centre| < 0.2 iris radii

_THRESHOLDS = (12, 24, 38, 55, 75)  # grey levels above the darkest
_SMALLEST_PX, _LARGEST = 5.0, 0.22  # pupil radius: at the search size, and of the picture's short side
_GLARE = 225  # of 255
_REFLECTION_PX = 21  # wider than a reflection at the search size
_ROUND, _FULL = 0.66, 0.8  # half a disc has a roundness of 0.75
_MIN_PUPIL_EDGE, _MIN_LIMBUS_EDGE = 14.0, 6.0  # grey levels
_PUPIL_BY_IRIS = (0.15, 0.75)  # wider than what is usable, so that a bad eye is told instead of missed
_PUPIL_ARC = (-40.0, 60.0)
_LIMBUS_ARC = (-25.0, 45.0)
_LID_BLUR_DEG, _SHORTEST_ARC_DEG = 3.0, 20.0
_MOST_EYES = 2
_MOST_CANDIDATES = 8
_SIMILAR = 0.5  # two eyes of one person have irises of about one size in one picture


@dataclass(frozen=True, slots=True)
class FoundEye:
    """An open eye: both boundaries, the lids, and how clear the boundaries are in grey levels."""

    pupil: Circle
    iris: Circle
    lids: Lids
    clarity: float


def find_eyes(frame: Pixels) -> tuple[FoundEye, ...]:
    """Return the open eyes of a grey picture from left to right, at most two."""
    scale = min(1.0, SEARCH_PX / max(frame.shape))
    small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else frame
    small = np.asarray(small, dtype=np.uint8)
    image = np.asarray(cv2.GaussianBlur(_without_reflections(frame, small), (0, 0), 1.5), dtype=np.float32)
    found: list[FoundEye] = []
    for guess in _dark_discs(small):
        centre = Circle((guess.x + 0.5) / scale - 0.5, (guess.y + 0.5) / scale - 0.5, guess.radius / scale)
        if any(eye.iris.distance_to(centre) < eye.iris.radius for eye in found):
            continue
        eye = _eye_around(image, centre)
        if eye is not None and not any(eye.iris.distance_to(e.iris) < eye.iris.radius + e.iris.radius for e in found):
            found.append(eye)
    found.sort(key=lambda eye: -eye.clarity)
    like = [e for e in found if abs(e.iris.radius / found[0].iris.radius - 1) < _SIMILAR][:_MOST_EYES]
    return tuple(sorted(like, key=lambda eye: eye.iris.x))


def _without_reflections(frame: Pixels, small: Pixels) -> Pixels:
    """Paint the lamp's reflections over with what surrounds them."""
    bright = (small > _GLARE).astype(np.uint8)
    if not bright.any():
        return frame
    size = (frame.shape[1], frame.shape[0])
    around = cv2.resize(cv2.morphologyEx(small, cv2.MORPH_OPEN, _disc(_REFLECTION_PX)), size)
    mask = cv2.resize(cv2.dilate(bright, _disc(7)), size, interpolation=cv2.INTER_NEAREST)
    return np.where(mask > 0, around, frame).astype(np.uint8)


def _dark_discs(grey: Pixels) -> Iterator[Circle]:
    """Yield what looks like a pupil, the roundest first."""
    # The lamp's reflections lie in the pupil and would split it; lashes are thin.
    smooth = cv2.medianBlur(cv2.morphologyEx(grey, cv2.MORPH_OPEN, _disc(_REFLECTION_PX)), 5)
    darkest = float(np.percentile(smooth, 0.3))
    largest = _LARGEST * min(grey.shape) * 2
    discs: list[tuple[float, Circle]] = []
    for above in _THRESHOLDS:
        dark = (smooth < darkest + above).astype(np.uint8)
        for outline in cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            hull = cv2.convexHull(outline)
            area, around = cv2.contourArea(hull), cv2.arcLength(hull, True)
            (x, y), radius = cv2.minEnclosingCircle(hull)
            if not _SMALLEST_PX <= radius <= largest or not around:
                continue
            roundness, fullness = 4 * np.pi * area / around**2, cv2.contourArea(outline) / max(1.0, area)
            if roundness > _ROUND and fullness > _FULL:
                discs.append((roundness * fullness, Circle(x, y, radius)))
    discs.sort(key=lambda scored: -scored[0])
    kept: list[Circle] = []
    for _, disc in discs:
        if len(kept) < _MOST_CANDIDATES and not any(disc.distance_to(k) < 0.5 * k.radius for k in kept):
            kept.append(disc)
    yield from kept


def _eye_around(image: Field, guess: Circle) -> FoundEye | None:
    pupil = _pupil_at(image, guess)
    if pupil.weaker_side < _MIN_PUPIL_EDGE:
        return None
    small, large = (pupil.circle.radius / part for part in reversed(_PUPIL_BY_IRIS))
    reach_px = min(large, max(image.shape) / 2)
    if reach_px <= small:
        return None
    limbus = strongest_edge(image, Search(pupil.circle, (small, reach_px), CONCENTRIC, _LIMBUS_ARC))
    if limbus.weaker_side < _MIN_LIMBUS_EDGE:
        return None
    lids = find_lids(image, pupil.circle, limbus.circle)
    iris = _below_the_lid(image, pupil.circle, limbus.circle, lids)
    return FoundEye(pupil.circle, iris, lids, pupil.strength + limbus.strength)


def _below_the_lid(image: Field, pupil: Circle, iris: Circle, lids: Lids) -> Circle:
    """Search the limbus again without the part that a drooping lid covers."""
    if lids.upper is None:
        return iris
    corners = lids.upper.at(np.array((-0.95, 0.95), dtype=np.float32))
    meets_deg = float(np.rad2deg(np.arcsin(np.clip(corners.max(), -1, 1)))) + _LID_BLUR_DEG
    if not _LIMBUS_ARC[0] < meets_deg < _LIMBUS_ARC[1] - _SHORTEST_ARC_DEG:
        return iris
    radii = (0.96 * iris.radius, 1.04 * iris.radius)
    return strongest_edge(image, Search(pupil, radii, CONCENTRIC, (meets_deg, _LIMBUS_ARC[1]))).circle


def _pupil_at(image: Field, guess: Circle) -> Edge:
    radii = (max(3.0, 0.5 * guess.radius), 1.5 * guess.radius + 2)
    return strongest_edge(image, Search(guess, radii, 0.5, _PUPIL_ARC))


def _disc(size: int) -> Pixels:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)
