from __future__ import annotations

import numpy as np
import pytest
from support.portraits import drawn, turned_aside

from fieldkit.quality.face_finder import FaceFinder
from fieldkit.quality.face_pose import _HEAD, _PITCH_AHEAD, _PITCH_SCALE, _POINTS, _YAW_SCALE, pose_of


def seen(yaw_deg: float, pitch_deg: float) -> np.ndarray:
    """Return the landmarks of the generic head after it turned to the picture's right and bent down, in pixels."""
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    across = np.array(((np.cos(yaw), 0, -np.sin(yaw)), (0, 1, 0), (np.sin(yaw), 0, np.cos(yaw))))
    down = np.array(((1, 0, 0), (0, np.cos(pitch), -np.sin(pitch)), (0, np.sin(pitch), np.cos(pitch))))
    points = np.zeros((468, 3))
    points[_POINTS] = 20 * _HEAD @ (across @ down).T + (400, 300, 10)
    return points


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (20, 0), (-20, 0), (0, 18), (0, -18), (12, -9)])
def test_the_turn_of_a_head_comes_back_with_its_sign_and_scale(yaw: float, pitch: float) -> None:
    pose = pose_of(seen(yaw, pitch))
    assert pose.yaw_deg / _YAW_SCALE == pytest.approx(yaw, abs=0.5)
    assert pose.pitch_deg / _PITCH_SCALE + _PITCH_AHEAD == pytest.approx(pitch, abs=0.5)


@pytest.mark.days
@pytest.mark.parametrize("yaw", [-25, 25])
def test_a_head_that_was_turned_is_seen_turned(yaw: float) -> None:
    finder = FaceFinder()
    straight, turned = (finder.find(each).landmarks for each in (drawn(3)[0], turned_aside(*drawn(3), yaw)))
    assert straight is not None
    assert turned is not None
    assert abs(pose_of(straight.points).yaw_deg) < 5
    assert pose_of(turned.points).yaw_deg == pytest.approx(yaw, abs=9)
    assert abs(pose_of(turned.points).pitch_deg) < 8
