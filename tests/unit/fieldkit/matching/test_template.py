from __future__ import annotations

import numpy as np
import pytest

from drivers.simulators.subject.presented import Image
from fieldkit.matching.template import read_print
from tests.unit.fieldkit.matching.scattered import SKIN, scattered, template


def test_crowd_is_minutiae_by_area() -> None:
    assert template(scattered(1)).crowd == pytest.approx(30 / (400 * 25.4 / 500) ** 2)
    assert SKIN.area_mm2 == pytest.approx((400 * 25.4 / 500) ** 2)


def test_a_print_is_read(first: Image) -> None:
    found = read_print((first, 500))
    assert 15 <= len(found.minutiae) <= 80
    assert 0.1 < found.crowd < 0.5
    assert found.surroundings.seen.shape[0] == len(found.minutiae)


def test_a_blank_image_shows_nothing() -> None:
    found = read_print((np.full((300, 200), 200, np.uint8), 500))
    assert (len(found.minutiae), found.ground.area_mm2, found.crowd) == (0, 0, 0)
