"""The way of a team: when it left, arrived and came back, with whom it spoke, who came along."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.fulfilment import Fulfilment
from fieldkit.domain.outreach import Activity, ModePerekaman
from fieldkit.domain.people import Permission
from fieldkit.domain.route import Spot
from fieldkit.domain.visits import Coordination, Leg, Moment, Trip
from fieldkit.services.acts import Acts, Writing
from fieldkit.services.fulfil import fulfil

FACTS = {Leg.ARRIVED: Fulfilment.ARRIVED, Leg.AT_LOCATION: Fulfilment.AT_LOCATION}


class RunTrips:
    """Trips of the team that the user belongs to."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def of(self, activity_id: str) -> Sequence[Trip]:
        """Return the trips of an activity, oldest first."""
        with self._acts.read() as unit:
            return unit.shelf(Trip).of(activity_id)

    def begin(self, activity_id: str) -> Trip:
        """Open a trip; nothing is noted of it yet."""
        with self._acts.write(Permission.VISIT) as writing:
            writing.unit.activities.get(activity_id)
            trip = Trip(writing.ids.new(), activity_id, writing.user.user_id)
            writing.keep(trip, "trip_begun")
            return trip

    def reach(self, trip_id: str, leg: Leg, at: datetime | None = None, spot: Spot | None = None) -> Trip:
        """Note a leg, now or at the time typed; a second time corrects the first. Raise `InputError`."""

        def reached(trip: Trip, writing: Writing) -> Trip:
            return trip.reaching(Moment(leg, self._past(at, writing.at), spot))

        def tell(trip: Trip, writing: Writing) -> None:
            if leg in FACTS:
                fulfil(writing, trip.activity_id, FACTS[leg], trip.thing_id)

        return self._act(trip_id, f"trip_{leg.value}", reached, tell)

    def coordinate(self, trip_id: str, name: str, jabatan: str, agreed: str = "", at: datetime | None = None) -> Trip:
        """Note with whom the team agreed on the place of the recording. Raise `InputError` without a name."""
        if not name.strip():
            raise InputError("visit.no_name")

        def coordinated(trip: Trip, writing: Writing) -> Trip:
            told = Coordination(self._past(at, writing.at), name.strip(), jabatan.strip(), agreed.strip())
            return replace(trip, coordination=told)

        def tell(trip: Trip, writing: Writing) -> None:
            fulfil(writing, trip.activity_id, Fulfilment.COORDINATED, trip.thing_id)

        return self._act(trip_id, "trip_coordinated", coordinated, tell)

    def accompany(self, trip_id: str, companions: Sequence[str]) -> Trip:
        """Note who of the desa or institution comes along."""
        named = tuple(name.strip() for name in companions if name.strip())
        return self._act(trip_id, "trip_accompanied", lambda trip, _: replace(trip, companions=named))

    def ask_escort(self, trip_id: str, escort: str = "") -> Trip:
        """Note that the team wants somebody for its safety, and who that is once it is known."""
        return self._act(
            trip_id, "escort_wanted", lambda trip, _: replace(trip, is_escort_wanted=True, escort=escort.strip())
        )

    def drop_escort(self, trip_id: str) -> Trip:
        """Note that nobody is needed."""
        return self._act(trip_id, "escort_dropped", lambda trip, _: replace(trip, is_escort_wanted=False, escort=""))

    def note(self, trip_id: str, text: str) -> Trip:
        """Keep a note about the way."""
        return self._act(trip_id, "trip_noted", lambda trip, _: replace(trip, note=text.strip()))

    def set_mode(self, activity_id: str, mode: ModePerekaman) -> Activity:
        """Say whether an activity sends at once or from the office."""
        with self._acts.write(Permission.VISIT) as writing:
            activity = replace(writing.unit.activities.get(activity_id), mode=mode)
            writing.unit.activities.save(activity)
            writing.note("mode_set", activity_id, mode=mode.value)
            return activity

    def _past(self, typed: datetime | None, now: datetime) -> datetime:
        if typed is not None and typed > now:
            raise InputError("visit.in_future")
        return typed or now

    def _act(
        self,
        trip_id: str,
        act: str,
        change: Callable[[Trip, Writing], Trip],
        tell: Callable[[Trip, Writing], None] | None = None,
    ) -> Trip:
        with self._acts.write(Permission.VISIT) as writing:
            trip = change(writing.unit.shelf(Trip).get(trip_id), writing)
            writing.keep(trip, act)
            if tell is not None:
                tell(trip, writing)
            return trip
