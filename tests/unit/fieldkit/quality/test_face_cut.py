from __future__ import annotations

import numpy as np
import pytest

from fieldkit.quality.face_cut import cut, placed
from fieldkit.quality.face_networks import Square


@pytest.mark.parametrize("roll", [0, 20])
@pytest.mark.parametrize("side", [50, 100, 700, 2_000])
def test_each_pixel_comes_from_where_the_map_says(side: int, roll: float) -> None:
    rows, columns = np.indices((1200, 1600))
    frame = np.stack((rows // 8, columns // 8, rows * 0), axis=2).astype(np.uint8)
    onto = Square((800, 600), side, roll).onto(64)
    part = cut(frame, onto, (64, 64)).astype(int)
    inside = np.array(((800.0, 600.0), (800 + side / 6, 600 - side / 5), (800 - side / 4, 600 + side / 8)))
    for (x, y), (column, row) in zip(inside, placed(inside, onto), strict=True):
        assert part[round(row), round(column), 0] == pytest.approx(y / 8, abs=1 + side / 400)
        assert part[round(row), round(column), 1] == pytest.approx(x / 8, abs=1 + side / 400)


def test_what_is_reduced_is_smoothed_before() -> None:
    stripes = np.zeros((640, 640, 3), np.uint8)
    stripes[:, ::2] = 255
    part = cut(stripes, Square((320, 320), 640).onto(64), (64, 64))
    assert np.abs(part.astype(int) - 128).max() <= 2


def test_what_lies_outside_repeats_the_edge_also_where_nothing_is_inside() -> None:
    frame = np.full((40, 30, 3), 90, np.uint8)
    for middle in ((15, 20), (-400, 20), (15, 900)):
        assert (cut(frame, Square(middle, 300).onto(32), (32, 32)) == 90).all()
