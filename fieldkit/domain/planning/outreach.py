"""An outreach activity (kegiatan jemput bola) and its target list (data sasaran)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from typing import Any, ClassVar, NamedTuple

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import Address, Biodata


class ModePerekaman(StrEnum):
    """Whether a region sends right after sealing or from the office."""

    DARING = "daring"
    LURING = "luring"


class ServiceCategory(StrEnum):
    """Why the team comes to the person. Never printed, never on courier lists."""

    LANSIA = "lansia"
    DISABILITAS = "disabilitas"
    ODGJ = "odgj"
    SAKIT = "sakit"
    PEMULA = "pemula"
    UMUM = "umum"


class TargetState(StrEnum):
    """Local status of a target up to the seal; after it the delivery state speaks."""

    PLANNED = "planned"
    RECORDING = "recording"
    RECORDED = "recorded"
    RECORDED_WITH_EXCEPTION = "recorded_with_exception"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class TargetVerdict(StrEnum):
    """What the check of a target list against SIAK said before leaving."""

    BELUM_DICEK = "belum_dicek"
    TERVERIFIKASI = "terverifikasi"
    SUDAH_MEREKAM = "sudah_merekam"
    NIK_BERMASALAH = "nik_bermasalah"
    MENINGGAL = "meninggal"
    PINDAH = "pindah"


@dataclass(frozen=True, slots=True)
class TargetFilter:
    """What a list of targets shows; an empty group lets everything through."""

    text: str = ""  # every word as a beginning in name, NIK or address
    states: tuple[TargetState, ...] = ()
    categories: tuple[ServiceCategory, ...] = ()
    verdicts: tuple[TargetVerdict, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """How many targets of an activity stand in each state and service category; what nobody has is not named."""

    of: Mapping[tuple[TargetState, ServiceCategory], int]

    def matching(self, states: Collection[TargetState] = (), categories: Collection[ServiceCategory] = ()) -> int:
        """Return how many a filter lets through; an empty group lets everything through."""
        return sum(
            count
            for (state, category), count in self.of.items()
            if (not states or state in states) and (not categories or category in categories)
        )


@dataclass(frozen=True, slots=True)
class Activity:
    """One outreach day of one team."""

    activity_id: str
    name: str
    place: str
    on: date
    mode: ModePerekaman
    surat_tugas: str
    sop: str


@dataclass(frozen=True, slots=True)
class Target:
    """A resident to be visited, as verified before leaving. `house` is the order of the visits, from 1."""

    target_id: str
    activity_id: str
    house: int
    biodata: Biodata
    category: ServiceCategory
    state: TargetState = TargetState.PLANNED
    reason: str = ""
    is_walk_in: bool = False
    verdict: TargetVerdict = TargetVerdict.BELUM_DICEK

    @property
    def name(self) -> str:
        """Return the name."""
        return self.biodata.name

    @property
    def address(self) -> Address:
        """Return where somebody lives."""
        return self.biodata.address


class TargetLine(NamedTuple):
    """A target as lists and plans hold it by the thousand: who it is, is read from its text when somebody looks.

    A plain tuple: thousands are made while a screen opens, and few are ever looked at.
    """

    target_id: str
    activity_id: str
    house: int
    category: ServiceCategory
    state: TargetState
    reason: str
    verdict: TargetVerdict
    is_walk_in: bool
    text: str  # the biodata as they are kept
    read: Callable[[str], Biodata]
    read_part: Callable[[str, str], Any]

    @property
    def biodata(self) -> Biodata:
        """Return who it is."""
        return self.read(self.text)

    @property
    def name(self) -> str:
        """Return the name."""
        return str(self.part("name"))

    @property
    def address(self) -> Address:
        """Return where somebody lives."""
        return Address(**self.part("address"))

    def part(self, name: str) -> Any:
        """Return one field of the biodata as it is kept; whole lists are put in order by it."""
        return self.read_part(self.text, name)


@dataclass(frozen=True, slots=True)
class TargetKey:
    """Which target of which activity has a NIK: enough to compare lists."""

    nik: str
    target_id: str
    activity_id: str


@dataclass(frozen=True, slots=True)
class OutreachCount:
    """The numbers of the Beranda card."""

    targets: int
    recorded: int
    with_exception: int
    revisit: int
    waiting: int
    unsent: int
    oldest_unsent_at: datetime | None


# The plan of an outreach: when, where, who, with what. Its rules stand in `schedule`.


class Terrain(StrEnum):
    """How hard the way is (medan lokasi)."""

    EASY = "easy"
    ROUGH = "rough"
    REMOTE = "remote"


class Rhythm(StrEnum):
    """How the days of several visits follow each other; the SOP of Blitar says weekly, or as decided otherwise."""

    WEEKLY = "weekly"
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class Plan:
    """One plan per activity; its id is the activity's."""

    KIND: ClassVar[str] = "plan"

    thing_id: str
    activity_id: str
    days: tuple[date, ...]
    starts: time
    team: tuple[str, ...]  # thing_ids of Staff; the first is the ketua tim
    kits: tuple[str, ...]  # thing_ids of sarpras kits
    vehicle: str
    terrain: Terrain
    minutes: int  # the work that was estimated, travel included
    route: tuple[str, ...] = ()  # target_ids in the order of visits
    companions: str = ""  # whom the surat balasan asks for
    approved_by: str = ""  # user_id
    directed_by: str = ""  # user_id, where the SOP has the head give directions
    note: str = ""
    rhythm: Rhythm = Rhythm.WEEKLY
    direction: str = ""  # arahan of the head
    way_minutes: int = 0  # from the office to the place, one way

    @property
    def words(self) -> str:
        """Vehicle and note."""
        return f"{self.vehicle} {self.note}"


# The way from house to house: by distance where coordinates are known, by hand always.

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
