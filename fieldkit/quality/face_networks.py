"""Three networks that find faces, their landmarks and their eyes: MediaPipe's, read by OpenCV from `assets/models`.

Google, Apache-2.0; assets/models/README.md names their origin, docs/decisions/0015 says why these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from math import cos, radians, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from fieldkit.domain.errors import InputError
from fieldkit.quality.face_cut import Map, Pixels, Point, Points, cut

DETECTION, LANDMARKS, EYE = "face_detection_short_range.tflite", "face_landmark.tflite", "iris_landmark.tflite"
DIGESTS = {
    DETECTION: "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
    LANDMARKS: "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
    EYE: "d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
}

_SEARCH_PX, _MESH_PX, _EYE_PX = 128, 192, 64  # what each network takes
_LANDMARKS = 468
_SURE = 0.5  # score from which something is a face
_SAME_FACE = 0.3  # overlap (intersection over union) from which two boxes are one face
_ANCHORS = ((16, 2), (8, 6))  # cells to a side, boxes in a cell


@dataclass(frozen=True, slots=True)
class Square:
    """A square of a frame, in pixels: its middle, its side, and how far it is turned clockwise."""

    middle: Point
    side: float
    roll_deg: float = 0.0

    def onto(self, size: int) -> Map:
        """Return the map that lays the square upright into `size` pixels."""
        scale, angle = size / self.side, radians(self.roll_deg)
        turn = scale * np.array(((cos(angle), sin(angle)), (-sin(angle), cos(angle))))
        shift = size / 2 - turn @ np.array(self.middle)
        return np.column_stack((turn, shift))


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in a frame, in pixels: box (left, top, width, height), score 0 … 1, its two eyes.

    `right` is the subject's right eye, on the left of the picture.
    """

    box: tuple[float, float, float, float]
    score: float
    right: Point
    left: Point


class FaceNetworks:
    """Holds the networks, each read when it is first needed. Not thread-safe: every executor has its own.

    Every method raises `InputError("face_model.damaged")` when a file is not the one that was shipped.
    """

    @cached_property
    def _detection(self) -> cv2.dnn.Net:
        return _read(DETECTION)

    @cached_property
    def _mesh(self) -> cv2.dnn.Net:
        return _read(LANDMARKS)

    @cached_property
    def _iris(self) -> cv2.dnn.Net:
        return _read(EYE)

    def detect(self, frame: Pixels, margin: float = 0.0) -> tuple[Detection, ...]:
        """Return the faces of an RGB frame, the largest first.

        A face that fills the frame is found where some `margin` is laid around it, in sides of the frame.
        """
        height, width = frame.shape[:2]
        side = max(height, width) * (1 + 2 * margin)
        border = cv2.BORDER_REPLICATE if margin else cv2.BORDER_CONSTANT
        picture = _part(frame, Square((width / 2, height / 2), side), _SEARCH_PX, border)
        scores, boxes = _forward(self._detection, picture, 1 / 127.5, 127.5, ("classificators", "regressors"))
        # The score is a logistic function of what the network says.
        found = np.flatnonzero(scores.ravel() > np.log(_SURE / (1 - _SURE)))
        if not len(found):
            return ()
        sure = 1 / (1 + np.exp(-scores.ravel()[found].clip(-50, 50)))
        told = boxes.reshape(-1, 16)[found].astype(np.float64) / _SEARCH_PX
        told[:, 2:4] *= 0.5  # half width and half height
        places = np.concatenate((told[:, :2], told[:, 4:8]), axis=1).reshape(-1, 3, 2) + _anchors()[found, None]
        faces = np.concatenate((places.reshape(-1, 6), told[:, 2:4]), axis=1)
        corner = np.array((width - side, height - side)) / 2
        return tuple(
            _detection(mean[:6].reshape(3, 2) * side + corner, mean[6:] * side, score)
            for mean, score in sorted(_merged(faces, sure), key=lambda each: -each[0][6])
        )

    def mesh(self, frame: Pixels, square: Square) -> tuple[Points, float]:
        """Return 468 landmarks (x, y, depth) of the face in a square, in pixels of the frame, and how sure it is one.

        Depth grows away from the camera and has the scale of x and y; sureness is 0 … 1.
        """
        picture = _part(frame, square, _MESH_PX)
        sure, points = _forward(self._mesh, picture, 1 / 255, 0, ("conv2d_31", "conv2d_21"))
        return _placed(points.reshape(_LANDMARKS, 3), square, _MESH_PX), float(1 / (1 + np.exp(-sure.ravel()[0])))

    def eye(self, frame: Pixels, square: Square, *, is_left: bool) -> tuple[Points, Points]:
        """Return 16 points around the lids and 5 of the iris of one eye of the subject, in pixels of the frame.

        Lids: the corners are 0 and 8; 1 … 7 lie on the lower lid, 9 … 15 above them. Iris: middle, then four of its
        edge. The network knows right eyes; a left one is mirrored.
        """
        picture = _part(frame, square, _EYE_PX)
        if is_left:
            picture = np.ascontiguousarray(picture[:, ::-1])
        around, iris = _forward(self._iris, picture, 1 / 255, 0, ("output_eyes_contours_and_brows", "output_iris"))
        points = np.concatenate((around.reshape(-1, 3)[:16], iris.reshape(5, 3))).astype(np.float64)
        if is_left:
            points[:, 0] = _EYE_PX - points[:, 0]
        placed = _placed(points, square, _EYE_PX)[:, :2]
        return placed[:16], placed[16:]


def check_models() -> None:
    """Raise `InputError("face_model.damaged")` unless all networks are those that were shipped."""
    for name in DIGESTS:
        _content(name)


def _content(name: str) -> bytes:
    try:
        content = files("assets").joinpath("models", name).read_bytes()
    except OSError as error:
        raise InputError("face_model.damaged", file=name) from error
    if sha256(content).hexdigest() != DIGESTS[name]:
        raise InputError("face_model.damaged", file=name)
    return content


def _read(name: str) -> cv2.dnn.Net:
    return cv2.dnn.readNetFromTFLite(np.frombuffer(_content(name), np.uint8))


def _part(frame: Pixels, square: Square, size: int, border: int = cv2.BORDER_REPLICATE) -> Pixels:
    return cut(frame, square.onto(size), (size, size), border)


def _forward(
    net: cv2.dnn.Net, picture: Pixels, scale: float, mean: float, outputs: tuple[str, str]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    net.setInput(cv2.dnn.blobFromImage(picture, scale, mean=(mean, mean, mean)))
    first, second = net.forward(outputs)
    return np.asarray(first, np.float32), np.asarray(second, np.float32)


def _placed(points: NDArray[np.float32] | Points, square: Square, size: int) -> Points:
    """Return points (x, y, depth) of a square of so many pixels, in pixels of the frame."""
    back = cv2.invertAffineTransform(square.onto(size))
    placed = np.asarray(points, np.float64).copy()
    placed[:, :2] = placed[:, :2] @ back[:, :2].T + back[:, 2]
    placed[:, 2] *= square.side / size
    return placed


@cache
def _anchors() -> NDArray[np.float64]:
    """Return the middle of each cell as often as it has boxes, shape (896, 2), 0 … 1."""
    parts = []
    for cells, boxes in _ANCHORS:
        rows, columns = np.indices((cells, cells)).reshape(2, -1)
        parts.append(np.repeat(np.column_stack((columns, rows)) + 0.5, boxes, axis=0) / cells)
    return np.concatenate(parts)


def _merged(faces: NDArray[np.float64], sure: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], float]]:
    """Return one face for those that overlap: their mean, weighted by their scores, with the best score."""
    kept: list[tuple[NDArray[np.float64], float]] = []
    left = np.argsort(-sure)
    while len(left):
        is_same = _overlap(faces[left[0]], faces[left]) > _SAME_FACE
        same, left = left[is_same], left[~is_same]
        kept.append((np.average(faces[same], axis=0, weights=sure[same]), float(sure[same[0]])))
    return kept


def _overlap(face: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return intersection over union of boxes that have their middle in columns 0 and 1, their half size in 6 and 7."""
    first = np.maximum(face[:2] - face[6:], others[:, :2] - others[:, 6:])
    last = np.minimum(face[:2] + face[6:], others[:, :2] + others[:, 6:])
    shared = np.prod(np.clip(last - first, 0, None), axis=1)
    return np.asarray(shared / (4 * (face[6] * face[7] + others[:, 6] * others[:, 7]) - shared))


def _detection(places: NDArray[np.float64], half: NDArray[np.float64], score: float) -> Detection:
    (x, y), right, left = ((float(a), float(b)) for a, b in places)
    wide, high = float(half[0]), float(half[1])
    return Detection((x - wide, y - high, 2 * wide, 2 * high), score, right, left)
