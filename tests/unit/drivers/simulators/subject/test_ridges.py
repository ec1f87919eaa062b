from __future__ import annotations

import cv2
import numpy as np
import pytest
from support.tries import some_of

from drivers.simulators.subject import ridges
from fieldkit.quality.finger_estimate import review


def ridge_period(image: np.ndarray) -> float:
    """Radius of the strongest ring of the spectrum, in pixels per ridge."""
    middle = image[120:280, 70:230].astype(float)
    window = np.outer(np.hanning(160), np.hanning(160))
    spectrum = np.abs(np.fft.fftshift(np.fft.fft2((middle - middle.mean()) * window)))
    y, x = np.mgrid[-80:80, -80:80]
    radius = np.hypot(x, y)
    rings = [spectrum[(radius >= r - 0.5) & (radius < r + 0.5)].mean() for r in range(6, 60)]
    return 160 / (6 + int(np.argmax(rings)))


@pytest.mark.parametrize("seed", range(6))
def test_ridges_are_as_wide_as_on_a_hand(seed: int) -> None:
    image = ridges.impress(ridges.grow(np.random.default_rng(seed)), 0, ridges.CLEAN, np.random.default_rng(seed))
    assert image.shape == (ridges.HEIGHT, ridges.WIDTH)
    assert 7.5 < ridge_period(image) < 11.0


def test_ridges_are_dark_on_white() -> None:
    image = ridges.impress(ridges.grow(np.random.default_rng(1)), 0, ridges.CLEAN, np.random.default_rng(1))
    assert image[:6, :6].mean() > 230
    assert np.percentile(image[150:250, 100:200], 10) < 90


def test_the_flow_turns_round_a_whorl() -> None:
    """A whorl has ridges of every direction, an arch hardly any that stand upright."""
    upright = {}
    for pattern in ("arch", "whorl"):
        angle = ridges._orientation(pattern, (400, 300), np.random.default_rng(3))
        upright[pattern] = float((np.abs(np.sin(angle[100:300, 75:225])) > 0.9).mean())
    assert upright["arch"] < 0.02
    assert upright["whorl"] > 0.15


def test_wear_flattens_and_breaks() -> None:
    image = ridges.impress(ridges.grow(np.random.default_rng(2)), 0, ridges.CLEAN, np.random.default_rng(2))
    worn = ridges.wear_down(image, 0.7, np.random.default_rng(2))
    assert worn[120:280, 70:230].std() < 0.7 * image[120:280, 70:230].std()
    assert np.array_equal(ridges.wear_down(image, 0.0, np.random.default_rng(2)), image)


SPOILED = {
    "dry": (ridges.Touch(dry=1.0), "finger.dry"),
    "wet": (ridges.Touch(wet=1.2), "finger.wet"),
    "light": (ridges.Touch(light=1.0), "finger.light"),
    "partial": (ridges.Touch(partial=1.0), "finger.small"),
}


@pytest.mark.days
@pytest.mark.parametrize("how", some_of(SPOILED, 1))
def test_a_spoiled_touch_is_poor_for_its_own_reason(how: str) -> None:
    touch, reason = SPOILED[how]
    for seed in range(4):
        skin = ridges.grow(np.random.default_rng(seed))
        clean = review(ridges.impress(skin, 0, ridges.CLEAN, np.random.default_rng(seed)))
        spoiled = review(ridges.impress(skin, 0, touch, np.random.default_rng(seed)))
        assert spoiled.score.value < 45 < 60 < clean.score.value
        assert spoiled.advice[0] == reason


def test_a_finger_that_moves_leaves_the_mean_of_its_places() -> None:
    skin = ridges.grow(np.random.default_rng(1))
    still = ridges.impress(skin, 0, ridges.CLEAN, np.random.default_rng(1))
    moved = ridges.impress(skin, 0, ridges.Touch(moved=1.0), np.random.default_rng(1))
    middle = np.s_[120:280, 70:230]
    assert abs(float(moved[middle].mean()) - float(still[middle].mean())) < 4, "as dark as before"
    assert moved[middle].std() < 0.6 * still[middle].std(), "and flatter"
    assert "finger.blurred" in review(moved).advice


@pytest.mark.days
def test_two_impressions_are_one_finger() -> None:
    """After the best turn and shift they agree far better than two fingers do."""
    skin, other = (ridges.grow(np.random.default_rng(seed)) for seed in (4, 5))
    first = ridges.impress(skin, 0, ridges.CLEAN, np.random.default_rng(0))
    assert agreement(first, ridges.impress(skin, 1, ridges.CLEAN, np.random.default_rng(1))) > 0.45
    assert agreement(first, ridges.impress(other, 1, ridges.CLEAN, np.random.default_rng(1))) < 0.4


def agreement(first: np.ndarray, second: np.ndarray) -> float:
    patch = first[160:240, 110:190]
    best = 0.0
    for degrees in range(-12, 13):
        turned = cv2.warpAffine(second, cv2.getRotationMatrix2D((150, 200), degrees, 1), (300, 400), borderValue=246)
        best = max(best, float(cv2.matchTemplate(turned[120:280, 70:230], patch, cv2.TM_CCOEFF_NORMED).max()))
    return best
