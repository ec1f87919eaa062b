"""Where skin is, how it runs, what is ridge."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from drivers.simulators.subject.presented import Image
from fieldkit.matching.ridges import find_ridges


def _waves(degrees: float, shape: tuple[int, int] = (200, 200)) -> Image:
    """Return straight ridges 9 px apart that run at this angle, y downwards."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    across = -np.sin(np.radians(degrees)) * x + np.cos(np.radians(degrees)) * y
    return np.asarray(128 + 90 * np.cos(2 * np.pi * across / 9), np.uint8)


@pytest.mark.parametrize("degrees", [0, 30, 90, 150])
def test_the_angle_is_that_of_the_ridges(degrees: float) -> None:
    ridges = find_ridges(_waves(degrees), 500)
    apart = (ridges.angle(np.s_[40:160, 40:160]) - np.radians(degrees) + np.pi / 2) % np.pi - np.pi / 2
    assert np.abs(apart).max() < np.radians(3)
    assert ridges.skin[40:160, 40:160].all()


def test_any_size_is_filtered_to_its_edges() -> None:
    wide = find_ridges(_waves(30, (301, 437)), 500)
    part = find_ridges(_waves(30, (240, 271)), 500)
    agree = wide.lines[40:200, 40:230] == part.lines[40:200, 40:230]
    assert agree.mean() > 0.99
    dark = _waves(30, (301, 437)) < 128
    assert (wide.lines == dark)[5:-5, 5:-5][wide.skin[5:-5, 5:-5]].mean() > 0.9


def test_dark_is_ridge() -> None:
    image = _waves(0)
    lines = find_ridges(image, 500).lines[40:160, 40:160]
    dark = image[40:160, 40:160] < 128
    assert (lines == dark).mean() > 0.9


def test_an_empty_glass_has_no_skin() -> None:
    assert not find_ridges(np.full((300, 200), 246, np.uint8), 500).skin.any()


def test_another_resolution_is_brought_to_500_ppi(first: Image) -> None:
    large = cv2.resize(first, (600, 800)).astype(np.uint8)
    assert find_ridges(large, 1000).lines.shape == first.shape


def test_the_coarse_picture_tells_skin_and_angle_of_any_place() -> None:
    ground = find_ridges(_waves(30), 500).ground()
    skin, angle = ground.at(np.array([100.0, 103.9, -9.0, 4_000.0]), np.array([100.0, 97.0, 50.0, 50.0]))
    assert skin.tolist() == [True, True, False, False]
    assert np.degrees(angle[:2]) == pytest.approx(30, abs=3)
    assert len(ground.cells()) == ground.skin.sum()


@pytest.mark.parametrize(
    ("image", "ppi"),
    [
        (np.zeros((200, 200, 3), np.uint8), 500),
        (np.zeros((10, 200), np.uint8), 500),
        (np.zeros((0, 0), np.uint8), 500),
        (np.zeros((200, 200), np.uint8), 0),
    ],
)
def test_what_is_no_print_is_refused(image: Image, ppi: int) -> None:
    with pytest.raises(ValueError, match="no grey image"):
        find_ridges(image, ppi)
