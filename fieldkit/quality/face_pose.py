"""Which way a head is turned, from five points that a network finds and a generic head."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot

import cv2
import numpy as np

from fieldkit.quality.face_finder import Eyes, Lower

# A grown head in millimetres: x to the picture's right, y down, z away from the camera, from the middle of the eyes.
# 62 mm between the pupils; the tip of the nose 40 mm below them and 30 mm before them; the mouth 66 mm below them.
_HEAD = np.array(((-31, 0, 0), (31, 0, 0), (0, 40, -30), (-25, 66, -8), (25, 66, -8)), np.float64)


@dataclass(frozen=True, slots=True)
class Pose:
    """Degrees from facing the camera: yaw to the picture's right, pitch downwards."""

    yaw_deg: float
    pitch_deg: float


def pose_of(eyes: Eyes, lower: Lower, height: int, width: int) -> Pose | None:
    """Return the pose of a head in a frame of that size in pixels; None where no head fits the points."""
    if eyes.distance < 1:
        return None
    points = np.array((eyes.right, eyes.left, lower.nose, lower.mouth_right, lower.mouth_left), np.float64)
    focal = 1.5 * max(height, width)  # a portrait taken from one to two metres; the angle hardly depends on it
    camera = np.array(((focal, 0, width / 2), (0, focal, height / 2), (0, 0, 1)))
    found, turn, _ = cv2.solvePnP(_HEAD, points, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    if not found:
        return None
    x, y, z = (-float(n) for n in cv2.Rodrigues(turn)[0][:, 2])  # where the nose points to
    return Pose(degrees(atan2(x, -z)), degrees(atan2(y, hypot(x, z))))
