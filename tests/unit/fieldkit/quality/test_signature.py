from __future__ import annotations

import pytest

from fieldkit.ports.devices import PenPoint, Signature
from fieldkit.quality.inspection import ink_length_mm, score_signature


def line(*xs_mm: float) -> Signature:
    points = tuple(PenPoint(int(x * 1000), 10_000, 0.5, i * 10) for i, x in enumerate(xs_mm))
    return Signature((points,), 90_000, 40_000)


@pytest.mark.parametrize(("length", "score"), [(0, 0), (7.5, 30), (15, 60), (30, 80), (45, 100), (300, 100)])
def test_score_grows_with_the_ink(length: float, score: int) -> None:
    assert score_signature(line(0, length)).value == score


def test_moves_with_the_pen_up_do_not_count() -> None:
    strokes = tuple(line(x, x + 2).strokes[0] for x in (0, 40))
    assert ink_length_mm(Signature(strokes, 90_000, 40_000)) == pytest.approx(4)


def test_a_dot_and_no_ink_score_nothing() -> None:
    assert score_signature(line(5)).value == 0
    assert score_signature(Signature((), 90_000, 40_000)).value == 0
