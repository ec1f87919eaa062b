"""The outreach of the day: its activity, its targets, its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Finding, check_nik
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import (
    Activity,
    ModePerekaman,
    OutreachCount,
    Spot,
    Target,
    TargetCounts,
    TargetFilter,
    TargetLine,
)
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.visits import Coordination, Leg, Moment, Perekaman, Trip
from fieldkit.ports.devices import Cancel
from fieldkit.ports.laptop import Fix, Whereabouts
from fieldkit.ports.store import Unit
from fieldkit.services.sop.run_sop import choose_perekaman, fulfil, perekaman_of
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

_OF_DAY = "activity_of_day"


@dataclass(frozen=True, slots=True)
class DayOverview:
    """The Beranda card: the activity of today or the nearest one, with its numbers and what was left open."""

    activity: Activity | None
    count: OutreachCount | None
    unfinished: tuple[CaptureSession, ...]
    others: int = 0  # activities that are today too


@dataclass(frozen=True, slots=True)
class VisitList:
    """Whom the team visits: the first of those whom a filter lets through."""

    activity: Activity | None
    targets: tuple[TargetLine, ...]


class PlanVisits:
    """Reads and changes activities and target lists."""

    def __init__(self, units: UnitsOfWork, is_known_region: Callable[[str], bool]) -> None:
        self._units, self._is_known_region = units, is_known_region

    def overview(self) -> DayOverview:
        """Return the activity that `work_on` chose today, else today's, or the last one before, or the next one."""
        with self._units.read() as unit:
            every = unit.activities.all()
            chosen = self._of_day(unit, every)
            left = tuple(session for session in unit.sessions.unfinished() if session.is_begun)
            if chosen is None:
                return DayOverview(None, None, left)
            today = self._units.clock.today()
            others = sum(each.on == today and each != chosen for each in every)
            return DayOverview(chosen, unit.activities.count(chosen.activity_id), left, others)

    def work_on(self, activity_id: str) -> Activity:
        """Let `overview` and the lists of the field be about this activity until the day is over, and return it.

        Raise `RuleError("role.not_yours")`, `StoreError("store.not_found")`.
        """
        with self._units.write(Permission.RECORD) as work:
            activity = work.unit.activities.get(activity_id)
            work.unit.settings.put(_OF_DAY, {"on": self._units.clock.today().isoformat(), "activity": activity_id})
            work.note("activity_of_day", activity_id)
            return activity

    def list_of(self, wanted: TargetFilter, activity_id: str = "", limit: int | None = None) -> VisitList:
        """Return whom the team visits, as filtered: of an activity, or of the one that `overview` shows."""
        with self._units.read() as unit:
            activity = unit.activities.get(activity_id) if activity_id else self._of_day(unit, unit.activities.all())
            if activity is None:
                return VisitList(None, ())
            return VisitList(activity, tuple(unit.targets.lines(activity.activity_id, wanted, limit)))

    def matching(self, activity_id: str, text: str) -> frozenset[str]:
        """Return the ids of the targets that have every typed word anywhere in name, NIK, street or village."""
        with self._units.read() as unit:
            return unit.targets.matching(activity_id, text)

    def villages(self, activity_id: str) -> Sequence[str]:
        """Return the villages of a list, the most frequent first."""
        with self._units.read() as unit:
            return unit.targets.villages(activity_id)

    def counts(self, activity_id: str) -> TargetCounts:
        """Return how many targets of an activity stand in each state and service category."""
        with self._units.read() as unit:
            return unit.targets.counts(activity_id)

    def targets(self, activity_id: str, text: str = "") -> Sequence[Target]:
        """Return the targets of an activity in the order of visits, filtered as typed."""
        with self._units.read() as unit:
            return unit.targets.search(activity_id, text)

    def target(self, target_id: str) -> Target:
        """Return one target."""
        with self._units.read() as unit:
            return unit.targets.get(target_id)

    def take_over(self, activity: Activity, targets: Sequence[Target]) -> None:
        """Keep an activity with its verified target list."""
        # What the office sends ahead is nobody's own act, so every account may take it over.
        with self._units.write(Permission.READ_STATUS) as work:
            work.unit.activities.save(activity)
            work.unit.targets.save(targets)
            work.note("targets_taken_over", activity.activity_id, targets=len(targets))
            if targets:
                fulfil(work, activity.activity_id, Fulfilment.TARGETS_COLLECTED)

    def _of_day(self, unit: Unit, activities: Sequence[Activity]) -> Activity | None:
        today, said = self._units.clock.today(), unit.settings.get(_OF_DAY) or {}
        chosen = said["activity"] if said.get("on") == today.isoformat() else ""
        return min(
            activities, key=lambda a: (a.activity_id != chosen, a.on > today, abs((a.on - today).days)), default=None
        )

    def findings(self, target: Target | TargetLine) -> tuple[Finding, ...]:
        """Return what to look at in a target's NIK, against its own biodata."""
        who = target.biodata
        return check_nik(
            who.nik.digits,
            birth_date=who.birth_date,
            sex=who.sex,
            domicile=who.address.region,
            is_known_region=self._is_known_region,
        )


# The way of a team: when it left, arrived and came back, with whom it spoke, who came along.

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

    def perekaman(self, activity_id: str) -> Perekaman:
        """Return in which program an activity records."""
        with self._units.read() as unit:
            return perekaman_of(unit, activity_id)

    def set_perekaman(self, activity_id: str, perekaman: Perekaman) -> Perekaman:
        """Say in which program an activity records. Raise `RuleError("perekaman.begun")` after the first recording."""
        with self._units.write(Permission.VISIT) as work:
            work.unit.activities.get(activity_id)
            choose_perekaman(work, activity_id, perekaman)
            return perekaman


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
