from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject import face
from drivers.simulators.subject.presented import BLUE, ORANGE, RED
from fieldkit.quality.face_features import lay_out, measure
from fieldkit.quality.face_finder import FaceFinder


@pytest.mark.parametrize(("seed", "background"), [(0, RED), (2, ORANGE), (3, RED), (4, BLUE), (6, RED), (9, BLUE)])
def test_a_detector_finds_one_face_with_open_eyes(seed: int, background: tuple[int, int, int]) -> None:
    grown = face.grow(np.random.default_rng(seed))
    found = FaceFinder().find(face.draw(grown, background))
    assert found.bystander == 0
    assert found.landmarks is not None
    assert found.landmarks.eyes.distance == pytest.approx(2 * grown.eye_apart, abs=14)
    assert found.landmarks.eyes.middle == pytest.approx((360, 410), abs=10)
    assert measure(found.landmarks, lay_out(face.draw(grown, background), found.landmarks)).lids_narrower > 0.2


def test_the_background_is_uniform_and_exact() -> None:
    picture = face.draw(face.grow(np.random.default_rng(5)), BLUE)
    assert picture.shape == (960, 720, 3)
    corner = picture[:120, :120].reshape(-1, 3)
    assert (np.abs(corner.astype(int) - BLUE) <= 1).all()
