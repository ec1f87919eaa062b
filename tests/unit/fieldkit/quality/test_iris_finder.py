"""How near the search comes to eyes whose geometry is known: centres within 4 px, radii within 5 %."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from support.eyes import HardEye, closed_with_lashes, hard_eye
from support.tries import some_of

from drivers.simulators.subject import synthetic
from fieldkit.quality.circular_edge import Circle, Pixels
from fieldkit.quality.iris_finder import CONCENTRIC, FoundEye, dark_centres, find_eyes

SEEDS = range(8)
FRONTAL = synthetic.Gaze()


def apart(rng: np.random.Generator) -> synthetic.Gaze:
    return synthetic.Gaze(320 + rng.uniform(-120, 120), 240 + rng.uniform(-80, 80))


CASES: dict[str, Callable[[np.random.Generator], synthetic.Gaze]] = {
    "frontal": lambda rng: replace(FRONTAL, turn=rng.uniform(-0.2, 0.2)),
    "off centre": apart,
    "small pupil": lambda rng: replace(apart(rng), dilation=rng.uniform(0.2, 0.25)),
    "wide pupil": lambda rng: replace(FRONTAL, dilation=rng.uniform(0.6, 0.68)),
    "half-closed lids": lambda rng: replace(FRONTAL, x=320 + rng.uniform(-40, 40), openness=rng.uniform(0.35, 0.5)),
}


def assert_near(found: FoundEye, gaze: synthetic.Gaze, radius: float) -> None:
    for circle, expected in ((found.iris, radius), (found.pupil, radius * gaze.dilation)):
        assert circle.distance_to(Circle(gaze.x, gaze.y, expected)) < 4
        assert circle.radius == pytest.approx(expected, rel=0.05)
    assert found.pupil.distance_to(found.iris) < CONCENTRIC * found.iris.radius


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", some_of(SEEDS, 2))
def test_both_boundaries_are_found(case: str, seed: int) -> None:
    rng = np.random.default_rng((seed, 11))
    eye, gaze = synthetic.grow(rng), CASES[case](rng)
    (found,) = find_eyes(synthetic.draw(eye, gaze, rng))
    assert_near(found, gaze, eye.radius)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda image: cv2.GaussianBlur(image, (0, 0), 4),
        lambda image: (image * 0.5).astype(np.uint8),
        lambda image: np.clip(image * 0.7 + 60, 0, 255).astype(np.uint8),
        lambda image: cv2.imdecode(cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, 40))[1], 0),
    ],
    ids=["blurred", "dark", "pale", "compressed"],
)
def test_poor_pictures_of_an_eye(spoil: Callable[[Pixels], Pixels]) -> None:
    rng = np.random.default_rng(4)
    eye = synthetic.grow(rng)
    (found,) = find_eyes(spoil(synthetic.draw(eye, FRONTAL, rng)))
    assert_near(found, FRONTAL, eye.radius)


@pytest.mark.parametrize("scale", [0.75, 2.0])
def test_the_size_of_the_picture_does_not_matter(scale: float) -> None:
    rng = np.random.default_rng(9)
    eye = synthetic.grow(rng)
    image = cv2.resize(synthetic.draw(eye, FRONTAL, rng), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    (found,) = find_eyes(image.astype(np.uint8))
    assert found.iris.radius == pytest.approx(eye.radius * scale, rel=0.05)
    assert found.iris.distance_to(Circle(320 * scale, 240 * scale, 1)) < 4 * max(1.0, scale)


def test_two_eyes_come_from_left_to_right() -> None:
    rng = np.random.default_rng(2)
    pair = [synthetic.grow(rng) for _ in range(2)]
    frame = np.hstack([synthetic.draw(eye, FRONTAL, rng) for eye in pair])
    left, right = find_eyes(frame)
    assert left.iris.x == pytest.approx(320, abs=4)
    assert right.iris.x == pytest.approx(960, abs=4)


@pytest.mark.parametrize("seed", range(12))
def test_a_closed_eye_is_no_eye(seed: int) -> None:
    assert find_eyes(synthetic.closed(np.random.default_rng(seed))) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (15, 20), (240, 320)])
@pytest.mark.parametrize("level", [0, 128, 255])
def test_empty_pictures_hold_no_eye(shape: tuple[int, int], level: int) -> None:
    assert find_eyes(np.full(shape, level, np.uint8)) == ()


def test_a_dark_disc_alone_is_no_eye() -> None:
    image = np.full((480, 640), 180, np.uint8)
    cv2.circle(image, (320, 240), 46, 20, -1, cv2.LINE_AA)
    assert find_eyes(image) == ()


@pytest.mark.days
@pytest.mark.parametrize(
    ("size", "iris_px", "missed"),
    some_of([((160, 120), 28, 2), ((640, 480), 105, 0), ((320, 240), 55, 1), ((256, 192), 62, 1)], 1),
    ids=["tiny", "vga", "half", "crop"],
)
def test_glints_lashes_and_small_pictures_hide_few_eyes(size: tuple[int, int], iris_px: int, missed: int) -> None:
    eyes = [hard_eye(seed, iris_px, size) for seed in range(8)]
    assert sum(not is_near(find_eyes(eye.picture), eye) for eye in eyes) <= missed + 1


def is_near(found: tuple[FoundEye, ...], eye: HardEye) -> bool:
    if len(found) != 1:
        return False
    reach = 0.1 * eye.iris[2]
    pairs = ((found[0].iris, Circle(*eye.iris)), (found[0].pupil, Circle(*eye.pupil)))
    return all(a.distance_to(b) < reach and abs(a.radius - b.radius) < reach for a, b in pairs)


@pytest.mark.parametrize("seed", range(6))
def test_lashes_of_a_closed_eye_are_no_eye(seed: int) -> None:
    assert find_eyes(closed_with_lashes(seed)) == ()


def disc(radius: int, inside: int = 30, outside: int = 150) -> Pixels:
    image = np.full((240, 320), outside, np.uint8)
    cv2.circle(image, (170, 110), radius, inside, -1, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("radius", [6, 15, 40])
def test_a_dark_disc_comes_first(radius: int) -> None:
    (first, *_) = dark_centres(disc(radius), 4)
    assert first.distance_to(Circle(170, 110, radius)) <= 2
    assert first.radius == pytest.approx(radius, rel=0.25)


def test_a_glint_over_half_of_it_does_not_hide_it() -> None:
    image = disc(20)
    cv2.circle(image, (176, 108), 11, 250, -1, cv2.LINE_AA)
    assert dark_centres(image, 1)[0].distance_to(Circle(170, 110, 20)) <= 3


def test_what_is_brighter_inside_or_even_has_no_dark_centre() -> None:
    assert all(c.distance_to(Circle(170, 110, 1)) > 5 for c in dark_centres(disc(20, 200, 60), 2))
    assert dark_centres(np.full((120, 160), 90, np.uint8), 5) == ()
    assert dark_centres(np.zeros((1, 1), np.uint8), 5) == ()
