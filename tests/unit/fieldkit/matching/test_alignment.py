"""Sets of minutiae that were turned, shifted and stretched find each other."""

from __future__ import annotations

import numpy as np
import pytest

from fieldkit.matching.alignment import Likeness, liken
from fieldkit.matching.ridges import Ground
from tests.unit.fieldkit.matching.scattered import SKIN, laid, scattered, template


@pytest.mark.parametrize(("degrees", "shift"), [(0, (0, 0)), (25, (30, -20)), (-40, (-10, 35))])
def test_the_same_set_is_found_again(degrees: float, shift: tuple[float, float]) -> None:
    points = scattered(1)
    found = liken(template(points), laid(points, degrees, shift))
    assert found.paired == len(points)
    assert found.share == 1.0
    assert found.flow == pytest.approx(1, abs=0.01)


def test_stretched_skin_is_the_same_set() -> None:
    points = scattered(1)
    torn = points.copy()
    torn[:, 0] += 18 * np.sin((points[:, 1] - 100) / 130)  # far more than two minutiae may lie apart
    torn[:, 1] += 12 * np.cos((points[:, 0] - 100) / 150)
    assert liken(template(points), template(torn)).paired >= len(points) - 3


def test_a_turn_that_nobody_makes_is_not_tried() -> None:
    points = scattered(1)
    assert liken(template(points), laid(points, 90)).paired < 12


def test_another_set_pairs_little() -> None:
    assert max(liken(template(scattered(1)), template(scattered(seed))).score for seed in range(2, 8)) < 1.5


def test_missing_and_extra_minutiae_lower_the_share() -> None:
    points = scattered(3)
    found = liken(template(points[:20]), template(np.vstack((points[5:], scattered(4, 10)))))
    assert 14 <= found.paired <= 21
    assert 0.4 < found.share < 0.9


def test_where_only_one_print_shows_skin_nothing_is_expected() -> None:
    points = scattered(5)
    half = Ground(SKIN.angle, SKIN.skin.copy())
    half.skin[:, 25:] = False
    found = liken(template(points), template(points[points[:, 0] < 196], half))
    assert found.share > 0.9
    assert found.expected < 25
    assert found.area_mm2 == pytest.approx(SKIN.area_mm2 / 2, rel=0.03)


def test_ridges_that_run_otherwise_are_like_nothing() -> None:
    points = scattered(6)
    across = Ground(np.full_like(SKIN.angle, np.pi / 2), SKIN.skin)
    assert liken(template(points), template(points)).score > 20
    assert liken(template(points), template(points, across)).score == 0


def test_one_place_to_begin_from_finds_nearly_as_much() -> None:
    points = scattered(7)
    assert liken(template(points), laid(points, 10), tries=1).paired == len(points)


def test_prints_that_are_little_alike_at_first_sight_are_not_laid_on_each_other() -> None:
    points, other = scattered(7), template(scattered(8))
    assert liken(template(points), laid(points, 10), 1, 0.65) == liken(template(points), laid(points, 10), 1)
    assert liken(template(points), other, 1).paired > 0
    assert liken(template(points), other, 1, 0.65) == Likeness()


def test_no_minutiae_are_like_nothing() -> None:
    nothing = template(np.zeros((0, 3)))
    assert liken(nothing, template(scattered(1))) == Likeness()
    assert liken(template(scattered(1)), nothing).share == 0
