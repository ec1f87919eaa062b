from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fieldkit.quality.face_features import crop_middle, crop_upright, passport_frame
from fieldkit.quality.face_networks import Eyes, FaceFinder

Pixels = NDArray[np.uint8]


def test_passport_frame_has_the_token_geometry() -> None:
    window = passport_frame(Eyes((300, 400), (400, 400)))
    assert (window.width, window.height) == (400, pytest.approx(533.3, abs=0.1))
    assert (window.left, window.top) == (150, 160)


@pytest.mark.parametrize("degrees", [-7, 0, 7])
def test_crop_is_upright_with_the_eyes_in_place(portrait: Pixels, degrees: float) -> None:
    turn = cv2.getRotationMatrix2D((360, 440), degrees, 1)
    frame = cv2.warpAffine(portrait, turn, (720, 960), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)
    found = FaceFinder().find(frame).landmarks
    assert found is not None
    crop = crop_upright(frame, found.eyes, 360)
    assert crop.shape == (480, 360, 3)
    seen = FaceFinder().find(crop).landmarks
    assert seen is not None
    again = seen.eyes
    assert abs(again.roll_deg) < 3
    assert again.distance == pytest.approx(90, abs=6)
    assert again.middle == pytest.approx((180, 216), abs=8)


@pytest.mark.parametrize("shape", [(960, 720), (720, 1280), (100, 10), (3, 1)])
def test_middle_is_three_by_four(shape: tuple[int, int]) -> None:
    height, width = crop_middle(np.zeros((*shape, 3), np.uint8)).shape[:2]
    assert height <= shape[0]
    assert width <= shape[1]
    assert height == pytest.approx(width * 4 / 3, abs=1.4)


def test_roll_is_clockwise_in_the_picture() -> None:
    assert Eyes((100, 100), (200, 100)).roll_deg == 0
    assert Eyes((100, 100), (200, 120)).roll_deg == pytest.approx(11.3, abs=0.1)
