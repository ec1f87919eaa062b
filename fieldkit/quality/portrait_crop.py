"""The passport frame around a face: the token geometry of ISO/IEC 19794-5:2011, 9.2, in 3:4.

Its width is four inter-eye distances, the eyes lie at 0.6 widths below the upper edge.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from fieldkit.quality.face_cut import Map, Pixels, cut
from fieldkit.quality.face_landmarks import Eyes

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
