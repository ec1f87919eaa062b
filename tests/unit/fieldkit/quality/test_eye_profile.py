from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import synthetic
from fieldkit.quality.circular_edge import Circle, Field
from fieldkit.quality.eye_profile import Lid, Lids, eye_profile, find_lids


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


def lids_at(openness: float, seed: int) -> tuple[Lids, float]:
    """Return the lids that are found, and where the upper one truly is above the centre, in radii."""
    rng = np.random.default_rng(seed)
    eye = synthetic.grow(rng)
    image = synthetic.draw(eye, replace(synthetic.Gaze(), openness=openness), rng).astype(np.float32)
    found = find_lids(image, Circle(320, 240, 0.4 * eye.radius), Circle(320, 240, eye.radius))
    return found, (12 - 118 * eye.lid_height * openness) / eye.radius


@pytest.mark.parametrize("openness", [0.35, 0.5, 0.6, 0.8])
@pytest.mark.parametrize("seed", range(5))
def test_the_upper_lid_is_found_and_not_the_fold_above(openness: float, seed: int) -> None:
    found, truth = lids_at(openness, seed)
    assert found.upper is not None
    assert found.upper.top == pytest.approx(truth, abs=0.1)


def test_an_even_picture_has_no_lids() -> None:
    image = np.full((480, 640), 120, np.float32)
    assert find_lids(image, Circle(320, 240, 40), Circle(320, 240, 110)) == Lids(None, None)


def test_what_lies_between_the_lids_is_open() -> None:
    lids = Lids(Lid(-0.5, 0.2, 0.0), Lid(0.7, -0.2, 0.0))
    x, y = np.zeros(4, np.float32), np.array([-0.6, -0.4, 0.6, 0.8], np.float32)
    assert lids.leave_open(x, y).tolist() == [False, True, True, False]
    assert Lids(None, None).leave_open(x, y).all()
