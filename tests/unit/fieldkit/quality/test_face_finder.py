from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import BLUE, SyntheticSubject
from fieldkit.quality.face_networks import FaceFinder, FoundFaces

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


@pytest.mark.parametrize("seed", range(8))
def test_eyes_are_found_where_they_are(finder: FaceFinder, seed: int) -> None:
    found = finder.find(SyntheticSubject(seed).portrait(BLUE))
    assert found.bystander == 0
    assert found.landmarks is not None
    eyes = found.landmarks.eyes
    assert eyes.right[0] < 360 < eyes.left[0]
    assert abs(eyes.middle[0] - 360) < 10
    assert abs(eyes.middle[1] - 410) < 15
    assert 140 < eyes.distance < 175


def test_two_people_are_as_wide_as_each_other(finder: FaceFinder, portrait: Pixels) -> None:
    assert finder.find(np.hstack([portrait, portrait])).bystander == pytest.approx(1, abs=0.1)


def test_a_small_bystander_is_told_by_size(finder: FaceFinder, portrait: Pixels) -> None:
    behind = cv2.resize(portrait, (324, 432))
    scene = np.full((960, 1044, 3), portrait[5, 5], np.uint8)
    scene[:, :720] = portrait
    scene[300:732, 720:] = behind
    assert finder.find(scene).bystander == pytest.approx(0.43, abs=0.08)


def test_nobody_is_nobody(finder: FaceFinder, portrait: Pixels) -> None:
    wall = np.full((480, 640, 3), 120, np.uint8)
    assert finder.find(wall) == FoundFaces()
    assert not finder.may_show_one(wall)
    assert finder.may_show_one(portrait)
