"""Finds the face and its eyes with the Haar cascades that OpenCV ships."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import atan2, degrees, hypot
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Point = tuple[float, float]

SEARCH_PX = 480  # longest side while searching: 50 ms instead of 220 ms for a full frame

_SMALLEST = 0.14  # of the short side
_BYSTANDER = 0.5  # a second face this big, relative to the first, is one too many


@dataclass(frozen=True, slots=True)
class Eyes:
    """Centres in pixels of the full frame. `right` is the subject's right eye, on the left of the picture."""

    right: Point
    left: Point

    @property
    def distance(self) -> float:
        """Return the inter-eye distance in pixels."""
        return hypot(self.left[0] - self.right[0], self.left[1] - self.right[1])

    @property
    def middle(self) -> Point:
        """Return the point between the eyes."""
        return (self.right[0] + self.left[0]) / 2, (self.right[1] + self.left[1]) / 2

    @property
    def roll_deg(self) -> float:
        """Return how far the head is tilted, clockwise in the picture."""
        return degrees(atan2(self.left[1] - self.right[1], self.left[0] - self.right[0]))


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """How many faces count, and the eyes of the largest; None when one is there without eyes."""

    count: int
    eyes: Eyes | None


class FaceFinder:
    """Holds the cascades, read with the first frame; not thread-safe, so every executor has its own."""

    @cached_property
    def _face(self) -> cv2.CascadeClassifier:
        return _cascade("haarcascade_frontalface_alt2.xml")

    @cached_property
    def _eyes(self) -> tuple[cv2.CascadeClassifier, ...]:
        return _cascade("haarcascade_eye.xml"), _cascade("haarcascade_eye_tree_eyeglasses.xml")

    def find(self, frame: Pixels) -> FoundFaces:
        """Search an RGB frame."""
        scale = min(1.0, SEARCH_PX / max(frame.shape[:2]))
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else frame
        grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        smallest = int(_SMALLEST * min(grey.shape))
        boxes = self._face.detectMultiScale(grey, 1.1, 4, minSize=(smallest, smallest))
        faces = sorted(([int(n) for n in box] for box in boxes), key=lambda box: -box[2])
        faces = [box for box in faces if box[2] >= _BYSTANDER * faces[0][2]]
        # Collars and folds of a veil look like faces at times, but they have no eyes.
        seen = [eyes for box in faces if (eyes := self._eyes_in(grey, box, scale)) is not None]
        if not seen:
            return FoundFaces(min(1, len(faces)), None)
        return FoundFaces(len(seen), seen[0])

    def _eyes_in(self, grey: Pixels, box: list[int], scale: float) -> Eyes | None:
        x, y, width, height = box
        upper = grey[y : y + int(0.6 * height), x : x + width]
        right, left = (self._eye(upper, is_left) for is_left in (False, True))
        if right is None or left is None:
            return None
        return Eyes(((x + right[0]) / scale, (y + right[1]) / scale), ((x + left[0]) / scale, (y + left[1]) / scale))

    def _eye(self, upper: Pixels, is_left: bool) -> Point | None:
        """Return the centre of the eye nearest to where eyes sit in a face box: 0.3 | 0.7 across, 0.37 down."""
        width = upper.shape[1]
        expected = ((0.7 if is_left else 0.3) * width, 0.37 * width)
        smallest = max(8, width // 8)
        for cascade in self._eyes:
            found = cascade.detectMultiScale(upper, 1.05, 3, minSize=(smallest, smallest))
            centres = [(x + w / 2, y + h / 2) for x, y, w, h in ([int(n) for n in box] for box in found)]
            near = [c for c in centres if hypot(c[0] - expected[0], c[1] - expected[1]) < 0.2 * width]
            if near:
                return min(near, key=lambda c: hypot(c[0] - expected[0], c[1] - expected[1]))
        return None


def _cascade(name: str) -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))
    if cascade.empty():
        raise FileNotFoundError(name)
    return cascade
