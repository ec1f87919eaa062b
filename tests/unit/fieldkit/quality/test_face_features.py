from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from support import portraits
from support.portraits import DARK_SKIN, Eyes, Pixels, drawn, turned_aside

from fieldkit.quality.face_features import FRAME_WIDTH, FaceFeatures, measure
from fieldkit.quality.face_finder import Eyes as FoundEyes
from fieldkit.quality.portrait_crop import crop_upright

Faces = Callable[[], tuple[Pixels, Eyes]]
FACES: list[Faces] = [lambda: drawn(3), lambda: drawn(8), lambda: drawn(1, DARK_SKIN)]


def measured(picture: Pixels, eyes: Eyes) -> FaceFeatures:
    places = FoundEyes(*((float(x), float(y)) for x, y in eyes))
    return measure(crop_upright(picture, places, FRAME_WIDTH))


@pytest.mark.parametrize("face", FACES)
def test_open_eyes_shut_eyes_and_dark_glasses(face: Faces) -> None:
    picture, eyes = face()
    assert measured(picture, eyes).iris_contrast > 0.4
    assert measured(portraits.shut(picture, eyes), eyes).iris_contrast < 0.3
    glasses = measured(portraits.dark_glasses(picture, eyes), eyes)
    assert glasses.iris_contrast < 0.3
    assert glasses.eye_darkness < 0.5 * measured(picture, eyes).eye_darkness


@pytest.mark.parametrize("face", FACES)
def test_lips_show_unless_something_lies_over_them(face: Faces) -> None:
    picture, eyes = face()
    seen = measured(picture, eyes)
    assert seen.redness is not None
    assert seen.redness > 8
    assert seen.covered < 0.15
    hand = measured(portraits.hand_before_mouth(picture, eyes), eyes)
    mask = measured(portraits.masked(picture, eyes), eyes)
    assert hand.redness is not None
    assert mask.redness is not None
    assert max(hand.redness, mask.redness) < 4.5
    assert mask.covered > 0.8


@pytest.mark.parametrize("face", FACES)
def test_an_open_mouth_has_a_gap(face: Faces) -> None:
    picture, eyes = face()
    closed, opened = measured(picture, eyes), measured(portraits.open_mouthed(picture, eyes), eyes)
    assert closed.mouth_gap is not None
    assert opened.mouth_gap is not None
    assert closed.mouth_gap < 0.05 < 0.2 < opened.mouth_gap


@pytest.mark.parametrize("face", FACES)
def test_asymmetry_grows_with_the_turn_and_has_its_sign(face: Faces) -> None:
    picture, eyes = face()
    told = []
    for yaw in (-18, 0, 18):
        turned = turned_aside(picture, eyes, yaw)
        # The eyes go along: where they went to is where the picture of them went to.
        shift = np.array((1.1 * portraits.unit_of(eyes) * np.sin(np.radians(yaw)), 0.0))
        asymmetry = measured(turned, (eyes[0] + shift, eyes[1] + shift)).asymmetry
        assert asymmetry is not None
        told.append(asymmetry)
    assert abs(told[1]) < 0.1
    assert told[0] > told[1] + 0.08
    assert told[2] < told[1] - 0.08


def test_a_picture_without_colours_tells_nothing_of_the_mouth() -> None:
    picture, eyes = drawn(3)
    grey: NDArray[np.uint8] = np.repeat(picture.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
    seen = measured(grey, eyes)
    assert (seen.redness, seen.mouth_gap) == (None, None)


def test_the_white_of_the_eyes_is_as_bright_in_any_skin() -> None:
    light, dark = measured(*drawn(3)), measured(*drawn(3, DARK_SKIN))
    assert light.skin > 1.5 * dark.skin
    assert dark.eye_white == pytest.approx(light.eye_white, rel=0.1)


def test_the_crown_is_told_before_an_even_wall_only() -> None:
    picture, eyes = drawn(3)
    whole = measured(picture, eyes).crown
    assert whole is not None
    assert whole > 0.5
    cut = picture[180:]
    assert measured(cut, (eyes[0] - (0, 180), eyes[1] - (0, 180))).crown == pytest.approx(0, abs=0.05)
    busy = picture.copy()
    busy[:300:40] = 255 - busy[:300:40]
    busy[:300] = np.random.default_rng(1).integers(0, 255, (300, 720, 3))
    assert measured(busy, eyes).crown is None
