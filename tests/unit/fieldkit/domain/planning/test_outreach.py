from __future__ import annotations

from datetime import date, time
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.counted_work import calls_of

from fieldkit.domain.errors import InputError
from fieldkit.domain.events import Thing
from fieldkit.domain.planning import outreach as routes
from fieldkit.domain.planning.outreach import (
    HouseSpot,
    Plan,
    ServiceCategory,
    Spot,
    TargetCounts,
    TargetState,
    Terrain,
    distance_km,
    moved,
    office_id,
    read_spot,
    route_km,
    shortest_route,
)

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


def test_a_plan_is_found_by_its_vehicle_and_note() -> None:
    plan = Plan(
        "a1", "a1", (date(2026, 11, 23),), time(8), (), (), "Mobil AG 1", Terrain.EASY, 90, note="lewat jembatan"
    )
    assert isinstance(plan, Thing)
    assert plan.words == "Mobil AG 1 lewat jembatan"


JIMBE = Spot(-8.1503, 112.1501)
spots = st.builds(Spot, st.floats(-8.3, -8.0), st.floats(112.0, 112.4))


def scattered(count: int, seed: int = 1) -> dict[str, Spot]:
    chance = Random(seed)
    return {f"t{n}": Spot(chance.uniform(-8.3, -8.0), chance.uniform(112.0, 112.4)) for n in range(count)}


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.none() | spots, max_size=25), st.none() | spots)
def test_a_route_is_a_permutation_that_ends_with_the_unknown(
    places: dict[str, Spot | None], start: Spot | None
) -> None:
    known = {name: spot for name, spot in places.items() if spot is not None}
    names = list(places)
    route = shortest_route(names, known, start)
    assert sorted(route) == sorted(names)
    unknown = [name for name in names if name not in known]
    assert list(route[len(known) :]) == unknown


@given(st.lists(spots, min_size=2, max_size=12, unique=True), spots)
def test_the_found_way_is_never_longer_than_the_nearest_neighbour_order(points: list[Spot], start: Spot) -> None:
    known = {str(n): spot for n, spot in enumerate(points)}
    left, here, walked = dict(known), start, []
    while left:
        name = min(left, key=lambda n: (distance_km(here, left[n]), int(n)))
        here = left.pop(name)
        walked.append(name)
    found = shortest_route(list(known), known, start)
    assert route_km(found, known, start) <= route_km(walked, known, start) + 1e-6


def test_small_routes_are_close_to_the_best_of_all() -> None:
    for seed in range(5):
        known = scattered(7, seed)
        best = min(route_km(order, known, JIMBE) for order in permutations(known))
        assert route_km(shortest_route(list(known), known, JIMBE), known, JIMBE) <= best * 1.1


def test_a_line_of_houses_is_walked_along() -> None:
    known = {name: Spot(-8.1 - n / 100, 112.1) for n, name in enumerate("abcde")}
    assert shortest_route("dbeac", known, Spot(-8.09, 112.1)) in {tuple("abcde"), tuple("edcba")}
    assert shortest_route("a", known) == ("a",)
    assert shortest_route("ax", {}) == ("a", "x")


@pytest.mark.parametrize(
    ("start", "houses", "nearest"),
    [
        (True, [(3, 4), (1, 6), (7, 2), (1, 1)], "dabc"),
        (True, [(3, 7), (1, 2), (0, 4), (3, 6)], "bcda"),  # is not better before the second look
        (False, [(8, 2), (1, 4), (4, 6), (0, 7)], "acbd"),  # is walked otherwise when one has to come back
        (False, [(4, 0), (3, 5), (5, 5), (9, 8)], "acbd"),
        (False, [(3, 5), (3, 6), (2, 4), (2, 8), (5, 2)], "abced"),
    ],
)
def test_what_the_nearest_neighbour_misses_is_put_right(
    monkeypatch: pytest.MonkeyPatch, start: bool, houses: list[tuple[int, int]], nearest: str
) -> None:
    known = {name: Spot(-8 - up / 100, 112 + along / 100) for name, (up, along) in zip("abcde", houses, strict=False)}
    office = Spot(-8, 112) if start else None
    ways = [way for way in permutations(known) if start or way[0] == "a"]
    best = min(route_km(way, known, office) for way in ways)
    monkeypatch.setattr(routes, "_IMPROVABLE", len(known))
    assert route_km(shortest_route(list(known), known, office), known, office) == pytest.approx(best)
    monkeypatch.setattr(routes, "_IMPROVABLE", len(known) - 1)  # of so many nobody waits for the best way
    assert shortest_route(list(known), known, office) == tuple(nearest)


def test_two_houses_are_visited_from_the_nearer_one() -> None:
    known = {"far": Spot(-8.3, 112.1), "near": Spot(-8.2, 112.1)}
    assert shortest_route(list(known), known, Spot(-8.1, 112.1)) == ("near", "far")


@pytest.mark.days
def test_a_whole_desa_is_ordered_while_somebody_waits() -> None:
    def work(count: int) -> int:
        known, found = scattered(count), []
        calls = calls_of(lambda: found.extend(shortest_route(list(known), known, JIMBE)))
        assert route_km(found, known, JIMBE) < route_km(list(known), known, JIMBE) / 3
        return calls

    assert work(600) < 5 * work(300)


def test_distances_are_those_of_the_map() -> None:
    assert distance_km(Spot(-8.0954, 112.1609), Spot(-7.2575, 112.7521)) == pytest.approx(113.5, abs=1.5)
    assert distance_km(JIMBE, JIMBE) == 0
    assert route_km(["a"], {}, None) == 0


@pytest.mark.parametrize("text", ["-8.0954, 112.1609", " -8.0954,112.1609 ", "-8.0954 112.1609", "-8.0954;112.1609"])
def test_coordinates_are_read_as_maps_copy_them(text: str) -> None:
    assert read_spot(text) == Spot(-8.0954, 112.1609)
    assert str(read_spot(text)) == "-8.095400, 112.160900"


@pytest.mark.parametrize(
    ("latitude", "longitude", "is_there"),
    [
        *((-11.5, 94.5, True), (6.5, 141.5, True)),
        *((-11.51, 112, False), (6.51, 112, False), (-8, 94.49, False), (-8, 141.51, False)),
    ],
)
def test_a_house_stands_in_indonesia(latitude: float, longitude: float, is_there: bool) -> None:
    text = f"{latitude} {longitude}"
    if is_there:
        assert read_spot(text) == Spot(latitude, longitude)
    else:
        with pytest.raises(InputError, match=r"plan\.spot_far"):
            read_spot(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "plan.spot_unread"),
        ("Desa Jimbe", "plan.spot_unread"),
        ("-8,0954, 112,1609", "plan.spot_unread"),
        ("112.1609, -8.0954", "plan.spot_far"),
        ("nan, 112", "plan.spot_far"),
        ("inf inf", "plan.spot_far"),
    ],
)
def test_slips_are_refused(text: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        read_spot(text)
    assert refused.value.code == code


def test_a_name_moves_by_hand_as_far_as_there_are_places() -> None:
    assert moved("abcd", "b", 1) == tuple("acbd")
    assert moved("abcd", "b", -9) == tuple("bacd")
    assert moved("abcd", "b", 9) == tuple("acdb")
    assert moved("abcd", "x", 1) == tuple("abcd")


def test_where_somebody_lives_is_not_found_by_words() -> None:
    assert HouseSpot(office_id("a1"), "a1", JIMBE).words == ""
