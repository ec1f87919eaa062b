from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.eyes import closed_with_lashes, hard_eye
from support.tries import some_of

from drivers.simulators.camera import EYE_SCALE, EYES_APART, SIZE, both_eyes
from drivers.simulators.subject import Condition, SyntheticSubject, synthetic
from fieldkit.domain.recording.capture import SampleFormat
from fieldkit.domain.recording.positions import EYES, Position
from fieldkit.formats.images import decode_grey, encode_png
from fieldkit.formats.iris import IrisImageKind, decode_iris_record, iris_record
from fieldkit.quality.circular_edge import Circle, Pixels
from fieldkit.quality.iris import (
    ALGORITHM,
    SAME,
    IrisCode,
    IrisEncoder,
    IrisJudge,
    IrisMetrics,
    are_same,
    code_of,
    crop,
    distance,
    measure,
    other_eyes,
    review,
)
from fieldkit.quality.iris_finder import find_eyes

RIGHT, LEFT = EYES
JUDGE = IrisJudge(decode_grey)


def eye_picture(gaze: synthetic.Gaze | None = None, seed: int = 3) -> Pixels:
    rng = np.random.default_rng(seed)
    return synthetic.draw(synthetic.grow(rng), gaze or synthetic.Gaze(), rng)


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
        ("iris.off_centre", lambda: eye_picture(synthetic.Gaze(x=150))),
        ("iris.lids_cover", lambda: eye_picture(synthetic.Gaze(openness=0.4))),
        ("iris.blurred", lambda: np.asarray(cv2.GaussianBlur(eye_picture(), (0, 0), 2), np.uint8)),
        ("iris.looks_aside", lambda: scaled(eye_picture(), 0.8, 1)),
        ("iris.pupil_small", lambda: eye_picture(synthetic.Gaze(dilation=0.17))),
        ("iris.pupil_wide", lambda: eye_picture(synthetic.Gaze(dilation=0.73))),
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
    shut = scaled(eye_picture(synthetic.Gaze(openness=0.4)), 0.6, 0.6)
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
        assert found.eye.iris.radius > EYE_SCALE * synthetic.IRIS_RADIUS[0] - 2
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
    image = eye_picture(replace(synthetic.Gaze(), x=380))
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


def codes(seed: int, impression: int = 0) -> dict:
    person = SyntheticSubject(seed, conditions=dict.fromkeys(EYES, Condition.GOOD))
    return {eye: code_of(person.iris(eye, impression)) for eye in EYES}


@pytest.fixture(scope="module")
def people() -> list[dict]:
    return [codes(seed) for seed in range(3)]


@pytest.mark.days
def test_an_eye_is_known_again_turned_and_dilated(people: list[dict]) -> None:
    for seed in (0, 2):  # of the second person a lid is found too low: nothing is compared then
        again = codes(seed, 1)
        assert all(are_same(people[seed][eye], again[eye]) for eye in EYES)


@pytest.mark.days
def test_no_eye_is_taken_for_another(people: list[dict]) -> None:
    every = [code for person in people for code in person.values()]
    apart = [distance(one, other) for at, one in enumerate(every) for other in every[at + 1 :]]
    assert min(apart) > 0.4
    another_painter = [code_of(hard_eye(seed, 105).picture) for seed in range(4)]
    seen = [code for code in another_painter if code is not None]
    assert min(distance(one, other) for at, one in enumerate(seen) for other in seen[at + 1 :]) > SAME


@pytest.mark.days
def test_the_same_eye_twice_and_eyes_that_changed_places(people: list[dict]) -> None:
    one, other = people[0][RIGHT], people[0][LEFT]
    assert other_eyes({RIGHT: one, LEFT: other}, {}) == {}
    assert other_eyes({RIGHT: one, LEFT: one}, {}) == {LEFT: RIGHT}
    assert other_eyes({RIGHT: other, LEFT: one}, {RIGHT: one, LEFT: other}) == {RIGHT: LEFT, LEFT: RIGHT}
    assert other_eyes({RIGHT: None, LEFT: one}, {RIGHT: None}) == {}


@pytest.mark.days
def test_an_eye_behind_its_lids_is_compared_with_nothing(people: list[dict]) -> None:
    one = people[0][RIGHT]
    hidden = IrisCode(one.bits, np.zeros_like(one.is_seen))
    assert distance(one, hidden) == 1.0
    assert not are_same(one, hidden)


def test_a_closed_eye_has_no_code() -> None:
    assert code_of(closed_with_lashes(1)) is None


FRONTAL = synthetic.Gaze()


def picture(gaze: synthetic.Gaze = FRONTAL, seed: int = 1) -> Pixels:
    rng = np.random.default_rng(seed)
    return synthetic.draw(synthetic.grow(rng), gaze, rng)


def metrics(image: Pixels) -> IrisMetrics:
    (eye,) = find_eyes(image)
    return measure(image, eye)


def visible_part(gaze: synthetic.Gaze, seed: int) -> float:
    eye = synthetic.grow(np.random.default_rng(seed))
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
    assert found.iris_radius_px == pytest.approx(synthetic.grow(np.random.default_rng(1)).radius, rel=0.03)
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


AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ENCODER = IrisEncoder(IrisJudge(decode_grey), iris_record)


@pytest.mark.parametrize("position", EYES)
def test_each_eye_of_a_frame_becomes_its_own_record(position: Position) -> None:
    face = both_eyes(SyntheticSubject(7))
    sample = ENCODER.encode(encode_png(face, 500), position, AT)
    assert sample.format is SampleFormat.ISO_19794_6
    assert sample.position is position
    assert sample.quality.value >= 60
    record = decode_iris_record(sample.data)
    assert (record.position, record.kind, record.captured_at) == (position, IrisImageKind.CROPPED, AT)
    assert record.quality is not None
    assert record.quality.score == sample.quality.value
    expected = crop(face, find_eyes(face)[EYES.index(position)].iris)
    assert (record.pixels() == expected).all()
    assert record.width > record.height > 200


def test_what_is_not_seen_is_refused() -> None:
    closed = both_eyes(SyntheticSubject(7, conditions={Position.EYE_LEFT: Condition.BANDAGED}))
    frame = encode_png(closed, 500)
    with pytest.raises(ValueError, match="EYE_LEFT is not seen"):
        ENCODER.encode(frame, Position.EYE_LEFT, AT)
    with pytest.raises(ValueError, match="no eye"):
        ENCODER.encode(frame, Position.PORTRAIT, AT)
    with pytest.raises(ValueError, match="not an image"):
        ENCODER.encode(b"", Position.EYE_LEFT, AT)
