from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import BLUE, SyntheticSubject
from fieldkit.quality.face_finder import Eyes, FaceFinder

Pixels = NDArray[np.uint8]


@pytest.mark.parametrize("seed", range(8))
def test_eyes_are_found_where_they_are(seed: int) -> None:
    found = FaceFinder().find(SyntheticSubject(seed).portrait(BLUE))
    assert found.count == 1
    assert found.eyes is not None
    assert found.eyes.right[0] < 360 < found.eyes.left[0]
    assert abs(found.eyes.middle[0] - 360) < 10
    assert abs(found.eyes.middle[1] - 410) < 15
    assert 140 < found.eyes.distance < 170


def test_two_people_are_counted(portrait: Pixels) -> None:
    assert FaceFinder().find(np.hstack([portrait, portrait])).count == 2


def test_small_bystander_does_not_count(portrait: Pixels) -> None:
    behind = cv2.resize(portrait, (216, 288))
    scene = np.full((960, 1280, 3), portrait[5, 5], np.uint8)
    scene[:, :720] = portrait
    scene[300:588, 900:1116] = behind
    assert FaceFinder().find(scene).count == 1


def test_nobody_is_nobody() -> None:
    found = FaceFinder().find(np.full((480, 640, 3), 120, np.uint8))
    assert (found.count, found.eyes) == (0, None)


def test_roll_is_clockwise_in_the_picture() -> None:
    assert Eyes((100, 100), (200, 100)).roll_deg == 0
    assert Eyes((100, 100), (200, 120)).roll_deg == pytest.approx(11.3, abs=0.1)
