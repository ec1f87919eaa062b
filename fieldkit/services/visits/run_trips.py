"""The way of a team: when it left, arrived and came back, with whom it spoke, who came along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from fieldkit.services.acts import Acts, Writing
from fieldkit.services.sop.fulfil import fulfil

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

    def __init__(self, acts: Acts, places: Whereabouts) -> None:
        self._acts, self._places = acts, places

    def of(self, activity_id: str) -> Sequence[Trip]:
        """Return the trips of an activity, oldest first."""
        with self._acts.read() as unit:
            return unit.shelf(Trip).of(activity_id)

    def begin(self, activity_id: str) -> Trip:
        """Open a trip; nothing is noted of it yet."""
        with self._acts.write(Permission.VISIT) as writing:
            return _begun(writing, activity_id)

    def locate(self, cancel: Cancel) -> Fix:
        """Ask the satellite receiver where the team is; waits up to 8 s. Raise `DeviceError`."""
        self._acts.demand(Permission.VISIT)
        return self._places.fix(cancel, _WAIT_FOR_SKY_MS)

    def reach(self, trip_id: str, leg: Leg, at: datetime | None = None, spot: Spot | None = None) -> Trip:
        """Note a leg, now or at the time typed; a second time corrects the first. Raise `InputError`."""
        return self._act(
            trip_id, lambda trip, writing: _reached(trip, writing, Moment(leg, at or self._acts.clock.now(), spot))
        )

    def coordinate(self, trip_id: str, name: str, jabatan: str, agreed: str = "", at: datetime | None = None) -> Trip:
        """Note with whom the team agreed on the place of the recording. Raise `InputError` without a name."""
        return self._act(trip_id, lambda trip, writing: _coordinated(trip, writing, (name, jabatan, agreed), at))

    def accompany(self, trip_id: str, companions: Sequence[str]) -> Trip:
        """Note who of the desa or institution comes along."""
        return self._act(trip_id, lambda trip, writing: _accompanied(trip, writing, companions))

    def ask_escort(self, trip_id: str, escort: str = "") -> Trip:
        """Note that the team wants somebody for its safety, and who that is once it is known."""
        return self._act(trip_id, lambda trip, writing: _escorted(trip, writing, escort))

    def drop_escort(self, trip_id: str) -> Trip:
        """Note that nobody is needed."""
        return self._act(trip_id, _unescorted)

    def note(self, trip_id: str, text: str) -> Trip:
        """Keep a note about the way."""
        return self._act(trip_id, lambda trip, writing: _noted(trip, writing, text))

    def write_down(self, activity_id: str, told: TripTold, trip_id: str = "") -> Trip:
        """Keep what differs of a whole page in one act; without an id a trip begins. Raise `InputError`."""
        with self._acts.write(Permission.VISIT) as writing:
            trip = writing.unit.shelf(Trip).get(trip_id) if trip_id else _begun(writing, activity_id)
            moments = [Moment(leg, at, told.spots.get(leg)) for leg, at in told.times.items() if at != trip.at(leg)]
            trip = _reached(trip, writing, *moments) if moments else trip
            met = (told.met.strip(), told.jabatan.strip(), told.agreed.strip())
            known = trip.coordination
            if met != ((known.name, known.jabatan, known.agreed) if known else ("", "", "")):
                trip = _coordinated(trip, writing, met, known.at if known else None)
            if _names(told.companions) != trip.companions:
                trip = _accompanied(trip, writing, told.companions)
            if told.wants_escort and (not trip.is_escort_wanted or told.escort.strip() != trip.escort):
                trip = _escorted(trip, writing, told.escort)
            if trip.is_escort_wanted and not told.wants_escort:
                trip = _unescorted(trip, writing)
            return _noted(trip, writing, told.note) if told.note.strip() != trip.note else trip

    def set_mode(self, activity_id: str, mode: ModePerekaman) -> Activity:
        """Say whether an activity sends at once or from the office."""
        with self._acts.write(Permission.VISIT) as writing:
            activity = replace(writing.unit.activities.get(activity_id), mode=mode)
            writing.unit.activities.save(activity)
            writing.note("mode_set", activity_id, mode=mode.value)
            return activity

    def _act(self, trip_id: str, act: Callable[[Trip, Writing], Trip]) -> Trip:
        with self._acts.write(Permission.VISIT) as writing:
            return act(writing.unit.shelf(Trip).get(trip_id), writing)


def _begun(writing: Writing, activity_id: str) -> Trip:
    writing.unit.activities.get(activity_id)
    return _kept(writing, Trip(writing.ids.new(), activity_id, writing.user.user_id), "trip_begun")


def _reached(trip: Trip, writing: Writing, *moments: Moment) -> Trip:
    for moment in moments:
        _demand_past(moment.at, writing.at)
    trip = trip.reaching(*moments)
    for moment in moments:
        _kept(writing, trip, f"trip_{moment.leg.value}")
        if moment.leg in FACTS:
            fulfil(writing, trip.activity_id, FACTS[moment.leg], trip.thing_id)
    return trip


def _coordinated(trip: Trip, writing: Writing, told: tuple[str, str, str], at: datetime | None) -> Trip:
    name, jabatan, agreed = (part.strip() for part in told)
    if not name:
        raise InputError("visit.no_name")
    _demand_past(at or writing.at, writing.at)
    trip = replace(trip, coordination=Coordination(at or writing.at, name, jabatan, agreed))
    _kept(writing, trip, "trip_coordinated")
    fulfil(writing, trip.activity_id, Fulfilment.COORDINATED, trip.thing_id)
    return trip


def _accompanied(trip: Trip, writing: Writing, companions: Sequence[str]) -> Trip:
    return _kept(writing, replace(trip, companions=_names(companions)), "trip_accompanied")


def _escorted(trip: Trip, writing: Writing, escort: str) -> Trip:
    return _kept(writing, replace(trip, is_escort_wanted=True, escort=escort.strip()), "escort_wanted")


def _unescorted(trip: Trip, writing: Writing) -> Trip:
    return _kept(writing, replace(trip, is_escort_wanted=False, escort=""), "escort_dropped")


def _noted(trip: Trip, writing: Writing, text: str) -> Trip:
    return _kept(writing, replace(trip, note=text.strip()), "trip_noted")


def _kept(writing: Writing, trip: Trip, act: str) -> Trip:
    writing.keep(trip, act)
    return trip


def _names(companions: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in companions if name.strip())


def _demand_past(at: datetime, now: datetime) -> None:
    if at > now:
        raise InputError("visit.in_future")
