from __future__ import annotations

from itertools import pairwise

import numpy as np

from drivers.simulators.subject import handwriting


def test_a_signature_stays_on_the_pad_and_its_time_runs_forwards() -> None:
    for seed in range(20):
        signature = handwriting.sign(np.random.default_rng(seed))
        points = [point for stroke in signature.strokes for point in stroke]
        assert len(signature.strokes) >= 2
        assert all(0 < p.x_um < signature.width_um and 0 < p.y_um < signature.height_um for p in points)
        assert all(before.t_ms < after.t_ms for before, after in pairwise(points))
        assert all(0 < p.pressure <= 1 for p in points)


def test_two_hands_write_differently() -> None:
    first, again, other = (handwriting.sign(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert first == again
    assert first != other
