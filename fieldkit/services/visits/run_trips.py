"""The way of a team: when it left, arrived and came back, with whom it spoke, who came along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.planning.route import Spot
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.visits import Coordination, Leg, Moment, Trip
from fieldkit.ports.devices import Cancel
from fieldkit.ports.surroundings import Fix, Whereabouts
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

FACTS = {Leg.ARRIVED: Fulfilment.ARRIVED, Leg.AT_LOCATION: Fulfilment.AT_LOCATION}
_WAIT_FOR_SKY_MS = 8_000


@dataclass(frozen=True, slots=True)
class TripTold:
    """A whole page about a trip, as it should stand now; legs that are not named stay as they are."""

    times: Mapping[Leg, datetime] = field(default_factory=dict)
    met: str = ""  # with whom of the desa or institution the team agreed on the place
    jabatan: str = ""
    agreed: str = ""
    companions: tuple[str, ...] = ()
    wants_escort: bool = False
    escort: str = ""
    note: str = ""
    spots: Mapping[Leg, Spot] = field(default_factory=dict)  # where GPS told so, for legs that `times` names


class RunTrips:
    """Trips of the team that the user belongs to."""

    def __init__(self, units: UnitsOfWork, places: Whereabouts) -> None:
        self._units, self._places = units, places

    def of(self, activity_id: str) -> Sequence[Trip]:
        """Return the trips of an activity, oldest first."""
        with self._units.read() as unit:
            return unit.repository(Trip).of(activity_id)

    def locate(self, cancel: Cancel) -> Fix:
        """Ask the satellite receiver where the team is; waits up to 8 s. Raise `DeviceError`."""
        self._units.demand(Permission.VISIT)
        return self._places.fix(cancel, _WAIT_FOR_SKY_MS)

    def write_down(self, activity_id: str, told: TripTold, trip_id: str = "") -> Trip:
        """Keep what differs of a whole page in one act; without an id a trip begins. Raise `InputError`."""
        with self._units.write(Permission.VISIT) as work:
            trip = work.unit.repository(Trip).get(trip_id) if trip_id else _begun(work, activity_id)
            moments = [Moment(leg, at, told.spots.get(leg)) for leg, at in told.times.items() if at != trip.at(leg)]
            trip = _reached(trip, work, *moments)
            met = (told.met.strip(), told.jabatan.strip(), told.agreed.strip())
            known = trip.coordination
            if met != ((known.name, known.jabatan, known.agreed) if known else ("", "", "")):
                trip = _coordinated(trip, work, met, known.at if known else None)
            if _names(told.companions) != trip.companions:
                trip = _accompanied(trip, work, told.companions)
            if told.wants_escort and (not trip.is_escort_wanted or told.escort.strip() != trip.escort):
                trip = _escorted(trip, work, told.escort)
            if trip.is_escort_wanted and not told.wants_escort:
                trip = _unescorted(trip, work)
            return _noted(trip, work, told.note) if told.note.strip() != trip.note else trip

    def set_mode(self, activity_id: str, mode: ModePerekaman) -> Activity:
        """Say whether an activity sends at once or from the office."""
        with self._units.write(Permission.VISIT) as work:
            activity = replace(work.unit.activities.get(activity_id), mode=mode)
            work.unit.activities.save(activity)
            work.note("mode_set", activity_id, mode=mode.value)
            return activity


def _begun(work: UnitOfWork, activity_id: str) -> Trip:
    work.unit.activities.get(activity_id)
    return _kept(work, Trip(work.ids.new(), activity_id, work.user.user_id), "trip_begun")


def _reached(trip: Trip, work: UnitOfWork, *moments: Moment) -> Trip:
    for moment in moments:
        _demand_past(moment.at, work.at)
    trip = trip.reaching(*moments)
    for moment in moments:
        _kept(work, trip, f"trip_{moment.leg.value}")
        if moment.leg in FACTS:
            fulfil(work, trip.activity_id, FACTS[moment.leg], trip.thing_id)
    return trip


def _coordinated(trip: Trip, work: UnitOfWork, told: tuple[str, str, str], at: datetime | None) -> Trip:
    name, jabatan, agreed = (part.strip() for part in told)
    if not name:
        raise InputError("visit.no_name")
    trip = replace(trip, coordination=Coordination(at or work.at, name, jabatan, agreed))
    _kept(work, trip, "trip_coordinated")
    fulfil(work, trip.activity_id, Fulfilment.COORDINATED, trip.thing_id)
    return trip


def _accompanied(trip: Trip, work: UnitOfWork, companions: Sequence[str]) -> Trip:
    return _kept(work, replace(trip, companions=_names(companions)), "trip_accompanied")


def _escorted(trip: Trip, work: UnitOfWork, escort: str) -> Trip:
    return _kept(work, replace(trip, is_escort_wanted=True, escort=escort.strip()), "escort_wanted")


def _unescorted(trip: Trip, work: UnitOfWork) -> Trip:
    return _kept(work, replace(trip, is_escort_wanted=False, escort=""), "escort_dropped")


def _noted(trip: Trip, work: UnitOfWork, text: str) -> Trip:
    return _kept(work, replace(trip, note=text.strip()), "trip_noted")


def _kept(work: UnitOfWork, trip: Trip, act: str) -> Trip:
    work.keep(trip, act)
    return trip


def _names(companions: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in companions if name.strip())


def _demand_past(at: datetime, now: datetime) -> None:
    if at > now:
        raise InputError("common.in_future")
