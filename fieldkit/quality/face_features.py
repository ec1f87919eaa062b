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

from fieldkit.quality.face_cut import Pixels, Points, cut, placed
from fieldkit.quality.face_landmarks import EyePoints, Landmarks
from fieldkit.quality.portrait_crop import upright_map

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
