from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from support import portraits
from support.portraits import DARK_SKIN, Eyes, Pixels, drawn

from fieldkit.quality.face_features import FaceFeatures, cover_measures, lay_out, measure
from fieldkit.quality.face_networks import EyePoints, FaceFinder, Landmarks

Faces = Callable[[], tuple[Pixels, Eyes]]
FACES: list[Faces] = [lambda: drawn(3), lambda: drawn(8), lambda: drawn(1, DARK_SKIN)]


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def found_in(finder: FaceFinder, picture: Pixels) -> Landmarks:
    found = finder.find(picture).landmarks
    assert found is not None
    return found


def measured(finder: FaceFinder, picture: Pixels) -> FaceFeatures:
    found = found_in(finder, picture)
    return measure(found, lay_out(picture, found))


@pytest.mark.parametrize("face", FACES)
def test_lids_tell_open_eyes_from_shut_ones(finder: FaceFinder, face: Faces) -> None:
    opened, shut = measured(finder, face()[0]), measured(finder, portraits.shut(*face()))
    assert opened.lids_wider >= opened.lids_narrower > 0.2
    assert shut.lids_narrower <= shut.lids_wider < 0.12


@pytest.mark.parametrize("face", FACES)
def test_a_dark_glass_is_dark_below_the_eyes_too(finder: FaceFinder, face: Faces) -> None:
    assert measured(finder, face()[0]).glass > 0.7
    assert measured(finder, portraits.dark_glasses(*face())).glass < 0.4


@pytest.mark.days
@pytest.mark.parametrize("face", FACES)
def test_what_lies_over_the_mouth_is_told(finder: FaceFinder, face: Faces) -> None:
    bare, mask = measured(finder, face()[0]), measured(finder, portraits.masked(*face()))
    hand = measured(finder, portraits.hand_before_mouth(*face()))
    assert bare.cover < -3
    assert mask.cover > 5
    assert bare.lips > 3
    assert mask.beard < 0.2
    assert max(hand.lips, mask.lips) < 1.2


@pytest.mark.parametrize("face", FACES)
def test_an_open_mouth_has_a_gap(finder: FaceFinder, face: Faces) -> None:
    assert measured(finder, face()[0]).mouth_gap < 0.05
    assert measured(finder, portraits.open_mouthed(*face())).mouth_gap > 0.15


def test_irises_beside_the_middle_are_a_gaze_aside_and_opposite_ones_are_none(finder: FaceFinder) -> None:
    picture = drawn(3)[0]
    found = found_in(finder, picture)
    width = float(np.linalg.norm(found.right.lids[8] - found.right.lids[0]))

    def moved(eye: EyePoints, share: float) -> EyePoints:
        return EyePoints(eye.lids, eye.iris + np.array((share * width, 0)))

    def gaze(right: float, left: float) -> float:
        looking = replace(found, right=moved(found.right, right), left=moved(found.left, left))
        return measure(looking, lay_out(picture, looking)).gaze

    assert gaze(0, 0) < 0.03
    assert gaze(0.2, 0.2) == pytest.approx(0.2, abs=0.03)
    assert gaze(-0.2, -0.2) == pytest.approx(0.2, abs=0.03)
    assert gaze(0.2, -0.2) < 0.05


def test_red_pupils_are_told(finder: FaceFinder) -> None:
    picture, eyes = drawn(3)
    red = picture.copy()
    x, y = (int(n) for n in eyes[0])
    red[y - 8 : y + 9, x - 8 : x + 9] = (220, 40, 30)
    assert measured(finder, picture).pupil_redness < 10
    assert measured(finder, red).pupil_redness > 30


def test_measures_of_cover_depend_on_the_sureness_and_little_on_the_light(finder: FaceFinder) -> None:
    picture = drawn(3)[0]
    found = found_in(finder, picture)
    told = cover_measures(lay_out(picture, found), 0.25)
    assert told[-1] == 0.25
    dim = cover_measures(lay_out((picture * 0.7).astype(np.uint8), found), 0.25)
    assert np.abs(told - dim).max() < 0.35
