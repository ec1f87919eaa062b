from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from support.portraits import DARK_SKIN, drawn, turned_aside

from drivers.simulators.subject import RED
from fieldkit.quality.face import PortraitJudge
from fieldkit.quality.face_features import Surroundings, crop_upright, lay_out, look_around
from fieldkit.quality.face_networks import FaceFinder

Pixels = NDArray[np.uint8]
VEILED, BARE = 2, 3


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def seen(finder: FaceFinder, picture: Pixels) -> Surroundings:
    found = finder.find(picture).landmarks
    assert found is not None
    fine = crop_upright(picture, found.eyes, 360)[192:326, 115:245]
    return look_around(lay_out(picture, found), np.asarray(cv2.cvtColor(fine, cv2.COLOR_RGB2GRAY), np.uint8))


@pytest.mark.parametrize("seed", [VEILED, BARE])
def test_the_wall_goes_up_to_the_outline_of_the_head(finder: FaceFinder, seed: int) -> None:
    """A veil that reaches the edge of the picture is no stain of the wall."""
    for picture in (drawn(seed)[0], turned_aside(*drawn(seed), 25)):
        around = seen(finder, picture)
        assert np.abs(around.wall.astype(int) - RED).max() < 8
        assert around.unevenness < 4
        assert around.crown is not None


def test_something_on_the_wall_is_uneven_beside_the_head_and_above_it(finder: FaceFinder) -> None:
    for rows, columns in (
        (slice(0, 420), slice(0, 130)),
        (slice(60, 420), slice(605, 720)),
        (slice(0, 110), slice(0, 720)),
    ):
        picture = drawn(BARE)[0].copy()
        picture[rows, columns] //= 3
        assert seen(finder, picture).unevenness > 24, (rows, columns)


def test_the_crown_is_told_before_an_even_wall_only(finder: FaceFinder) -> None:
    picture = drawn(BARE)[0]
    whole = seen(finder, picture).crown
    assert whole is not None
    assert whole > 0.5
    assert seen(finder, picture[180:]).crown == pytest.approx(0, abs=0.05)
    busy = picture.copy()
    busy[:300] = np.kron(np.random.default_rng(1).integers(0, 255, (10, 24, 3)), np.ones((30, 30, 1)))
    assert seen(finder, busy).crown is None


def test_the_white_of_the_eyes_is_as_bright_in_any_skin(finder: FaceFinder) -> None:
    light, dark = seen(finder, drawn(BARE)[0]), seen(finder, drawn(BARE, DARK_SKIN)[0])
    assert light.lightness > 1.5 * dark.lightness
    assert dark.eye_white == pytest.approx(light.eye_white, rel=0.1)


def test_light_from_one_side_blur_and_lost_light_are_measured(finder: FaceFinder) -> None:
    picture = drawn(BARE)[0]
    good = seen(finder, picture)
    half = seen(finder, (picture * np.where(np.arange(720) < 360, 0.65, 1)[:, None]).astype(np.uint8))
    assert good.side_light < 0.1 < 0.3 < half.side_light
    assert seen(finder, np.asarray(cv2.GaussianBlur(picture, (0, 0), 4), np.uint8)).sharpness < 0.5 * good.sharpness
    bright = seen(finder, np.clip(picture * 1.6 + 40, 0, 255).astype(np.uint8))
    assert good.lost < 0.01 < 0.1 < bright.lost
    flat = seen(finder, (picture * 0.2 + 120).astype(np.uint8))
    assert flat.contrast < 0.4 < good.contrast
    assert seen(finder, np.clip(picture * (1.1, 1, 0.6), 0, 255).astype(np.uint8)).yellowness > good.yellowness + 5


def test_the_judge_goes_by_these_measures() -> None:
    told = PortraitJudge(lambda _: drawn(BARE)[0]).review(drawn(BARE)[0]).measures
    assert {"unevenness", "side_light", "eye_white", "sharpness", "crown"} <= set(told)
