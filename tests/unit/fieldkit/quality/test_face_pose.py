from __future__ import annotations

import cv2
import numpy as np
import pytest

from fieldkit.quality.face_finder import Eyes, Lower
from fieldkit.quality.face_pose import _HEAD, pose_of


def seen(yaw_deg: float, pitch_deg: float) -> tuple[Eyes, Lower]:
    """Look at the generic head from 1.2 m after it turned to the picture's right and bent down."""
    yaw, pitch = np.radians((yaw_deg, pitch_deg))
    across = np.array(((np.cos(yaw), 0, -np.sin(yaw)), (0, 1, 0), (np.sin(yaw), 0, np.cos(yaw))))
    down = np.array(((1, 0, 0), (0, np.cos(pitch), -np.sin(pitch)), (0, np.sin(pitch), np.cos(pitch))))
    turn = cv2.Rodrigues(across @ down)[0]
    camera = np.array(((1920.0, 0, 640), (0, 1920.0, 360), (0, 0, 1)))
    points = cv2.projectPoints(_HEAD, turn, np.array((0.0, -30, 1200)), camera, None)[0][:, 0]
    right, left, nose, mouth_right, mouth_left = ((float(x), float(y)) for x, y in points)
    return Eyes(right, left), Lower(nose, mouth_right, mouth_left)


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (20, 0), (-20, 0), (0, 18), (0, -18), (12, -9)])
def test_the_turn_of_a_head_comes_back(yaw: float, pitch: float) -> None:
    pose = pose_of(*seen(yaw, pitch), 720, 1280)
    assert pose is not None
    assert abs(pose.yaw_deg) == pytest.approx(abs(yaw), abs=4)
    assert abs(pose.pitch_deg) == pytest.approx(abs(pitch), abs=4)


def test_yaw_goes_to_the_right_of_the_picture_and_pitch_downwards() -> None:
    eyes, lower = seen(0, 0)
    aside = pose_of(eyes, Lower((lower.nose[0] + 20, lower.nose[1]), lower.mouth_right, lower.mouth_left), 720, 1280)
    bent = pose_of(eyes, Lower((lower.nose[0], lower.nose[1] + 20), lower.mouth_right, lower.mouth_left), 720, 1280)
    assert aside is not None
    assert bent is not None
    assert aside.yaw_deg > 10
    assert bent.pitch_deg > 5


def test_points_that_are_no_head_are_no_pose() -> None:
    nowhere = (640.0, 360.0)
    assert pose_of(Eyes(nowhere, nowhere), Lower(nowhere, nowhere, nowhere), 720, 1280) is None
