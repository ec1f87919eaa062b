"""Finds the face and its eyes with the Haar cascades that OpenCV ships; eyes that those miss by their irises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from math import atan2, degrees, hypot
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Point = tuple[float, float]

SEARCH_PX = 320  # longest side while searching: the cascades take half the time of 480 px and find the same

_SMALLEST = 0.14  # of the short side
_BYSTANDER = 0.5  # a second face this big, relative to the first, is one too many
_FACE_PX = 160  # the face is looked at for its eyes at this width, whatever the camera's resolution
_EYE_AT = (0.3, 0.37)  # of the box of a face, from its nearer edge and from its top
_NEAR = 0.16  # how far from there an eye may lie
_SURE_IRIS = 0.4  # contrast from which an iris tells of an eye that the cascades missed


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
class Lower:
    """Tip of the nose and corners of the mouth, in pixels of the full frame; sides are the subject's."""

    nose: Point
    mouth_right: Point
    mouth_left: Point


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """How many faces count, and of the largest one its eyes; None when they do not show.

    `presumed` is where its eyes would be: what hides them is looked at there. `lower` is known to a network only.
    """

    count: int
    eyes: Eyes | None
    presumed: Eyes | None = None
    lower: Lower | None = None


class FaceDetector(Protocol):
    """The port behind which faces are found. Not thread-safe: every executor has its own."""

    @property
    def method(self) -> str:
        """Return by what it finds them, as each check states it."""
        ...

    def find(self, frame: Pixels, tries: int = 3) -> FoundFaces:
        """Search an RGB frame, at most in so many ways."""
        ...


class FaceFinder:
    """Holds the cascades, read with the first frame; not thread-safe, so every executor has its own."""

    method = "haar"

    @cached_property
    def _face(self) -> cv2.CascadeClassifier:
        return _cascade("haarcascade_frontalface_alt2.xml")

    @cached_property
    def _second(self) -> cv2.CascadeClassifier:
        return _cascade("haarcascade_frontalface_alt.xml")

    @cached_property
    def _eyes(self) -> tuple[cv2.CascadeClassifier, ...]:
        return _cascade("haarcascade_eye.xml"), _cascade("haarcascade_eye_tree_eyeglasses.xml")

    def find(self, frame: Pixels, tries: int = 3) -> FoundFaces:
        """Search an RGB frame, at most in so many of the ways to make grey of colours."""
        scale = min(1.0, SEARCH_PX / max(frame.shape[:2]))
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else frame
        smallest = int(_SMALLEST * min(small.shape[:2]))
        boxes: list[tuple[int, int, int]] = []
        for grey in islice(_greys(np.asarray(small, np.uint8)), tries):
            if boxes := _boxes(self._face, grey, smallest):
                break
        boxes = _apart([box for box in boxes if box[2] >= _BYSTANDER * boxes[0][2]])
        seen = [(box, self._eyes_in(frame, (box[0] / scale, box[1] / scale, box[2] / scale))) for box in boxes]
        # Collars and folds of a veil look like faces at times, but they have no eyes, lie below the face, and another
        # cascade sees none.
        count = sum(
            eyes is not None or (not _is_below(boxes[0], box) and self._is_seen_again(grey, box)) for box, eyes in seen
        )
        if not boxes:
            return FoundFaces(0, None)
        largest, eyes = next(((box, eyes) for box, eyes in seen if eyes is not None), seen[0])
        return FoundFaces(max(1, count), eyes, eyes or _presumed(largest, scale))

    def _is_seen_again(self, grey: Pixels, box: tuple[int, int, int]) -> bool:
        x, y, width = box
        around = width // 4
        part = grey[max(0, y - around) : y + width + around, max(0, x - around) : x + width + around]
        return bool(_boxes(self._second, part, int(0.6 * width)))

    def _eyes_in(self, frame: Pixels, box: tuple[float, float, float]) -> Eyes | None:
        """Return the eyes in a box (left, top, width) of the frame; None unless both show."""
        left, top, width = box
        scale = _FACE_PX / width
        shift = np.array(((scale, 0, -left * scale), (0, scale, -top * scale)))
        part = cut(frame, box, (_FACE_PX, int(0.62 * _FACE_PX)), shift)
        grey = np.asarray(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
        right, other = (self._eye(grey, is_left) for is_left in (False, True))
        if right is None or other is None:
            return None
        return Eyes(
            (left + right[0] / scale, top + right[1] / scale), (left + other[0] / scale, top + other[1] / scale)
        )

    def _eye(self, face: Pixels, is_left: bool) -> Point | None:
        """Return the centre of the eye nearest to where eyes sit in a face box."""
        across = 1 - _EYE_AT[0] if is_left else _EYE_AT[0]
        x, y = round(across * _FACE_PX), round(_EYE_AT[1] * _FACE_PX)
        half = round(0.24 * _FACE_PX)
        part = face[y - half : y + half, x - half : x + half]
        for cascade in self._eyes:
            found = cascade.detectMultiScale(part, 1.1, 3, minSize=(20, 20))
            middles = [(left + w / 2 - half, top + h / 2 - half) for left, top, w, h in (map(int, b) for b in found)]
            near = [m for m in middles if hypot(*m) < _NEAR * _FACE_PX]
            if near:
                best = min(near, key=lambda m: hypot(*m))
                return x + best[0], y + best[1]
        level = float(np.median(face[y : y + half]))
        contrast, dx, dy = iris_contrast((part / max(level, 1.0)).astype(np.float32), _FACE_PX * 0.4, reach=0.3)
        return (x + dx, y + dy) if contrast > _SURE_IRIS else None


def iris_contrast(part: NDArray[np.float32], eye_distance: float, reach: float = 0.14) -> tuple[float, float, float]:
    """Return the best contrast of a dark spot to what lies left and right of it, and its place from the middle (x, y).

    `part` is a square around an eye, relative to the grey of the skin: an iris is dark between two whites, while the
    line of a lid, a brow or a dark glass goes on at both sides. The spot may be 0.1 to 0.2 eye distances wide (an iris
    has 11.7 mm of 62), and up to `reach` eye distances away from the middle.
    """
    best, place = 0.0, (0.0, 0.0)
    height, width = part.shape
    far = round(reach * eye_distance)
    rows = slice(max(0, height // 2 - far), height // 2 + far + 1)
    for share in (0.045, 0.067, 0.09):
        radius = max(1, round(share * eye_distance))
        dark = cv2.blur(part, (2 * radius + 1, 2 * radius + 1))
        flank = cv2.blur(part, (radius, radius))
        left, right = np.roll(flank, 2 * radius, 1), np.roll(flank, -2 * radius, 1)
        contrast = (left + right) / 4 + np.minimum(left, right) / 2 - dark
        middle = slice(max(3 * radius, width // 2 - far), min(width - 3 * radius, width // 2 + far + 1))
        part_of = contrast[rows, middle]
        y, x = np.unravel_index(int(part_of.argmax()), part_of.shape)
        if part_of[y, x] > best:
            best = float(part_of[y, x])
            place = (float(x) + middle.start - width // 2, float(y) + rows.start - height // 2)
    return best, *place


def cut(frame: Pixels, box: tuple[float, float, float], size: tuple[int, int], shift: NDArray[np.float64]) -> Pixels:
    """Return part of a frame by an affine map, smoothed before where it is much reduced; `box` bounds what is read."""
    scale = float(np.hypot(shift[0, 0], shift[0, 1]))
    if scale < 0.5:  # warpAffine alone would alias; only what is read is smoothed
        left, top, width = box
        x, y = max(0, int(left - width / 4)), max(0, int(top - width / 4))
        frame = frame[y : int(top + 1.75 * width), x : int(left + 1.25 * width)]
        frame = np.asarray(cv2.GaussianBlur(frame, (0, 0), 0.4 / scale), np.uint8)
        shift = shift.copy()
        shift[:, 2] += shift[:, :2] @ np.array((x, y))
    return np.asarray(
        cv2.warpAffine(frame, shift, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def _greys(picture: Pixels) -> Iterator[Pixels]:
    """Yield what is searched in turn: dark skin before a red wall has hardly any contrast in grey.

    Of 48 drawn faces of dark skin the grey one shows 25, the green one with its contrast spread 45.
    """
    yield np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    yield np.asarray(cv2.createCLAHE(4.0, (4, 4)).apply(picture[..., 1]), np.uint8)
    yield np.ascontiguousarray(picture[..., 0])


def _boxes(cascade: cv2.CascadeClassifier, grey: Pixels, smallest: int) -> list[tuple[int, int, int]]:
    """Return squares (left, top, width), the largest first."""
    found = cascade.detectMultiScale(grey, 1.1, 4, minSize=(smallest, smallest))
    return sorted(((int(x), int(y), int(w)) for x, y, w, _ in found), key=lambda box: -box[2])


def _apart(boxes: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Leave out boxes that share a quarter with a larger one: a turned head is found twice at times."""
    kept: list[tuple[int, int, int]] = []
    for x, y, width in boxes:
        shared = (
            max(0, min(x + width, left + w) - max(x, left)) * max(0, min(y + width, top + w) - max(y, top))
            for left, top, w in kept
        )
        if all(area < width * width / 4 for area in shared):
            kept.append((x, y, width))
    return kept


def _is_below(face: tuple[int, int, int], box: tuple[int, int, int]) -> bool:
    middle = box[0] + box[2] / 2
    return box[1] > face[1] and face[0] < middle < face[0] + face[2]


def _presumed(box: tuple[int, int, int], scale: float) -> Eyes:
    x, y, width = (n / scale for n in box)
    down = y + _EYE_AT[1] * width
    return Eyes((x + _EYE_AT[0] * width, down), (x + (1 - _EYE_AT[0]) * width, down))


def _cascade(name: str) -> cv2.CascadeClassifier:
    cascade = cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / name))
    if cascade.empty():
        raise FileNotFoundError(name)
    return cascade
