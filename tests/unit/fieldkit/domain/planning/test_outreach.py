from __future__ import annotations

from fieldkit.domain.planning.outreach import ServiceCategory, TargetCounts, TargetState

COUNTS = TargetCounts(
    {
        (TargetState.PLANNED, ServiceCategory.LANSIA): 3,
        (TargetState.PLANNED, ServiceCategory.ODGJ): 2,
        (TargetState.RECORDED, ServiceCategory.LANSIA): 1,
    }
)


def test_counts_are_added_up_by_what_a_filter_lets_through() -> None:
    assert COUNTS.matching() == 6
    assert COUNTS.matching([TargetState.PLANNED]) == 5
    assert COUNTS.matching(categories=[ServiceCategory.LANSIA]) == 4
    assert COUNTS.matching([TargetState.PLANNED], [ServiceCategory.LANSIA]) == 3
    assert COUNTS.matching([TargetState.CANCELLED]) == 0
