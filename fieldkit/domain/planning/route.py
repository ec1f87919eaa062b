"""The way from house to house: by distance where coordinates are known, by hand always."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import ClassVar

from fieldkit.domain.errors import InputError

_EARTH_KM = 6_371.0
_IMPROVABLE = 400  # beyond it 2-opt would take longer than anybody waits; the nearest neighbour stays
_ROUNDS = 30
# Indonesia with some sea around: anything else is a slip, mostly the two numbers swapped.
_LATITUDES, _LONGITUDES = (-11.5, 6.5), (94.5, 141.5)


@dataclass(frozen=True, slots=True)
class Spot:
    """A point on the map, WGS 84, degrees."""

    latitude: float
    longitude: float

    def __str__(self) -> str:
        """Return it as maps copy it."""
        return f"{self.latitude:.6f}, {self.longitude:.6f}"


@dataclass(frozen=True, slots=True)
class HouseSpot:
    """Where a target lives, or where the office of the desa stands."""

    KIND: ClassVar[str] = "house_spot"

    thing_id: str  # the target_id, or `office_id(activity_id)`
    activity_id: str
    spot: Spot

    @property
    def words(self) -> str:
        """Nothing to search by: where somebody lives is found by the person."""
        return ""


def office_id(activity_id: str) -> str:
    """Return the id of the spot where the route of an activity begins and ends."""
    return f"office:{activity_id}"


def read_spot(text: str) -> Spot:
    """Read "-8.0954, 112.1609" as maps copy it. Raise `InputError` for anything else or a place outside Indonesia."""
    parts = text.replace(";", " ").replace(", ", " ").replace(",", " ").split()
    try:
        latitude, longitude = map(float, parts)
    except ValueError:
        raise InputError("plan.spot_unread") from None
    if not (_LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]):
        raise InputError("plan.spot_far")
    return Spot(latitude, longitude)


def distance_km(one: Spot, other: Spot) -> float:
    """Return the distance over ground, haversine on a sphere."""
    up = radians(other.latitude - one.latitude)
    along = radians(other.longitude - one.longitude)
    chord = sin(up / 2) ** 2 + cos(radians(one.latitude)) * cos(radians(other.latitude)) * sin(along / 2) ** 2
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def shortest_route(names: Sequence[str], spots: Mapping[str, Spot], start: Spot | None = None) -> tuple[str, ...]:
    """Return the names by a short way: nearest neighbour, then 2-opt; those without a spot stay last, in their order.

    With `start` the way begins and ends there; without it the way begins at the first name that has a spot.
    """
    known = [name for name in names if name in spots]
    if len(known) < 2:
        return (*known, *(name for name in names if name not in spots))
    points = [start or spots[known[0]], *(spots[name] for name in known)]
    table = [[distance_km(a, b) for b in points] for a in points]
    tour = _nearest(table)
    if len(known) <= _IMPROVABLE:
        _improve(tour, table, is_round=start is not None)
    return (*(known[at - 1] for at in tour[1:]), *(name for name in names if name not in spots))


def route_km(names: Sequence[str], spots: Mapping[str, Spot], start: Spot | None = None) -> float:
    """Return the length of a way through the known spots, from `start` and back to it where there is one."""
    points = [spots[name] for name in names if name in spots]
    if start is not None:
        points = [start, *points, start]
    return sum(distance_km(a, b) for a, b in pairwise(points))


def moved(route: Sequence[str], name: str, by: int) -> tuple[str, ...]:
    """Return the route with one name so many places later, or earlier, as far as there are places."""
    order = list(route)
    if name not in order:
        return tuple(order)
    at = order.index(name)
    order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
    return tuple(order)


def _nearest(table: Sequence[Sequence[float]]) -> list[int]:
    tour, left = [0], set(range(1, len(table)))
    while left:
        here = table[tour[-1]]
        nearest = min(left, key=lambda there: (here[there], there))
        left.remove(nearest)
        tour.append(nearest)
    return tour


def _improve(tour: list[int], table: Sequence[Sequence[float]], *, is_round: bool) -> None:
    """Turn stretches of the tour around as long as that shortens it; place 0 stays."""
    size = len(tour)
    for _ in range(_ROUNDS):
        is_better = False
        for low in range(1, size - 1):
            before = tour[low - 1]
            for high in range(low + 1, size):
                after = tour[high + 1] if high + 1 < size else tour[0] if is_round else None
                gain = table[before][tour[low]] - table[before][tour[high]]
                if after is not None:
                    gain += table[tour[high]][after] - table[tour[low]][after]
                if gain > 1e-9:
                    tour[low : high + 1] = reversed(tour[low : high + 1])
                    is_better = True
        if not is_better:
            return
