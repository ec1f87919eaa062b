from __future__ import annotations

from dataclasses import replace
from datetime import time

import pytest

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.durations import MOST_MINUTES, USUAL, Durations
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.planning.plan import Terrain


def test_every_condition_and_terrain_has_minutes() -> None:
    USUAL.check()
    assert set(USUAL.per_person) == set(ServiceCategory)
    assert set(USUAL.between_houses) == set(USUAL.way) == set(Terrain)


@pytest.mark.parametrize(
    "durations",
    [
        replace(USUAL, per_person={**USUAL.per_person, ServiceCategory.UMUM: 0}),
        replace(USUAL, way={**USUAL.way, Terrain.EASY: -1}),
        replace(USUAL, between_houses={**USUAL.between_houses, Terrain.EASY: MOST_MINUTES + 1}),
        replace(USUAL, rest=-1),
    ],
)
def test_minutes_out_of_all_measure_are_refused(durations: Durations) -> None:
    with pytest.raises(InputError, match=r"efforts\.range"):
        durations.check()


def test_a_day_has_room_for_a_visit() -> None:
    with pytest.raises(InputError, match=r"efforts\.day_ends"):
        replace(USUAL, day_ends=time(9, 59)).check()
    replace(USUAL, day_ends=time(10)).check()


def test_the_least_and_the_most_minutes_are_taken() -> None:
    least = {ServiceCategory.UMUM: 1, ServiceCategory.ODGJ: MOST_MINUTES}
    replace(USUAL, per_person={**USUAL.per_person, **least}, rest=0, coordination=MOST_MINUTES).check()
