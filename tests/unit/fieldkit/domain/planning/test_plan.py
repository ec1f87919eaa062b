from __future__ import annotations

from datetime import date, time

from fieldkit.domain.planning.plan import Plan, Terrain
from fieldkit.domain.things import Thing


def test_a_plan_is_found_by_its_vehicle_and_note() -> None:
    plan = Plan(
        "a1", "a1", (date(2026, 11, 23),), time(8), (), (), "Mobil AG 1", Terrain.EASY, 90, note="lewat jembatan"
    )
    assert isinstance(plan, Thing)
    assert plan.words == "Mobil AG 1 lewat jembatan"
