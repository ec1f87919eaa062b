"""Landmarks of one face as three networks see them: 468 points with their depth, the lids and irises of both eyes.

Points are numbered as in MediaPipe's face mesh; "right" and "left" are the subject's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np

from fieldkit.quality.face_cut import Pixels, Point, Points
from fieldkit.quality.face_networks import Detection, FaceNetworks, Square

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
