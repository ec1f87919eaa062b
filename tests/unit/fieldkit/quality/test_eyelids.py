from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivers.simulators.subject import iris
from fieldkit.quality.circular_edge import Circle
from fieldkit.quality.eyelids import Lid, Lids, find_lids


def lids_at(openness: float, seed: int) -> tuple[Lids, float]:
    """Return the lids that are found, and where the upper one truly is above the centre, in radii."""
    rng = np.random.default_rng(seed)
    eye = iris.grow(rng)
    image = iris.draw(eye, replace(iris.Gaze(), openness=openness), rng).astype(np.float32)
    found = find_lids(image, Circle(320, 240, 0.4 * eye.radius), Circle(320, 240, eye.radius))
    return found, (12 - 118 * eye.lid_height * openness) / eye.radius


@pytest.mark.parametrize("openness", [0.35, 0.5, 0.6, 0.8])
@pytest.mark.parametrize("seed", range(5))
def test_the_upper_lid_is_found_and_not_the_fold_above(openness: float, seed: int) -> None:
    found, truth = lids_at(openness, seed)
    assert found.upper is not None
    assert found.upper.top == pytest.approx(truth, abs=0.1)


def test_an_even_picture_has_no_lids() -> None:
    image = np.full((480, 640), 120, np.float32)
    assert find_lids(image, Circle(320, 240, 40), Circle(320, 240, 110)) == Lids(None, None)


def test_what_lies_between_the_lids_is_open() -> None:
    lids = Lids(Lid(-0.5, 0.2, 0.0), Lid(0.7, -0.2, 0.0))
    x, y = np.zeros(4, np.float32), np.array([-0.6, -0.4, 0.6, 0.8], np.float32)
    assert lids.leave_open(x, y).tolist() == [False, True, True, False]
    assert Lids(None, None).leave_open(x, y).all()
