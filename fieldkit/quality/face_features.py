"""What shows in a face, measured at its landmarks: lids, irises, lips, and what lies over them.

Colours and greys are those of the passport frame at 180 pixels, in CIE Lab and relative to the skin of brow, bridge of
the nose and cheekbones, so that no measure depends on how light or dark somebody is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.quality.face_cut import Map, Pixels, Points, cut, placed
from fieldkit.quality.face_networks import EyePoints, Eyes, Landmarks

# The passport frame around a face: the token geometry of ISO/IEC 19794-5:2011, 9.2, in 3:4.
#
# Its width is four inter-eye distances, the eyes lie at 0.6 widths below the upper edge.

_EYE_DISTANCES = 4.0
_EYES_DOWN = 0.6
_ASPECT = 4 / 3


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle in pixels of the frame; it may reach outside."""

    left: float
    top: float
    width: float
    height: float


def passport_frame(eyes: Eyes) -> Window:
    """Return the frame for these eyes as if the head were upright."""
    width = _EYE_DISTANCES * eyes.distance
    x, y = eyes.middle
    return Window(x - width / 2, y - _EYES_DOWN * width, width, width * _ASPECT)


def upright_map(eyes: Eyes, width: int) -> Map:
    """Return the map that lays the frame into the passport frame, turned upright by the eyes."""
    x, y = eyes.middle
    onto = cv2.getRotationMatrix2D((x, y), eyes.roll_deg, width / (_EYE_DISTANCES * eyes.distance))
    onto[:, 2] += np.array((width / 2 - x, _EYES_DOWN * width - y))
    return np.asarray(onto, np.float64)


def crop_upright(frame: Pixels, eyes: Eyes, width: int) -> Pixels:
    """Return the passport frame turned upright, shape (4/3 width, width, 3); what lies outside repeats the edge."""
    return cut(frame, upright_map(eyes, width), (width, round(width * _ASPECT)))


def crop_middle(frame: Pixels) -> Pixels:
    """Return the largest 3:4 part from the middle, for a frame without a face."""
    height, width = frame.shape[:2]
    crop_width = max(1, min(width, int(height / _ASPECT)))
    crop_height = max(1, min(height, int(crop_width * _ASPECT)))
    left, top = (width - crop_width) // 2, (height - crop_height) // 2
    return np.ascontiguousarray(frame[top : top + crop_height, left : left + crop_width])


Layer = NDArray[np.float32]

FRAME_WIDTH = 180
EYE_PX = 45  # inter-eye distance there

# Numbers of MediaPipe's face mesh.
_SKIN = (151, 9, 8, 108, 337, 69, 299, 104, 333, 168, 6, 197, 117, 346, 118, 347)
_NOSE = (1, 4, 5, 44, 274, 45, 275, 220, 440)
_ABOVE_LIPS = (164, 2, 0)
_LIPS = (0, 13, 14, 17, 37, 267, 84, 314, 40, 270, 91, 321)
_REDDEST = (0, 17, 37, 267, 84, 314, 40, 270)
_AROUND_LIPS = (164, 18, 200, 186, 410, 92, 322, 43, 273)
_CHEEKS = (205, 425, 187, 411, 207, 427, 212, 432)
_MOUTH = 13  # middle of the upper lip's inner edge
_LIP_GAPS = ((13, 14), (82, 87), (312, 317))  # inner edges of both lips
_ABOVE, _BELOW = slice(9, 16), slice(1, 8)  # lids, corner to corner

_UNDER_EYES = (230, 231, 232, 450, 451, 452, 119, 120, 348, 349)  # glasses reach there, shadows of brows do not
_BESIDE_GLASSES = (151, 108, 337, 9, 4, 1, 205, 425, 50, 280)

_LAB_SCALE, _LAB_SHIFT = np.array((100 / 255, 1, 1), np.float32), np.array((0, 128, 128), np.float32)
_LEAST_SKIN = 20.0  # L* below which shares of it say nothing
_LINE_ROWS, _LINE_COLUMNS = 15, 8  # above and below the mouth, and to its sides, where its dark line is looked for


# Logarithm of the odds that nose and mouth are covered, by `cover_measures`; packaging/measure_portraits.py fits it.
_COVER_WEIGHTS = np.array((-12.04, -2.37, 1.46, 0.30, 1.41, 1.90, 1.68, 1.08, -0.49, -2.68, -6.93))
_COVER_SHIFT = 4.93
_LEAST_LIPS = np.array((0.2, 0.13))  # the first two of them: line and redness


@dataclass(frozen=True, slots=True)
class PassportFrame:
    """The passport frame at 180 pixels, shape (240, 180, 3): RGB, Lab, and the 468 landmarks in its pixels."""

    pixels: Pixels
    lab: Layer
    points: Points
    colours: NDArray[np.float64]  # of the landmarks
    skin: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FaceFeatures:
    """Measures of one face.

    `lids`: height of the contour of the lids to its width, of the wider and of the narrower eye. `gaze`: how far the
    irises lie from the middle between the corners, in widths of an eye. `mouth_gap`: between the lips, in eye
    distances. `cover`: above 0 rather something over nose and mouth than not. `glass`: grey below the eyes to that of
    the skin around. `pupil_redness`: a* of the redder pupil. `lips`: below 1 no lips show, neither red nor by the line
    between them; a hand before the mouth may have the colour of the face. `beard`: how much darker the upper lip is
    than the nose, to the skin; hardly a mask has such a step.
    """

    lids_wider: float
    lids_narrower: float
    gaze: float
    mouth_gap: float
    cover: float
    glass: float
    pupil_redness: float
    lips: float
    beard: float


def lay_out(frame: Pixels, landmarks: Landmarks) -> PassportFrame:
    """Return the passport frame of a face."""
    onto = upright_map(landmarks.eyes, FRAME_WIDTH)
    pixels = cut(frame, onto, (FRAME_WIDTH, FRAME_WIDTH * 4 // 3))
    lab = np.asarray(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab), np.float32
    )  # in bytes: a third of the time, half a unit off
    lab *= _LAB_SCALE
    lab -= _LAB_SHIFT
    points = placed(landmarks.points, onto)
    colours = _colours(np.asarray(cv2.blur(lab, (3, 3)), np.float32), points)
    return PassportFrame(pixels, lab, points, colours, np.median(colours[list(_SKIN)], axis=0))


def measure(landmarks: Landmarks, laid: PassportFrame) -> FaceFeatures:
    """Return what shows in a face."""
    eyes = (landmarks.right, landmarks.left)
    openings = [_opening(eye) for eye in eyes]
    gaps = [np.linalg.norm(landmarks.points[a, :2] - landmarks.points[b, :2]) for a, b in _LIP_GAPS]
    onto = upright_map(landmarks.eyes, FRAME_WIDTH)
    told = cover_measures(laid, landmarks.sure)
    return FaceFeatures(
        lids_wider=max(openings),
        lids_narrower=min(openings),
        gaze=abs(float(np.mean([_aside(eye) for eye in eyes]))),
        mouth_gap=float(np.mean(gaps)) / landmarks.eyes.distance,
        cover=float(told @ _COVER_WEIGHTS + _COVER_SHIFT),
        glass=_glass(laid),
        pupil_redness=max(float(_colours(laid.lab, placed(eye.iris[:1], onto))[0, 1]) for eye in eyes),
        lips=float((told[:2] / _LEAST_LIPS).max()),
        beard=float(told[7] - told[8]),
    )


def cover_measures(laid: PassportFrame, sure: float) -> NDArray[np.float64]:
    """Return what tells a covered mouth and nose from bare ones."""
    level = max(_LEAST_SKIN, float(laid.skin[0]))
    colours = laid.colours
    nose, above, lips, cheeks = (
        np.median(colours[list(group)], axis=0) - laid.skin for group in (_NOSE, _ABOVE_LIPS, _LIPS, _CHEEKS)
    )
    redness = np.median(colours[list(_REDDEST), 1]) - np.median(colours[list(_AROUND_LIPS), 1])
    return np.array(
        (
            max(0.0, _mouth_line(laid)) / level,
            redness / 10,
            *(hypot(*part[1:]) / 10 for part in (nose, above, cheeks)),
            abs(nose[0]) / level,
            abs(above[0]) / level,
            nose[0] / level,
            above[0] / level,
            (lips[0] - above[0]) / level,
            sure,
        )
    )


def _mouth_line(laid: PassportFrame) -> float:
    """Return how much darker the line between the lips is than what lies above and below them, in L*."""
    x, y = (round(float(at)) for at in laid.points[_MOUTH])
    rows = np.clip(np.arange(y - _LINE_ROWS, y + _LINE_ROWS + 1), 0, laid.lab.shape[0] - 1)
    columns = np.clip(np.arange(x - _LINE_COLUMNS, x + _LINE_COLUMNS + 1), 0, laid.lab.shape[1] - 1)
    line = laid.lab[rows][:, columns, 0].mean(axis=1)
    third = len(line) // 3
    return float((line[:third].mean() + line[-third:].mean()) / 2 - line[third:-third].min())


def _glass(laid: PassportFrame) -> float:
    colours = laid.colours
    around = max(_LEAST_SKIN, float(np.median(colours[list(_BESIDE_GLASSES), 0])))
    return float(np.median(colours[list(_UNDER_EYES), 0])) / around


def _opening(eye: EyePoints) -> float:
    heights = np.linalg.norm(eye.lids[_BELOW] - eye.lids[_ABOVE], axis=1)
    return float(heights.mean() / max(1e-6, float(np.linalg.norm(eye.lids[8] - eye.lids[0]))))


def _aside(eye: EyePoints) -> float:
    """Return where the iris lies between the corners, -0.5 … 0.5, to the picture's right."""
    first, last = sorted((eye.lids[0], eye.lids[8]), key=lambda corner: float(corner[0]))
    axis = last - first
    return float((eye.iris[0] - (first + last) / 2) @ axis / max(1e-6, float(axis @ axis)))


def _colours(lab: Layer, points: Points) -> NDArray[np.float64]:
    at = np.rint(points).astype(int)
    rows, columns = np.clip(at[:, 1], 0, lab.shape[0] - 1), np.clip(at[:, 0], 0, lab.shape[1] - 1)
    return np.asarray(lab[rows, columns], np.float64)


# What a portrait shows besides the face itself: the wall behind the head, light, exposure and sharpness.

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
