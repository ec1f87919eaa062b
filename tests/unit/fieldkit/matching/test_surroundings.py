"""What lies around a minutia is told alike when the finger is turned, and otherwise of others."""

from __future__ import annotations

import numpy as np

from fieldkit.matching.ridges import Ground
from fieldkit.matching.surroundings import compare_surroundings
from tests.unit.fieldkit.matching.scattered import SKIN, laid, scattered, template


def test_of_a_turned_finger_each_minutia_is_most_like_itself() -> None:
    points = scattered(1)
    flow, others = compare_surroundings(template(points).surroundings, laid(points, 35).surroundings)
    assert (others.argmax(1) == np.arange(len(points))).all()
    assert (np.diag(flow) > 0.95).all()
    assert (np.diag(others) > 0.9).all()


def test_ridges_that_run_otherwise_are_unlike() -> None:
    points = scattered(1)
    across = Ground(np.full_like(SKIN.angle, np.pi / 2), SKIN.skin)
    flow, others = compare_surroundings(template(points).surroundings, template(points, across).surroundings)
    assert np.diag(flow).max() == 0
    assert np.diag(others).min() > 0.9


def test_what_both_hardly_show_tells_nothing() -> None:
    points = scattered(1)
    narrow = Ground(SKIN.angle, np.zeros_like(SKIN.skin))
    narrow.skin[:3, :3] = True
    flow, others = compare_surroundings(template(points).surroundings, template(points, narrow).surroundings)
    assert not flow.any()
    assert not others.any()


def test_no_minutiae_have_no_surroundings() -> None:
    empty, some = template(np.zeros((0, 3))).surroundings, template(scattered(1)).surroundings
    assert compare_surroundings(empty, some)[0].shape == (0, 30)
