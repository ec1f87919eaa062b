from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.simulators.infrared import EYE_SCALE, EYES_APART, SIZE, both_eyes
from drivers.simulators.subject import Condition, SyntheticSubject, iris
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.formats.images import decode_grey, encode_png
from fieldkit.quality.circular_edge import Pixels
from fieldkit.quality.iris import ALGORITHM, IrisJudge, review
from fieldkit.quality.iris_finder import find_eyes

RIGHT, LEFT = EYES
JUDGE = IrisJudge(decode_grey)


def eye_picture(gaze: iris.Gaze | None = None, seed: int = 3) -> Pixels:
    rng = np.random.default_rng(seed)
    return iris.draw(iris.grow(rng), gaze or iris.Gaze(), rng)


def scaled(image: Pixels, x: float, y: float) -> Pixels:
    return np.asarray(cv2.resize(image, None, fx=x, fy=y, interpolation=cv2.INTER_AREA), np.uint8)


def laid_in(image: Pixels, width: int, height: int) -> Pixels:
    """Return the middle of a picture, with its edge repeated around where it is smaller."""
    top, left = (height - image.shape[0]) // 2, (width - image.shape[1]) // 2
    whole = np.pad(image, ((max(0, top),) * 2, (max(0, left),) * 2), mode="edge")
    return np.ascontiguousarray(whole[max(0, -top) :, max(0, -left) :][:height, :width])


def interlaced(image: Pixels, moved_px: int) -> Pixels:
    """Return a picture whose every other line was taken after the eye had moved."""
    later = image.copy()
    later[1::2] = np.roll(image, moved_px, axis=1)[1::2]
    return later


def png(image: Pixels) -> bytes:
    return encode_png(image, 500)


@pytest.mark.parametrize("seed", range(6))
def test_good_eyes_pass(seed: int) -> None:
    live = JUDGE.score_eyes(png(eye_picture(seed=seed)), (LEFT,))[LEFT]
    assert live.hints == ()
    assert live.quality >= 80


@pytest.mark.parametrize(
    ("hint", "image"),
    [
        ("iris.too_far", lambda: laid_in(scaled(eye_picture(), 0.6, 0.6), 640, 480)),
        ("iris.too_near", lambda: laid_in(scaled(eye_picture(), 2.1, 2.1), 640, 480)),
        ("iris.interlaced", lambda: interlaced(eye_picture(), 3)),
        ("iris.off_centre", lambda: eye_picture(iris.Gaze(x=150))),
        ("iris.lids_cover", lambda: eye_picture(iris.Gaze(openness=0.4))),
        ("iris.blurred", lambda: np.asarray(cv2.GaussianBlur(eye_picture(), (0, 0), 2), np.uint8)),
        ("iris.looks_aside", lambda: scaled(eye_picture(), 0.8, 1)),
        ("iris.pupil_small", lambda: eye_picture(iris.Gaze(dilation=0.17))),
        ("iris.pupil_wide", lambda: eye_picture(iris.Gaze(dilation=0.73))),
        ("iris.flat", lambda: np.clip(eye_picture() * 0.5 + 110, 0, 255).astype(np.uint8)),
    ],
)
def test_each_fault_has_its_hint_and_fails(hint: str, image: Callable[[], Pixels]) -> None:
    live = JUDGE.score_eyes(png(image()), (RIGHT,))[RIGHT]
    assert hint in live.hints
    assert 0 < live.quality < 60


@pytest.mark.parametrize(
    ("image", "hints", "least", "most"),
    [
        (lambda: scaled(eye_picture(), 0.6, 0.6), ("iris.low_resolution",), 60, 60),  # no fault of the person
        (lambda: laid_in(eye_picture(), 272, 244), (), 80, 97),  # the iris fills the picture of a small sensor
        (lambda: laid_in(eye_picture(), 639, 480), (), 80, 100),
        (lambda: laid_in(eye_picture(), 640, 244), (), 80, 97),
        (lambda: eye_picture()[:, 230:530], ("iris.off_centre",), 55, 55),  # it touches the border
        (lambda: laid_in(eye_picture(), 236, 236), ("iris.too_near",), 55, 55),  # and would in the middle
        (lambda: laid_in(scaled(eye_picture(), 0.6, 0.6), 640, 479), ("iris.low_resolution",), 60, 60),
    ],
)
def test_a_small_picture_is_the_cameras(
    image: Callable[[], Pixels], hints: tuple[str, ...], least: int, most: int
) -> None:
    live = JUDGE.score_eyes(png(np.ascontiguousarray(image())), (RIGHT,))[RIGHT]
    assert live.hints == hints
    assert least <= live.quality <= most


def test_an_eye_that_misses_more_than_the_size_is_judged_by_what_it_misses() -> None:
    shut = scaled(eye_picture(iris.Gaze(openness=0.4)), 0.6, 0.6)
    live = JUDGE.score_eyes(png(shut), (RIGHT,))[RIGHT]
    assert set(live.hints) == {"iris.low_resolution", "iris.lids_cover"}
    assert live.quality == 55


def test_faint_borders_are_told() -> None:
    image = eye_picture()
    (eye,) = find_eyes(image)
    pale = np.clip(image.astype(int) // 6 + 180, 0, 255).astype(np.uint8)
    hints = review(pale, eye).hints
    assert "iris.pupil_faint" in hints
    washed = np.where(image > 60, 140, image).astype(np.uint8)
    assert "iris.edge_faint" in review(washed, eye).hints


@pytest.mark.days
def test_both_eyes_of_a_face_are_told_apart() -> None:
    face = both_eyes(SyntheticSubject(5))
    reviews = JUDGE.reviews(face, EYES)
    assert set(reviews) == set(EYES)
    for position, side in ((RIGHT, -1), (LEFT, 1)):
        found = reviews[position]
        assert found.eye.iris.x == pytest.approx(SIZE[0] / 2 + side * EYES_APART / 2, abs=4)
        assert found.eye.iris.radius > EYE_SCALE * iris.IRIS_RADIUS[0] - 2
        assert found.score.algorithm == ALGORITHM
        assert found.score.value >= 60
    assert set(JUDGE.reviews(face, (LEFT,))) == {LEFT}


@pytest.mark.parametrize("condition", [Condition.MISSING, Condition.BANDAGED])
@pytest.mark.parametrize("position", EYES)
def test_an_eye_that_does_not_open_is_absent_and_the_other_keeps_its_side(position: Position, condition) -> None:
    face = both_eyes(SyntheticSubject(6, conditions={position: condition}))
    assert set(JUDGE.reviews(face, EYES)) == set(EYES) - {position}


@pytest.mark.days
def test_an_eye_alone_in_the_middle_is_the_one_that_is_wanted() -> None:
    image = eye_picture(replace(iris.Gaze(), x=380))
    for wanted in ((RIGHT,), (LEFT,), (LEFT, RIGHT)):
        assert set(JUDGE.reviews(image, wanted)) == {wanted[0]}
    assert JUDGE.reviews(image, ()) == {}


def test_no_image_is_refused() -> None:
    for content in (b"", b"GIF89a", b"\xff\xd8\xff\xe0 torn"):
        with pytest.raises(ValueError, match="not an image"):
            JUDGE.score_eyes(content, EYES)


@pytest.mark.days
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 300), st.integers(1, 400))
def test_any_picture_is_judged_without_a_crash(seed: int, height: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.full((height, width), rng.integers(256), np.uint8)
    for _ in range(rng.integers(0, 20)):
        centre = (int(rng.integers(-20, width + 20)), int(rng.integers(-20, height + 20)))
        axes = (int(rng.integers(1, 150)), int(rng.integers(1, 150)))
        cv2.ellipse(image, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(256)), -1)
    for found in JUDGE.reviews(image, EYES).values():
        assert 0 <= found.score.value <= 100
