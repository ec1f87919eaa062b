from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.tries import some_of

from drivers.simulators.subject import iris
from fieldkit.quality.circular_edge import Circle, Pixels
from fieldkit.quality.iris_finder import find_eyes
from fieldkit.quality.iris_metrics import IrisMetrics, crop, measure

FRONTAL = iris.Gaze()


def picture(gaze: iris.Gaze = FRONTAL, seed: int = 1) -> Pixels:
    rng = np.random.default_rng(seed)
    return iris.draw(iris.grow(rng), gaze, rng)


def metrics(image: Pixels) -> IrisMetrics:
    (eye,) = find_eyes(image)
    return measure(image, eye)


def visible_part(gaze: iris.Gaze, seed: int) -> float:
    eye = iris.grow(np.random.default_rng(seed))
    y, x = np.mgrid[0:480, 0:640]
    dx, dy = x - gaze.x, y - gaze.y
    radius = np.hypot(dx, dy)
    ring = (radius < eye.radius) & (radius > gaze.dilation * eye.radius)
    span = np.clip(1 - (dx / 285) ** 2, 0, None)
    upper, lower = 12 - 118 * eye.lid_height * gaze.openness * span, 122 * eye.lid_height * span - 4
    return 100 * float((ring & (dy > upper) & (dy < lower)).sum() / ring.sum())


def test_a_good_eye_reaches_the_limits_of_the_standard() -> None:
    found = metrics(picture())
    assert found.usable_iris_area > 90
    assert found.iris_sclera_contrast > 10
    assert found.iris_pupil_contrast > 60
    assert found.pupil_boundary_circularity > 95
    assert found.pupil_roundness > 95
    assert found.grey_scale_utilisation > 6.3
    assert found.iris_radius_px == pytest.approx(iris.grow(np.random.default_rng(1)).radius, rel=0.03)
    assert found.pupil_iris_ratio == pytest.approx(40, abs=1.5)
    assert found.iris_pupil_concentricity > 97
    assert found.margin_adequacy == 100
    assert found.sharpness > 25


@pytest.mark.parametrize("openness", [0.4, 0.5, 0.6, 0.8, 1.0])
@pytest.mark.parametrize("seed", some_of(range(4), 1))
def test_the_usable_area_is_what_the_lids_leave(openness: float, seed: int) -> None:
    gaze = replace(FRONTAL, openness=openness)
    assert metrics(picture(gaze, seed)).usable_iris_area == pytest.approx(visible_part(gaze, seed), abs=6)


@pytest.mark.days
def test_sharpness_falls_with_defocus() -> None:
    sharp = picture()
    row = [metrics(np.asarray(cv2.GaussianBlur(sharp, (0, 0), s), np.uint8)).sharpness for s in (0.5, 1, 1.5, 2, 3)]
    assert row == sorted(row, reverse=True)
    assert row[0] > 20
    assert row[3] < 10


@pytest.mark.days
def test_pupils_and_margins_are_measured() -> None:
    assert metrics(picture(replace(FRONTAL, dilation=0.22))).pupil_iris_ratio == pytest.approx(22, abs=1.5)
    assert metrics(picture(replace(FRONTAL, dilation=0.66))).pupil_iris_ratio == pytest.approx(66, abs=2)
    assert metrics(picture(replace(FRONTAL, x=150))).margin_adequacy < 80


def test_an_eye_that_looks_aside_has_an_oval_pupil() -> None:
    aside = cv2.resize(picture(), None, fx=0.82, fy=1.0, interpolation=cv2.INTER_AREA)
    assert metrics(np.asarray(aside, np.uint8)).pupil_roundness < 88


def test_contrast_falls_in_a_pale_picture() -> None:
    pale = metrics(np.clip(picture() * 0.5 + 110, 0, 255).astype(np.uint8))
    assert pale.iris_pupil_contrast < 50
    assert pale.grey_scale_utilisation < 6


def test_the_crop_has_the_margins_of_a_cropped_record() -> None:
    frame = np.zeros((480, 640), np.uint8)
    assert crop(frame, Circle(320, 240, 100)).shape == (241, 321)
    assert crop(frame, Circle(20, 30, 100)).shape == (151, 181)


@pytest.mark.days
def test_the_circularity_falls_with_a_border_that_is_no_circle() -> None:
    gaze = FRONTAL
    even = metrics(picture(gaze)).pupil_boundary_circularity
    oval = picture(gaze)
    cv2.ellipse(oval, (320, 240), (58, 40), 0, 0, 360, 26, -1, cv2.LINE_AA)
    assert metrics(oval).pupil_boundary_circularity < even - 0.5
