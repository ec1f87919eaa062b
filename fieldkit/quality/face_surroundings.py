"""What a portrait shows besides the face itself: the wall behind the head, light, exposure and sharpness."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.face_cut import Pixels
from fieldkit.quality.face_features import EYE_PX, Layer, PassportFrame

# Around the face, and a patch of either cheek, by the numbers of MediaPipe's face mesh.
_RIGHT_OVAL = (10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
_LEFT_OVAL = (338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377)
_SIDES = ((117, 118, 50, 205, 187, 36), (346, 347, 280, 425, 411, 266))
_EYE_CORNERS = ((33, 133), (362, 263))

_BRIDGE = 168
_MIDDLE = 90
_FOOT, _TOP, _SIDE = 108, 12, 16  # rows above the shoulders, and edges of the frame where the wall shows
_OTHER_THAN_WALL = 14.0  # ΔE from the wall


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Measures of light and wall.

    `wall`: its median RGB. `unevenness`: 90th percentile of ΔE from it, up to the outline of the head. `crown`: eye
    distances of wall above the head, None before no even wall. `side_light`: how much lighter one half of the face is.
    `eye_white`: level 0 … 255 of the brightest in the eyes. `lost`: share of the face that is clipped. `lightness`: its
    mean grey. `contrast`: its range to its brightest. `sharpness`: deviation of its edges. `yellowness`: its median b*.
    """

    wall: NDArray[np.uint8]
    unevenness: float
    crown: float | None
    side_light: float
    eye_white: float
    lost: float
    lightness: float
    contrast: float
    sharpness: float
    yellowness: float


def look_around(laid: PassportFrame, fine: Pixels) -> Surroundings:
    """Measure a passport frame; `fine` is its face, grey, at 90 pixels between the eyes."""
    grey = np.asarray(cv2.cvtColor(laid.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    points = laid.points[[*_RIGHT_OVAL, *_LEFT_OVAL]]
    oval = np.asarray(cv2.convexHull(np.rint(points).astype(np.int32)), np.int32)
    is_face = _filled(oval, grey.shape)
    face = grey[is_face] if is_face.any() else grey.ravel()
    low, high = (float(n) for n in np.percentile(face, (2, 98)))
    wall, unevenness, crown = _wall(laid, oval)
    return Surroundings(
        wall=wall,
        unevenness=unevenness,
        crown=crown,
        side_light=_side_light(grey, laid),
        eye_white=_eye_white(laid),
        lost=float(((face >= 250) | (face <= 5)).mean()),
        lightness=float(face.mean()),
        contrast=(high - low) / max(1.0, high),
        sharpness=_sharpness(fine),
        yellowness=float(np.median(laid.lab[is_face, 2])) if is_face.any() else 0.0,
    )


def _wall(laid: PassportFrame, oval: NDArray[np.int32]) -> tuple[NDArray[np.uint8], float, float | None]:
    """Return the median RGB of the wall, its unevenness, and the eye distances of it above the head.

    The head is what differs from the wall and hangs together with the face, be it hair or a veil. The wall is all else
    above the shoulders, and the upper edges of the frame, for clutter hangs together with a face too.
    """
    soft = np.asarray(cv2.blur(laid.lab[:_FOOT], (3, 3)), np.float32)
    edge = np.zeros(soft.shape[:2], np.bool_)
    edge[:_TOP] = edge[: _FOOT // 2, :_SIDE] = edge[: _FOOT // 2, -_SIDE:] = True
    median = np.median(soft[edge], axis=0)
    away = _distance(soft, median)
    other = (away > _OTHER_THAN_WALL) | _filled(oval, soft.shape[:2])
    _, parts = cv2.connectedComponents(other.astype(np.uint8))
    x, y = np.clip(np.rint(laid.points[_BRIDGE]).astype(int), 0, (soft.shape[1] - 1, _FOOT - 1))
    is_head = parts == parts[y, x]
    above = slice(_MIDDLE - EYE_PX, _MIDDLE + EYE_PX)
    edge[:_TOP, above] &= ~is_head[:_TOP, above]  # hair that leaves the picture is no wall
    unevenness = max(float(np.percentile(away[wall], 90)) if wall.any() else 0.0 for wall in (edge, ~is_head))
    rows = np.flatnonzero(is_head[:, _MIDDLE - EYE_PX // 2 : _MIDDLE + EYE_PX // 2].mean(axis=1) > 0.3)
    crown = None if unevenness > _OTHER_THAN_WALL or not len(rows) else float(rows[0]) / EYE_PX
    return np.median(laid.pixels[:_FOOT][edge], axis=0).astype(np.uint8), unevenness, crown


def _filled(outline: NDArray[np.int32], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, outline, 1)
    return mask.astype(bool)


def _distance(colours: Layer, other: Layer) -> Layer:
    """Return ΔE (CIE 76); much faster over few channels than a norm along an axis."""
    difference = colours - other
    return np.asarray(np.sqrt(np.einsum("...i,...i", difference, difference)), np.float32)


def _side_light(grey: Pixels, laid: PassportFrame) -> float:
    soft = cv2.blur(grey.astype(np.float32), (7, 7))
    at = np.clip(np.rint(laid.points).astype(int), 0, (grey.shape[1] - 1, grey.shape[0] - 1))
    right, left = (float(soft[at[list(side), 1], at[list(side), 0]].mean()) for side in _SIDES)
    return abs(left - right) / max(1.0, (left + right) / 2)


def _eye_white(laid: PassportFrame) -> float:
    """Return the brightest channel of the darker eye, glints left out: its white is white whatever the skin."""
    levels = []
    for corners in _EYE_CORNERS:
        x, y = (round(float(n)) for n in laid.points[list(corners)].mean(axis=0))
        part = laid.pixels[max(0, y - 3) : y + 4, max(0, x - 10) : x + 11]
        levels.append(float(np.percentile(part.max(axis=2), 90)) if part.size else 0.0)
    return min(levels)


def _sharpness(fine: Pixels) -> float:
    """Return the deviation of edges, of a face as bright as any: a dark face is not a blurred one."""
    evened = fine.astype(np.float32) * (128 / max(1.0, float(fine.mean())))
    return float(cv2.Laplacian(evened, cv2.CV_32F, ksize=3).std())
