from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from drivers.simulators.subject import face
from drivers.simulators.subject.presented import BLUE, ORANGE, RED
from fieldkit.quality.face_features import lay_out, measure
from fieldkit.quality.face_networks import FaceFinder


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


def test_a_signature_stays_on_the_pad_and_its_time_runs_forwards() -> None:
    for seed in range(20):
        signature = face.sign(np.random.default_rng(seed))
        points = [point for stroke in signature.strokes for point in stroke]
        assert len(signature.strokes) >= 2
        assert all(0 < p.x_um < signature.width_um and 0 < p.y_um < signature.height_um for p in points)
        assert all(before.t_ms < after.t_ms for before, after in pairwise(points))
        assert all(0 < p.pressure <= 1 for p in points)


def test_two_hands_write_differently() -> None:
    first, again, other = (face.sign(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
