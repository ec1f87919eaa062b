"""Which way a head is turned, from landmarks with their depth and a generic head."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot

import numpy as np

from fieldkit.quality.face_cut import Points

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
