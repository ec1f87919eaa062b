from __future__ import annotations

import numpy as np
import pytest

from fieldkit.quality.finger_estimate import minutiae_measures

Y, X = np.mgrid[0:400, 0:400].astype(float)


def test_each_stands_on_its_own_ground() -> None:
    """The left half has straight ridges and is darker than the mean, the right half is noise and lighter."""
    noise = np.random.default_rng(1).integers(150, 230, X.shape)
    print_ = np.where(X < 200, 155 + 60 * np.sin(2 * np.pi * X / 8), noise).astype(np.uint8)
    places = np.array([[60, 200, 0.1], [80, 210, 0.2], [120, 190, 0.3], [330, 200, 0.4]])
    found = minutiae_measures(print_, places)
    assert found["Minutiae_Count"] == 4
    assert found["Minutiae_CountCOM"] == 3  # around x = 147, y = 200
    assert found["Minutiae_OCL_80"] == pytest.approx(0.75)
    assert found["Minutiae_Mu_2"] == pytest.approx(0.75)


def test_at_the_corner_the_square_moves_inwards() -> None:
    stripes = (128 + 60 * np.sin(2 * np.pi * X / 9)).astype(np.uint8)
    found = minutiae_measures(stripes, np.array([[0.0, 0.0], [399.0, 399.0]]))
    assert (found["Minutiae_Count"], found["Minutiae_OCL_80"]) == (2, 1)


def test_none_is_none() -> None:
    assert set(minutiae_measures(np.zeros((400, 400), np.uint8), np.zeros((0, 3))).values()) == {0.0}
    assert minutiae_measures(np.zeros((20, 20), np.uint8), np.ones((1, 3)))["Minutiae_Count"] == 0
