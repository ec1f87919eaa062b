from __future__ import annotations

import numpy as np
import pytest

from fieldkit.quality.finger_blocks import coherence, cut_blocks, gradient_products, orientation_certainty, uniformity

Y, X = np.mgrid[0:168, 0:168].astype(float)


def stripes(turn_deg: float, period: float = 9.0) -> np.ndarray:
    turn = np.deg2rad(turn_deg)
    wave = np.sin(2 * np.pi * (X * np.cos(turn) + Y * np.sin(turn)) / period)
    return np.rint(128 + 90 * wave).astype(np.uint8)


@pytest.mark.parametrize("turn_deg", [0, 90, 180])
def test_squares_are_turned_upright(turn_deg: float) -> None:
    blocks = cut_blocks(stripes(turn_deg))
    assert blocks.skin.all()
    assert blocks.angle.shape == (5, 5)
    assert blocks.upright.std(1).max() < 4  # columns of one grey
    assert blocks.along.std(2).max() < 4


def test_a_slanted_angle_is_the_measure_of_the_published_program() -> None:
    """At 45° the product of the gradients counts once: 0.5·atan2(xy, 0) is still 45°; at 22.5° it is 13.3°."""
    assert np.rad2deg(cut_blocks(stripes(45)).angle).mean() == pytest.approx(45, abs=1)
    assert np.rad2deg(cut_blocks(stripes(22.5)).angle).mean() == pytest.approx(13.3, abs=1)


def test_a_square_sees_nothing_of_its_neighbours() -> None:
    pixels = np.zeros((64, 64), np.uint8)
    pixels[:, 32:] = 200
    assert not np.any(gradient_products(pixels)[0])


def test_what_stands_on_the_edge_is_a_square_of_its_own_for_the_region_only() -> None:
    pixels = stripes(0)[:75, :70]
    products = gradient_products(pixels)
    assert products[0].shape == (3, 3)
    assert len(orientation_certainty(products, pixels.shape)) == 4
    assert coherence(products) == pytest.approx(1)


def test_flat_squares_are_no_skin_and_have_no_certainty() -> None:
    pixels = stripes(0)
    pixels[:, 96:] = 200
    blocks = cut_blocks(pixels)
    assert blocks.skin[:, 0].all()
    assert not blocks.skin[:, 3:].any()
    assert len(uniformity(cut_blocks(np.full((100, 100), 9, np.uint8)))) == 0
    assert len(orientation_certainty(gradient_products(np.full((64, 64), 9, np.uint8)), (64, 64))) == 0


def test_too_small_for_one_square() -> None:
    with pytest.raises(ValueError, match="no square"):
        cut_blocks(np.zeros((33, 200), np.uint8))
