from __future__ import annotations

import pytest
from support.clock import NOW

from fieldkit.domain.reports.evaluation import Evaluation, Points


@pytest.mark.parametrize("part", ["went_well", "went_badly", "obstacles", "proposals"])
def test_each_point_counts_and_is_found(part: str) -> None:
    points = Points(**{part: ("genset cadangan",)})
    assert not points.is_empty
    assert Evaluation("a1", "a1", points, "u1", NOW).words == "genset cadangan"
    assert Points().is_empty
