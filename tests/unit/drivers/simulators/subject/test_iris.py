from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject import iris


def picture(seed: int, impression: int = 0) -> np.ndarray:
    return iris.look(iris.grow(np.random.default_rng(seed)), impression, np.random.default_rng(impression))


def test_the_iris_is_wide_enough_for_registration() -> None:
    for seed in range(5):
        eye = iris.grow(np.random.default_rng(seed))
        assert 2 * eye.radius >= 210


def test_contrasts_and_grey_levels_reach_iso_29794_6() -> None:
    image = picture(1).astype(float)
    pupil, fibres = image[270:276, 300:340].mean(), image[300:330, 310:330].mean()
    sclera = image[250:270, 460:480].mean()
    assert fibres - pupil >= 30
    assert sclera - fibres >= 5
    counts = np.bincount(image.astype(int).ravel(), minlength=256) / image.size
    assert -sum(p * np.log2(p) for p in counts if p) >= 6


@pytest.mark.days
def test_two_eyes_differ_and_one_eye_does_not() -> None:
    assert np.array_equal(picture(1), picture(1))
    ring = np.s_[300:345, 260:380]
    same = np.corrcoef(
        picture(1)[ring].ravel(),
        iris.look(iris.grow(np.random.default_rng(1)), 0, np.random.default_rng(9))[ring].ravel(),
    )
    other = np.corrcoef(picture(1)[ring].ravel(), picture(2)[ring].ravel())
    assert same[0, 1] > 0.8
    assert other[0, 1] < 0.6


def test_a_closed_eye_shows_no_pupil() -> None:
    assert (iris.closed(np.random.default_rng(0))[200:280, 280:360] > 60).all()
    assert (picture(1)[200:280, 280:360] < 60).any()


def test_a_gaze_places_the_pupil_and_the_lids() -> None:
    eye = iris.grow(np.random.default_rng(2))
    gaze = iris.Gaze(x=250, y=200, dilation=0.5)
    picture = iris.draw(eye, gaze, np.random.default_rng(3))
    rows, columns = np.nonzero(picture < 45)
    assert abs(float(np.median(columns)) - gaze.x) < 4
    assert abs(float(np.median(rows)) - gaze.y) < 8
    open_eye, drooping = (iris.draw(eye, iris.Gaze(openness=o), np.random.default_rng(3)) for o in (1.0, 0.3))
    assert (drooping < 45).sum() < 0.9 * (open_eye < 45).sum()  # the lid covers a part of the pupil
    assert np.array_equal(drooping[420:], open_eye[420:])
