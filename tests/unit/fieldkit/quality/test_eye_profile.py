from __future__ import annotations

import cv2
import numpy as np
import pytest

from fieldkit.quality.circular_edge import Field
from fieldkit.quality.eye_profile import eye_profile


def eye(pupil: int = 20, iris: int = 52, levels: tuple[int, int, int] = (30, 100, 170)) -> Field:
    image = np.full((240, 320), levels[2], np.float32)
    cv2.circle(image, (160, 120), iris, levels[1], -1)
    cv2.circle(image, (160, 120), pupil, levels[0], -1)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5), np.float32)


@pytest.mark.parametrize(("pupil", "iris"), [(20, 52), (12, 40), (40, 70)])
def test_both_radii_are_told(pupil: int, iris: int) -> None:
    found = eye_profile(eye(pupil, iris), 160, 120, 150)
    assert found is not None
    assert found.pupil_px == pytest.approx(pupil, rel=0.12)
    assert found.iris_px == pytest.approx(iris, rel=0.12)
    assert found.score > 40


def test_a_lid_over_the_upper_third_is_borne() -> None:
    image = eye()
    image[:95] = 160
    found = eye_profile(image, 160, 120, 150)
    assert found is not None
    assert found.iris_px == pytest.approx(52, rel=0.15)


def test_a_disc_without_an_iris_and_an_even_picture_are_none() -> None:
    assert eye_profile(eye(levels=(30, 170, 170)), 160, 120, 150) is None
    assert eye_profile(np.full((100, 100), 90, np.float32), 50, 50, 60) is None
    assert eye_profile(np.full((4, 4), 90, np.float32), 2, 2, 2) is None


def test_beside_the_middle_less_speaks_for_an_eye() -> None:
    middle, beside = eye_profile(eye(), 160, 120, 150), eye_profile(eye(), 175, 120, 150)
    assert middle is not None
    assert beside is None or beside.score < middle.score - 10
