"""Three networks that find faces, their landmarks and their eyes: MediaPipe's, read by OpenCV from `assets/models`.

Google, Apache-2.0; assets/models/README.md names their origin, docs/decisions/0015 says why these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import sha256
from importlib.resources import files
from math import atan2, cos, degrees, hypot, radians, sin

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


# Landmarks of one face as three networks see them: 468 points with their depth, the lids and irises of both eyes.
#
# Points are numbered as in MediaPipe's face mesh; "right" and "left" are the subject's.

_FACE = 1.5  # of the box of a face is what the network of the landmarks wants to see
_EYE = 2.3  # of the distance between its corners likewise
RIGHT_EYE, LEFT_EYE = (33, 133), (263, 362)  # outer and inner corner


@dataclass(frozen=True, slots=True)
class Eyes:
    """Middles between the corners of the eyes, in pixels. `right` is the subject's, on the left of the picture."""

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
class EyePoints:
    """One eye: 16 points around its lids (corners 0 and 8, below 1 … 7, above 9 … 15), its iris (middle and edge)."""

    lids: Points
    iris: Points


@dataclass(frozen=True, slots=True)
class Landmarks:
    """A face, in pixels of its frame.

    `points` (468, 3) have a depth away from the camera; `sure` that it is a face is 0 … 1.
    """

    points: Points
    sure: float
    right: EyePoints
    left: EyePoints

    @property
    def eyes(self) -> Eyes:
        """Return the middles of both eyes."""
        right, left = (self.points[list(corners), :2].mean(axis=0) for corners in (RIGHT_EYE, LEFT_EYE))
        return Eyes((float(right[0]), float(right[1])), (float(left[0]), float(left[1])))


def landmarks_of(networks: FaceNetworks, frame: Pixels, face: Detection) -> Landmarks:
    """Return the landmarks of a face that was found in an RGB frame."""
    left, top, width, height = face.box
    tilt = degrees(atan2(face.left[1] - face.right[1], face.left[0] - face.right[0]))
    around = Square((left + width / 2, top + height / 2), _FACE * max(width, height), tilt)
    points, sure = networks.mesh(frame, around)
    corners = [points[list(pair), :2] for pair in (RIGHT_EYE, LEFT_EYE)]
    tilt = degrees(atan2(*(corners[1][0] - corners[0][0])[::-1]))
    right, left_eye = (
        EyePoints(*networks.eye(frame, _eye_square(pair, tilt), is_left=bool(is_left)))
        for is_left, pair in enumerate(corners)
    )
    return Landmarks(points, sure, right, left_eye)


def _eye_square(corners: Points, tilt: float) -> Square:
    middle = corners.mean(axis=0)
    return Square((float(middle[0]), float(middle[1])), _EYE * float(np.linalg.norm(corners[1] - corners[0])), tilt)


# Finds who stands before the camera: how many people, and the landmarks of the nearest one.

_MARGINS = (0.0, 0.4)  # of 1,000 close cuts of faces 27 are found only with room around them


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """The landmarks of the largest face, and how wide the next one is to it (0: nobody else)."""

    landmarks: Landmarks | None = None
    bystander: float = 0.0


class FaceFinder:
    """Holds the networks. Not thread-safe: every executor has its own."""

    def __init__(self) -> None:
        self._networks = FaceNetworks()

    def find(self, frame: Pixels, tries: int = len(_MARGINS)) -> FoundFaces:
        """Search an RGB frame, also for a face that fills it unless only one of the ways is tried.

        Raise `InputError("face_model.damaged")` in an installation that is not whole.
        """
        faces = next((found for margin in _MARGINS[:tries] if (found := self._networks.detect(frame, margin))), ())
        if not faces:
            return FoundFaces()
        bystander = faces[1].box[2] / faces[0].box[2] if len(faces) > 1 else 0.0
        return FoundFaces(landmarks_of(self._networks, frame, faces[0]), bystander)

    def may_show_one(self, frame: Pixels) -> bool:
        """Return whether a frame shows a face at all, whatever its landmarks. Raise `InputError` as `find` does."""
        return bool(self._networks.detect(frame))


# Which way a head is turned, from landmarks with their depth and a generic head.

# MediaPipe's canonical face model in centimetres: y up, z towards the camera. What moves with mimicry is left out.
_MIDDLE = {
    168: (3.27, 5.24),  # bridge of the nose, down to its tip
    6: (2.47, 5.79),
    197: (1.73, 6.32),
    195: (1.06, 6.77),
    5: (0.37, 7.24),
    4: (-0.46, 7.59),
    1: (-1.13, 7.48),
    2: (-2.09, 6.06),
    10: (8.26, 4.48),  # forehead
    151: (6.55, 5.03),
    9: (4.89, 5.39),
    8: (4.02, 5.28),
}
_PAIRS = {
    (33, 263): (4.45, 2.66, 3.17),  # corners of the eyes
    (133, 362): (1.86, 2.59, 3.76),
    (98, 327): (1.41, -1.71, 5.24),  # wings of the nose
    (127, 356): (7.74, 2.36, -2.01),  # temples, cheekbones
    (234, 454): (7.66, 0.67, -2.44),
    (93, 323): (7.54, -1.05, -2.43),
    (50, 280): (4.77, -0.70, 3.53),
    (117, 346): (5.26, 0.95, 2.97),
    (54, 284): (6.28, 6.62, 1.43),
    (67, 297): (3.52, 8.01, 3.73),
}
_POINTS = np.array((*_MIDDLE, *(point for pair in _PAIRS for point in pair)))
_HEAD = np.array(
    (
        *((0, -y, -z) for y, z in _MIDDLE.values()),
        *((side * x, -y, -z) for x, y, z in _PAIRS.values() for side in (-1, 1)),
    )
)
_HEAD -= _HEAD.mean(axis=0)

# The depth that the network sees is too small: heads turned by 20° read 16.5 and 17.4, and upright ones 1.5 downwards.
_YAW_SCALE, _PITCH_SCALE, _PITCH_AHEAD = 1.2, 1.15, 1.5


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees from facing the camera: yaw to the picture's right, pitch downwards."""

    yaw_deg: float
    pitch_deg: float


def pose_of(points: Points) -> Pose:
    """Return the pose of a head from its 468 landmarks: the turn that lays the generic head onto them."""
    seen = points[_POINTS]
    left, _, right = np.linalg.svd(_HEAD.T @ (seen - seen.mean(axis=0)))
    sign = np.sign(np.linalg.det(right.T @ left.T))
    x, y, z = -(right.T @ np.diag((1, 1, sign)) @ left.T)[:, 2]  # where the nose points to
    pitch = degrees(atan2(y, hypot(x, z)))
    return Pose(_YAW_SCALE * degrees(atan2(x, -z)), _PITCH_SCALE * (pitch - _PITCH_AHEAD))
