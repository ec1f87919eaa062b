from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from drivers.simulators.subject import face
from drivers.simulators.subject.presented import BLUE, ORANGE, RED

CASCADES = Path(cv2.data.haarcascades)


@pytest.mark.parametrize(("seed", "background"), [(0, RED), (2, ORANGE), (3, RED), (4, BLUE), (6, RED), (9, BLUE)])
def test_a_detector_finds_one_face_and_two_eyes(seed: int, background: tuple[int, int, int]) -> None:
    faces = cv2.CascadeClassifier(str(CASCADES / "haarcascade_frontalface_default.xml"))
    eyes = cv2.CascadeClassifier(str(CASCADES / "haarcascade_eye.xml"))
    grey = cv2.cvtColor(face.draw(face.grow(np.random.default_rng(seed)), background), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (360, 480), interpolation=cv2.INTER_AREA)
    ((x, y, width, height),) = faces.detectMultiScale(small, 1.1, 5, minSize=(80, 80))
    found = eyes.detectMultiScale(small[y : y + int(0.6 * height), x : x + width], 1.1, 5)
    assert len(found) == 2
    apart = 2 * abs((found[0][0] + found[0][2] / 2) - (found[1][0] + found[1][2] / 2))
    assert apart >= 90


def test_the_background_is_uniform_and_exact() -> None:
    picture = face.draw(face.grow(np.random.default_rng(5)), BLUE)
    assert picture.shape == (960, 720, 3)
    corner = picture[:120, :120].reshape(-1, 3)
    assert (np.abs(corner.astype(int) - BLUE) <= 1).all()
