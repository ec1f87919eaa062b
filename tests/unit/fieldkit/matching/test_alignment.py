"""Sets of minutiae that were turned and shifted find each other."""

from __future__ import annotations

import numpy as np
import pytest

from fieldkit.matching.alignment import liken
from fieldkit.matching.minutiae import Minutiae
from fieldkit.matching.ridges import Ridges

_SKIN = Ridges(np.zeros((400, 400)), np.ones((400, 400), bool), np.zeros((400, 400), bool))


def _scattered(seed: int, count: int = 30) -> Minutiae:
    rng = np.random.default_rng(seed)
    return np.column_stack((rng.uniform(120, 280, (count, 2)), rng.uniform(-np.pi, np.pi, count)))


def _laid(points: Minutiae, degrees: float, shift: tuple[float, float]) -> Minutiae:
    turn = np.radians(degrees)
    rotation = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    return np.column_stack(((points[:, :2] - 200) @ rotation.T + 200 + shift, points[:, 2] + turn))


@pytest.mark.parametrize(("degrees", "shift"), [(0, (0, 0)), (25, (30, -20)), (-40, (-10, 35))])
def test_the_same_set_is_found_again(degrees: float, shift: tuple[float, float]) -> None:
    points = _scattered(1)
    found = liken(points, _SKIN, _laid(points, degrees, shift), _SKIN)
    assert found.paired == len(points)
    assert found.share == 1.0
    assert found.crowd == pytest.approx(30 / (400 * 25.4 / 500) ** 2)


def test_a_turn_that_nobody_makes_is_not_tried() -> None:
    points = _scattered(1)
    assert liken(points, _SKIN, _laid(points, 90, (0, 0)), _SKIN).paired < 15


def test_another_set_pairs_little() -> None:
    found = liken(_scattered(1), _SKIN, _scattered(2), _SKIN)
    assert found.paired * found.share < 4


def test_missing_and_extra_minutiae_lower_the_share() -> None:
    points = _scattered(3)
    found = liken(points[:20], _SKIN, np.vstack((points[5:], _scattered(4, 10))), _SKIN)
    assert 14 <= found.paired <= 20
    assert 0.4 < found.share < 0.9


def test_where_only_one_print_shows_skin_nothing_is_expected() -> None:
    points = _scattered(5)
    half = Ridges(_SKIN.angle, _SKIN.skin.copy(), _SKIN.lines)
    half.skin[:, 200:] = False
    found = liken(points, _SKIN, points[points[:, 0] < 200], half)
    assert found.share > 0.9
    assert found.expected < 25


def test_ridges_that_run_otherwise_are_told_by_the_flow() -> None:
    points = _scattered(6)
    across = Ridges(np.full((400, 400), np.pi / 2), _SKIN.skin, _SKIN.lines)
    assert liken(points, _SKIN, points, _SKIN).flow == pytest.approx(1)
    assert liken(points, _SKIN, points, across).flow == pytest.approx(-1)


def test_no_minutiae_are_like_nothing() -> None:
    nothing = np.zeros((0, 3))
    assert liken(nothing, _SKIN, _scattered(1), _SKIN).expected == 0
    assert liken(_scattered(1), _SKIN, nothing, _SKIN).share == 0
