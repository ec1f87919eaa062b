from __future__ import annotations

import cv2
import numpy as np
import pytest

from fieldkit.quality.circular_edge import Circle, Search, levels_at, strongest_edge

AROUND = (-60.0, 60.0)


def disc(x: float, y: float, radius: float, inside: int = 40, outside: int = 140) -> np.ndarray:
    rows, columns = np.mgrid[0:240, 0:320]
    cover = np.clip(radius - np.hypot(columns - x, rows - y) + 0.5, 0, 1)
    return cv2.GaussianBlur((outside + cover * (inside - outside)).astype(np.float32), (0, 0), 1.5)


@pytest.mark.parametrize("truth", [Circle(160.4, 118.7, 40), Circle(150, 130, 63.3), Circle(171, 111, 25.5)])
def test_a_disc_is_found_from_a_rough_guess(truth):
    guess = Circle(160, 120, 40)
    found = strongest_edge(disc(truth.x, truth.y, truth.radius), Search(guess, (20, 80), 0.7, AROUND))
    assert found.circle.distance_to(truth) < 1.5
    assert abs(found.circle.radius - truth.radius) < 1.0
    assert 25 < found.weaker_side <= found.strength < 100  # the blurred edge is wider than where it is measured


def test_the_centre_stays_within_reach():
    found = strongest_edge(disc(200, 120, 40), Search(Circle(160, 120, 40), (35, 45), 0.2, AROUND))
    assert found.circle.distance_to(Circle(160, 120, 40)) <= 0.2 * found.circle.radius + 1e-6


def test_a_side_without_an_edge_is_told():
    half = disc(160, 120, 40)
    half[:, :160] = 40
    found = strongest_edge(half, Search(Circle(160, 120, 40), (30, 50), 0.2, AROUND))
    assert found.weaker_side < 5


def test_dark_around_bright_is_no_edge():
    found = strongest_edge(disc(160, 120, 40, 140, 40), Search(Circle(160, 120, 40), (30, 50), 0.2, AROUND))
    assert found.strength < 1


def test_levels_follow_the_broadcast_shape():
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    x, y = np.array([[0.0, 1.5]]), np.array([[0.0], [2.0]])
    assert levels_at(image, x, y).tolist() == [[0.0, 1.5], [8.0, 9.5]]
    assert levels_at(image, np.array([-9.0]), np.array([99.0])).tolist() == [8.0]
