"""What must hold of the estimate on any print: worse is not better, and what is no finger is named."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from fieldkit.quality.finger_estimate import ALGORITHM, no_finger, one_width, review

SLACK = 6  # a step may gain so much: light noise and light blur hide as much as they spoil
Y, X = np.mgrid[0:400, 0:300].astype(float)


def grey(image: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def score(image: np.ndarray) -> int:
    return review(grey(image)).score.value


@pytest.fixture(scope="module", params=[5, 8, 11])
def clean(request: pytest.FixtureRequest) -> np.ndarray:
    return SyntheticSubject(request.param).finger(FINGERS[1], 0, Condition.GOOD)


def blurred(image: np.ndarray, by: float) -> np.ndarray:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), by))


def noisy(image: np.ndarray, by: float) -> np.ndarray:
    return grey(image + by * np.random.default_rng(1).standard_normal(image.shape))


def faint(image: np.ndarray, left: float) -> np.ndarray:
    return grey(240 + (image.astype(float) - 240) * left)


def partial(image: np.ndarray, left: float) -> np.ndarray:
    height, width = image.shape
    rows, columns = round(height * left / 2), round(width * left / 2)
    middle = slice(height // 2 - rows, height // 2 + rows), slice(width // 2 - columns, width // 2 + columns)
    rest = np.full_like(image, 255)
    rest[middle] = image[middle]
    return rest


STEPS = {
    "blur": (blurred, (2, 3, 4, 6)),
    "noise": (noisy, (15, 30, 60, 90)),
    "contrast": (faint, (0.5, 0.25, 0.1, 0.05)),
    "area": (partial, (0.8, 0.6, 0.45, 0.3)),
}


@pytest.mark.parametrize("kind", STEPS)
def test_worse_is_never_better(clean: np.ndarray, kind: str) -> None:
    spoil, by = STEPS[kind]
    scores = [score(clean), *(score(spoil(clean, step)) for step in by)]
    assert all(after <= before + SLACK for before, after in itertools.pairwise(scores)), scores
    assert scores[-1] < scores[0] - 20, scores


def test_good_before_worn_before_bandaged() -> None:
    for seed in (5, 8):
        person = SyntheticSubject(seed)
        good, worn, bandaged = (
            score(person.finger(FINGERS[1], 0, state)) for state in (Condition.GOOD, Condition.WORN, Condition.BANDAGED)
        )
        assert good > 60 > worn > 20 > bandaged == 0


NO_FINGERS = {
    "stripes": (128 + 80 * np.sin(2 * np.pi * X / 9), "finger.too_regular"),
    "noisy stripes": (noisy(grey(128 + 80 * np.sin(2 * np.pi * X / 9)), 20), "finger.too_regular"),
    "slanted stripes": (128 + 80 * np.sin(2 * np.pi * (X + Y) / 12.7), "finger.too_regular"),
    "bars": (255 * (X // 5 % 2), "finger.too_regular"),
    "rings": (128 + 80 * np.sin(2 * np.pi * np.hypot(X - 150, Y - 200) / 9), "finger.too_regular"),
    "rings off the middle": (128 + 80 * np.sin(2 * np.pi * np.hypot(X - 100, Y - 90) / 7), "finger.too_regular"),
    "widening stripes": (128 + 80 * np.sin(2 * np.pi * X / (6 + 6 * Y / 400)), "finger.too_regular"),
    "oval rings": (128 + 80 * np.sin(2 * np.pi * np.hypot(X - 150, 0.7 * (Y - 200)) / 9), "finger.too_regular"),
    "wood": (noisy(grey(128 + 60 * np.sin(2 * np.pi * (X + 30 * np.sin(Y / 150)) / 11)), 25), "finger.too_regular"),
    "herringbone": (
        noisy(grey(128 + 70 * np.sin(2 * np.pi * (X + np.where(X // 60 % 2 == 0, Y, -Y)) / 11)), 25),
        "finger.too_regular",
    ),
    "coarse checks": (
        128 + 60 * np.sign(np.sin(2 * np.pi * X / 14)) * np.sign(np.sin(2 * np.pi * Y / 10)),
        "finger.too_regular",
    ),
    "rings under noise": (
        noisy(grey(128 + 70 * np.sin(2 * np.pi * np.hypot(X - 100, Y - 300) / 7.3)), 40),
        "finger.too_regular",
    ),
    "weave": (128 + 40 * np.sin(2 * np.pi * X / 9) + 40 * np.sin(2 * np.pi * Y / 9), "finger.no_direction"),
    "noise": (np.random.default_rng(3).integers(0, 256, X.shape), "finger.no_direction"),
    "chessboard": (255 * ((X // 8 + Y // 8) % 2), "finger.no_ridges"),
    "blank": (np.full(X.shape, 255), "finger.nothing"),
    "black": (np.zeros(X.shape), "finger.nothing"),
}


@pytest.mark.parametrize("what", NO_FINGERS)
def test_what_is_no_finger_has_no_score_and_a_reason(what: str) -> None:
    image, reason = NO_FINGERS[what]
    found = review(grey(image))
    assert (found.score.value, found.advice) == (0, (reason,))


def test_a_face_and_an_eye_are_no_fingers() -> None:
    person = SyntheticSubject(5)
    portrait = cv2.resize(person.portrait()[:, :, 1], (300, 400))
    for image in (portrait, person.iris(EYES[0])):
        assert review(np.asarray(image, np.uint8)).advice == ("finger.no_ridges",)


def test_a_corner_is_too_small() -> None:
    found = review(SyntheticSubject(5).finger(FINGERS[1])[150:250, 100:200])
    assert (found.score.value, found.advice) == (0, ("finger.small",))


@pytest.mark.parametrize(("shape", "ppi"), [((2_500, 2_500), 500), ((400, 300), 20), ((400, 300), 1)])
def test_what_is_larger_than_a_hand_is_refused_before_it_takes_memory(shape: tuple[int, int], ppi: int) -> None:
    found = review(np.resize(grey(np.arange(256.0)), shape), ppi)
    assert (found.score.value, found.advice, found.measures) == (0, ("finger.too_large",), {})


def test_the_reason_of_a_poor_print_is_named() -> None:
    clean = SyntheticSubject(5).finger(FINGERS[1], 0, Condition.GOOD)
    assert "finger.light" in review(faint(clean, 0.1)).advice
    assert "finger.dry" in review(SyntheticSubject(5).finger(FINGERS[1], 0, Condition.DRY)).advice
    assert "finger.blurred" in review(blurred(clean, 3)).advice
    assert "finger.small" in review(partial(clean, 0.45)).advice
    assert "finger.wet" in review(grey(blurred(clean, 3).astype(float) * 0.4)).advice
    assert review(clean).advice == ()


# Of NIST's 137 published rows those that lie nearest to a limit: FDA mean and deviation, OCL, OF, coherence.
EXTREMES = (
    (0.36192, 0.13958, 0.76321, 0.29938, 0.60815),
    (0.67952, 0.34409, 0.59372, 0.44670, 0.44204),
    (0.39019, 0.11693, 0.86273, 0.40975, 0.72341),
    (0.46036, 0.29868, 0.41307, 0.42234, 0.29581),
    (0.42752, 0.22324, 0.62375, 0.11837, 0.46792),
    (0.50332, 0.30532, 0.42794, 0.37619, 0.28176),
)


@pytest.mark.parametrize("row", EXTREMES)
def test_real_measures_are_never_refused(row: tuple[float, ...]) -> None:
    bins = ("FDA_Bin10_Mean", "FDA_Bin10_StdDev", "OCL_Bin10_Mean", "OF_Bin10_Mean")
    names = (*bins, "OrientationMap_ROIFilter_CoherenceRel")
    assert no_finger(dict(zip(names, row, strict=True))) is None


@pytest.mark.days
def test_ridges_of_a_finger_differ_in_width(clean: np.ndarray) -> None:
    others = [SyntheticSubject(31).finger(position, 0, Condition.GOOD) for position in FINGERS[:7]]
    assert max(one_width(each) for each in (clean, partial(clean, 0.45), *others)) < 0.5
    assert one_width(grey(128 + 80 * np.sin(2 * np.pi * X / 9))) > 0.9
    assert one_width(np.zeros((300, 300), np.uint8)) == 0


@pytest.mark.parametrize(
    ("seed", "position", "condition", "said"),
    [
        (5, Position.RIGHT_INDEX, Condition.GOOD, 69),
        (8, Position.RIGHT_MIDDLE, Condition.GOOD, 62),
        (24, Position.RIGHT_MIDDLE, Condition.GOOD, 77),
        (8, Position.RIGHT_MIDDLE, Condition.WORN, 27),
        (11, Position.RIGHT_THUMB, Condition.WORN, 39),
        (11, Position.LEFT_INDEX, Condition.DRY, 22),
    ],
)
def test_a_print_has_the_score_that_it_had(seed: int, position: Position, condition: Condition, said: int) -> None:
    """Of prints of our own; one pixel in fifty by one level changes it by 1 at most."""
    found = review(SyntheticSubject(seed).finger(position, 0, condition))
    assert found.score.value == pytest.approx(said, abs=2)
    assert found.score.algorithm == ALGORITHM


def test_half_the_resolution_is_the_same_finger(clean: np.ndarray) -> None:
    coarse = np.ascontiguousarray(cv2.resize(clean, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    assert review(np.asarray(coarse, np.uint8), 250).score.value == pytest.approx(score(clean), abs=20)
