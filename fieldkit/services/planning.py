"""Plans of outreach: durations, what a plan rests on, the plan itself, the list of activities."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from enum import StrEnum

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission, Role, Staff, nobody_has
from fieldkit.domain.planning.outreach import (
    Activity,
    HouseSpot,
    ModePerekaman,
    OutreachCount,
    Plan,
    Rhythm,
    Spot,
    TargetLine,
    Terrain,
    office_id,
    read_spot,
    shortest_route,
)
from fieldkit.domain.planning.schedule import (
    THE_DURATIONS,
    TO_VISIT,
    USUAL,
    Conflict,
    ConflictKind,
    Durations,
    Estimate,
    WorkCalendar,
    conflicts_of,
    crews_of,
    estimate,
    in_route,
    propose_days,
)
from fieldkit.domain.sarpras import SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import Lack, SopGlance, StepGlance, left_in_the_field
from fieldkit.domain.visits import Perekaman
from fieldkit.ports.store import Unit
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.sop.run_sop import begin_perekaman, fulfil, read_glance
from fieldkit.services.sop.view import profile_of
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# Keep by how many minutes outreaches are planned: the usual ones, until the office sets its own.


class KeepDurations:
    """The minutes of planning. Plans that are kept stay as they are until somebody opens them anew."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def read(self) -> Durations:
        """Return the minutes as they stand."""
        with self._units.read() as unit:
            return unit.repository(Durations).find(THE_DURATIONS) or USUAL

    def edit(self, durations: Durations) -> Durations:
        """Keep minutes. Raise `InputError` for those that no plan can be made with."""
        durations.check()
        with self._units.write(Permission.PLAN) as work:
            work.keep(durations, "efforts_set")
        return durations


# All activities at one look: how far each is, whose turn it is, what waits for the signed-in user.

_NOTHING = OutreachCount(0, 0, 0, 0, 0, 0, None)


class Progress(StrEnum):
    """How far an activity is."""

    NOT_BEGUN = "not_begun"
    UNDER_WAY = "under_way"
    FINISHED = "finished"  # every step fulfilled and nothing left open
    DECLARED = "declared"  # every step over, some by somebody's word
    LEFT_OPEN = "left_open"  # every step over, and something is still open

    @property
    def is_over(self) -> bool:
        """Return whether no step is to be done any more."""
        return self in (Progress.FINISHED, Progress.DECLARED, Progress.LEFT_OPEN)


class Show(StrEnum):
    """Which activities a list shows."""

    ALL = "all"
    MINE = "mine"  # a step waits for the user's role
    MONTH = "month"
    OPEN = "open"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity. `mine` is the step that waits for the user's role."""

    activity: Activity
    days: tuple[date, ...]
    count: OutreachCount
    glance: SopGlance | None
    mine: StepGlance | None

    @property
    def progress(self) -> Progress:
        """Return how far it is; without an SOP its targets say it."""
        if self.glance is not None:
            if not self.glance.is_finished:
                return Progress.UNDER_WAY if self.glance.done else Progress.NOT_BEGUN
            if self.left:
                return Progress.LEFT_OPEN
            return Progress.DECLARED if self.glance.ends else Progress.FINISHED
        if not self.count.recorded:
            return Progress.NOT_BEGUN
        return Progress.UNDER_WAY if self.count.waiting or self.count.unsent else Progress.FINISHED

    @property
    def left(self) -> tuple[Lack, ...]:
        """Return what would be left open if it ended now."""
        if self.glance is None:
            return ()
        return (*left_in_the_field(self.count, is_sarpras_out=self.glance.is_sarpras_out), *self.glance.left)

    @property
    def sop(self) -> str:
        """Return the name of its SOP, or what stands for it."""
        return self.glance.name if self.glance else self.activity.sop

    def is_late(self, today: date) -> bool:
        """Return whether its last day passed and it is not finished."""
        return self.days[-1] < today and not self.progress.is_over

    def is_shown(self, show: Show, today: date) -> bool:
        """Return whether it is among those that a way of looking shows."""
        match show:
            case Show.ALL:
                return True
            case Show.MINE:
                return self.mine is not None
            case Show.MONTH:
                return any((day.year, day.month) == (today.year, today.month) for day in self.days)
            case Show.OPEN:
                return not self.progress.is_over
            case Show.FINISHED:
                return self.progress.is_over


class ListActivities:
    """Reads activities for lists."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def everything(self) -> tuple[ActivityLine, ...]:
        """Return every activity, the newest day first."""
        role = self._units.user.role
        with self._units.read() as unit:
            plans = {plan.activity_id: plan for plan in unit.repository(Plan).search()}
            glances = {glance.activity_id: glance for glance in unit.repository(SopGlance).search()}
            counts = unit.activities.counts()
            return tuple(
                _line(activity, plans.get(activity.activity_id), counts, glances.get(activity.activity_id), role)
                for activity in unit.activities.all()
            )

    def next_first(self, on: date | None = None) -> Sequence[ActivityLine]:
        """Return those of a day, or all: what is to come in its order, below it what was, the latest first."""
        today = self._units.clock.today()
        lines = [line for line in self.everything() if on is None or on in line.days]
        return sorted(lines, key=lambda line: (line.days[-1] < today, abs((line.days[0] - today).days)))

    def one(self, activity_id: str) -> ActivityLine:
        """Return one activity. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            activity = unit.activities.get(activity_id)
            counts = {activity_id: unit.activities.count(activity_id)}
            plan, glance = unit.repository(Plan).find(activity_id), _glance(unit, activity_id)
        return _line(activity, plan, counts, glance, self._units.user.role)


def _glance(unit: Unit, activity_id: str) -> SopGlance | None:
    """Return the glance of a run as it is now; one that came from another kit may have none yet."""
    run = unit.repository(SopRun).find(activity_id)
    return read_glance(unit, run) if run else None


def _line(
    activity: Activity, plan: Plan | None, counts: Mapping[str, OutreachCount], glance: SopGlance | None, role: Role
) -> ActivityLine:
    days = plan.days if plan and plan.days else (activity.on,)
    count = counts.get(activity.activity_id, _NOTHING)
    return ActivityLine(activity, days, count, glance, glance.turn_of(role) if glance else None)


def turns(lines: Iterable[ActivityLine]) -> list[ActivityLine]:
    """Return the activities that wait for the user, the nearest day first."""
    return sorted((line for line in lines if line.mine is not None), key=lambda line: line.days[0])


# Everything that a plan is made from, read once, so that each change of a draft is checked without the store.

_STARTS = time(8)


@dataclass(frozen=True, slots=True)
class PlanBasis:
    """One activity with its targets, all people, kits and vehicles, and the plans of all other activities."""

    activity: Activity
    targets: tuple[TargetLine, ...]  # whom the team will see, in the order of visits
    spots: Mapping[str, Spot]  # by target_id
    office: Spot | None  # where the route begins and ends
    kept: Plan | None
    others: tuple[Plan, ...]
    staff: tuple[Staff, ...]
    kits: tuple[SarprasKit, ...]
    vehicles: tuple[str, ...]
    activity_names: Mapping[str, str]
    calendar: WorkCalendar
    today: date
    durations: Durations = USUAL
    asked: tuple[str, ...] = ()  # what the SOP asks of people
    lacking: Mapping[str, tuple[SarprasItem, ...]] = field(default_factory=dict)  # by kit, what is lost or broken of it
    # The last route with the targets in its order, and the last work: a draft is asked for both five times before it
    # stands, and they follow from it and from what was read.
    _ordered: dict[tuple[str, ...], list[TargetLine]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _worked: dict[object, Estimate] = field(default_factory=dict, init=False, compare=False, repr=False)

    def draft(self) -> Plan:
        """Return the plan as kept, or a proposal: free days from the one asked for, a whole kit, houses as listed."""
        if self.kept is not None:
            return self.kept
        terrain = Terrain.EASY
        plan = Plan(
            self.activity.activity_id,
            self.activity.activity_id,
            (),
            _STARTS,
            (),
            (),
            "",
            terrain,
            0,
            tuple(target.target_id for target in self.targets),
            way_minutes=self.durations.way[terrain],
        )
        whole = [kit.thing_id for kit in self.kits if kit.thing_id not in self.lacking]
        # Every kit is free on days that no other plan has.
        return self.refreshed(replace(self.with_days(plan), kits=tuple(whole[:1])))

    def with_days(self, plan: Plan) -> Plan:
        """Return the plan with as many free days as its work needs, in its rhythm, from the day that was asked for."""
        count = max(1, self.estimate(plan).days)
        taken = {on for other in self.others for on in other.days}
        after = max(self.today, self.activity.on - timedelta(days=1))
        return self.refreshed(replace(plan, days=propose_days(self.calendar, after, count, plan.rhythm, taken)))

    def with_terrain(self, plan: Plan, terrain: Terrain) -> Plan:
        """Return the plan for another terrain; a way that was typed stays."""
        is_usual = plan.way_minutes == self.durations.way[plan.terrain]
        way = self.durations.way[terrain] if is_usual else plan.way_minutes
        return self.refreshed(replace(plan, terrain=terrain, way_minutes=way))

    def with_rhythm(self, plan: Plan, rhythm: Rhythm) -> Plan:
        """Return the plan in another rhythm, with the days that it gives."""
        return self.with_days(replace(plan, rhythm=rhythm))

    def by_distance(self, plan: Plan) -> Plan:
        """Return the plan with the short way through the known houses."""
        names = [target.target_id for target in self.route(plan)]
        return self.refreshed(replace(plan, route=shortest_route(names, self.spots, self.office)))

    def refreshed(self, plan: Plan) -> Plan:
        """Return the plan with sorted days, a whole route and its minutes, without people and kits that are gone."""
        people, kits = {person.thing_id for person in self.staff}, {kit.thing_id for kit in self.kits}
        plan = replace(
            plan,
            team=tuple(name for name in plan.team if name in people),
            kits=tuple(name for name in plan.kits if name in kits),
        )
        ordered = self.route(plan)
        route = tuple([target.target_id for target in ordered])
        plan = replace(plan, days=tuple(sorted(set(plan.days))), route=route)
        return replace(plan, minutes=self.estimate(plan).total)

    def route(self, plan: Plan) -> list[TargetLine]:
        """Return the targets in the order of the plan."""
        found = self._ordered.get(plan.route)
        if found is None:
            found = in_route(self.targets, plan.route)
            self._ordered.clear()
            self._ordered[plan.route] = self._ordered[tuple([target.target_id for target in found])] = found
        return found

    def estimate(self, plan: Plan) -> Estimate:
        """Return what the plan has to hold."""
        asked = (plan.route, plan.terrain, plan.way_minutes, plan.starts, crews_of(plan))
        found = self._worked.get(asked)
        if found is None:
            found = estimate(plan, self.route(plan), self.durations)
            self._worked.clear()
            self._worked[asked] = found
        return found

    def conflicts(self, plan: Plan, work: Estimate | None = None) -> tuple[Conflict, ...]:
        """Return everything that stands against the plan; `work` is its estimate where that is known."""
        found = conflicts_of(plan, work or self.estimate(plan), self.calendar, self.others, self.today)
        lacks = (kit for kit in plan.kits if kit in self.lacking)
        return (*found, *(Conflict(ConflictKind.KIT_LACKS, None, kit, self.lacks(kit)) for kit in lacks))

    def lacks(self, kit_id: str) -> str:
        """Return the names of what is lost or broken of a kit."""
        return ", ".join(item.name for item in self.lacking.get(kit_id, ()))

    def unqualified(self, plan: Plan) -> tuple[str, ...]:
        """Return what the SOP asks of people and nobody of the team has; it keeps nobody from saving."""
        return nobody_has(self.asked, [person for person in self.staff if person.thing_id in plan.team])


def read_basis(unit: Unit, activity_id: str, calendar: WorkCalendar, today: date) -> PlanBasis:
    """Read the basis within an open transaction. Raise `StoreError("store.not_found")` for an unknown activity."""
    spots = {house.thing_id: house.spot for house in unit.repository(HouseSpot).of(activity_id)}
    plans, kits = unit.repository(Plan).search(), unit.repository(SarprasKit).search()
    return PlanBasis(
        unit.activities.get(activity_id),
        tuple(unit.targets.lines(activity_id, TO_VISIT)),
        spots,
        spots.get(office_id(activity_id)),
        next((plan for plan in plans if plan.activity_id == activity_id), None),
        tuple(plan for plan in plans if plan.activity_id != activity_id),
        _by_name(unit.repository(Staff).search()),
        tuple(sorted(kits, key=lambda kit: kit.name)),
        _vehicles(unit.repository(SarprasItem).having("kind", (SarprasKind.VEHICLE,))),
        {activity.activity_id: activity.name for activity in unit.activities.all()},
        calendar,
        today,
        unit.repository(Durations).find(THE_DURATIONS) or USUAL,
        profile.document.qualifications if (profile := profile_of(unit, activity_id)) else (),
        _lacking(unit, kits),
    )


def unfit_items(plan: Plan, lacking: Mapping[str, tuple[SarprasItem, ...]]) -> str:
    """Return the names of what is lost or broken of a plan's kits and without which nobody is recorded."""
    return ", ".join(item.name for kit_id in plan.kits for item in lacking.get(kit_id, ()) if item.is_critical)


def _lacking(unit: Unit, kits: Iterable[SarprasKit]) -> dict[str, tuple[SarprasItem, ...]]:
    """Return what no work can be done with, by the kit that has it; kits that are whole are left out."""
    unfit = [item for item in unit.repository(SarprasItem).search() if not (item.condition.may_go or item.is_retired)]
    lacking = {kit.thing_id: tuple(item for item in unfit if item.thing_id in kit.items) for kit in kits}
    return {kit_id: items for kit_id, items in lacking.items() if items}


def _by_name(staff: Sequence[Staff]) -> tuple[Staff, ...]:
    return tuple(sorted(staff, key=lambda person: person.name.casefold()))


def _vehicles(items: Sequence[SarprasItem]) -> tuple[str, ...]:
    return tuple(sorted(f"{item.name} {item.serial}".strip() for item in items if not item.is_retired))


# The schedule of an outreach: proposed, checked against calendar and other plans, kept, approved, directed.


class PlanOutreach:
    """Reads and writes the plans of activities."""

    def __init__(self, units: UnitsOfWork, calendar: KeepCalendar) -> None:
        self._units, self._calendar = units, calendar

    def begin_activity(
        self, name: str, place: str, sop: str, mode: ModePerekaman, on: date, perekaman: Perekaman | None = None
    ) -> Activity:
        """Begin an activity that nobody asked for: the office schedules itself. Raise `InputError`.

        `perekaman` None leaves it to the SOP.
        """
        if not name.strip() or not place.strip():
            raise InputError("plan.no_name_or_place").at("name")
        with self._units.write(Permission.PLAN) as work:
            activity = Activity(work.ids.new(), name.strip(), place.strip(), on, mode, "", sop)
            work.unit.activities.save(activity)
            work.note("activity_begun", activity.activity_id, sop=sop, mode=mode.value, on=on.isoformat())
            begin_perekaman(work, activity.activity_id, perekaman)
        return activity

    def basis(self, activity_id: str) -> PlanBasis:
        """Return everything that the plan of an activity is made from."""
        with self._units.read() as unit:
            return read_basis(unit, activity_id, self._calendar.calendar_in(unit), self._units.clock.today())

    def plan(self, activity_id: str) -> Plan | None:
        """Return the plan of an activity as kept."""
        with self._units.read() as unit:
            return unit.repository(Plan).find(activity_id)

    def conflicts(self, plan: Plan) -> tuple[Conflict, ...]:
        """Return everything that stands against a plan now."""
        return self.basis(plan.activity_id).conflicts(plan)

    def save(self, plan: Plan, acknowledged: Collection[str] = ()) -> Plan:
        """Keep a plan; its activity moves to the first day and its houses into the order of the route.

        `acknowledged` are the codes of the conflicts that the planner saw and accepts; the log keeps them. A plan that
        differs from the approved one has to be approved again. Raise `InputError` for a plan without a day or with
        strangers, `RuleError("plan.conflicts")` for a conflict that nobody acknowledged.
        """
        if not plan.days:
            raise InputError("plan.no_days")
        with self._units.write(Permission.PLAN) as work:
            calendar = self._calendar.calendar_in(work.unit)
            basis = read_basis(work.unit, plan.activity_id, calendar, self._units.clock.today())
            _demand_known(plan, basis)
            plan = basis.refreshed(replace(plan, thing_id=plan.activity_id, approved_by="", directed_by=""))
            plan = _still_approved(plan, basis.kept)
            found = [conflict.code for conflict in basis.conflicts(plan)]
            if unseen := [code for code in found if code not in acknowledged]:
                raise RuleError("plan.conflicts", count=len(unseen))
            days = [on.isoformat() for on in plan.days]
            work.keep(plan, "plan_saved", days=days, minutes=plan.minutes, conflicts=found)
            work.unit.activities.save(replace(basis.activity, on=plan.days[0]))
            _order_houses(work, plan)
            fulfil(work, plan.activity_id, Fulfilment.SCHEDULED, plan.thing_id)
        return plan

    def approve(self, activity_id: str) -> Plan:
        """Approve the plan as kept. Raise `RuleError`: `plan.none`, `plan.no_team` where nobody would go, or
        `plan.kit_lacks` where something without which nobody is recorded is lost or broken.
        """
        with self._units.write(Permission.APPROVE) as work:
            plan = replace(_kept(work, activity_id), approved_by=work.user.user_id)
            if not plan.team:
                raise RuleError("plan.no_team")
            if unfit := unfit_items(plan, _lacking(work.unit, work.unit.repository(SarprasKit).search())):
                raise RuleError("plan.kit_lacks", items=unfit)
            work.keep(plan, "plan_approved")
            fulfil(work, activity_id, Fulfilment.PLAN_APPROVED, plan.thing_id)
        return plan

    def direct(self, activity_id: str, direction: str = "") -> Plan:
        """Receive the plan and give directions (arahan). Raise `RuleError("plan.none")`."""
        with self._units.write(Permission.DIRECT) as work:
            plan = replace(_kept(work, activity_id), directed_by=work.user.user_id, direction=direction.strip())
            work.keep(plan, "plan_directed")
            fulfil(work, activity_id, Fulfilment.PLAN_DIRECTED, plan.thing_id)
        return plan

    def locate(self, activity_id: str, target_id: str, text: str) -> None:
        """Keep where a target lives; target_id "" is the office of the desa, no text forgets. Raise `InputError`."""
        name = target_id or office_id(activity_id)
        spot = read_spot(text) if text.strip() else None
        with self._units.write(Permission.PLAN) as work:
            if spot is None:
                work.unit.repository(HouseSpot).remove(name)
                work.note("house_forgotten", name)
            else:
                work.keep(HouseSpot(name, activity_id, spot), "house_located")


def _kept(work: UnitOfWork, activity_id: str) -> Plan:
    plan = work.unit.repository(Plan).find(activity_id)
    if plan is None:
        raise RuleError("plan.none")
    return plan


def _still_approved(plan: Plan, before: Plan | None) -> Plan:
    """Return the plan with the approvals of before when it is the same otherwise."""
    if before is None:
        return plan
    as_before = replace(
        plan, approved_by=before.approved_by, directed_by=before.directed_by, direction=before.direction
    )
    return as_before if as_before == before else plan


def _demand_known(plan: Plan, basis: PlanBasis) -> None:
    people = {person.thing_id for person in basis.staff}
    kits = {kit.thing_id for kit in basis.kits}
    if not (set(plan.team) <= people and set(plan.kits) <= kits):
        raise InputError("plan.stranger")


def _order_houses(work: UnitOfWork, plan: Plan) -> None:
    """Number the houses by the route; whoever is not visited comes after them in the order of before."""
    place = {target_id: at for at, target_id in enumerate(plan.route)}
    everybody = sorted(
        work.unit.targets.search(plan.activity_id),
        key=lambda target: (place.get(target.target_id, len(place)), target.house),
    )
    work.unit.targets.save(
        replace(target, house=house) for house, target in enumerate(everybody, 1) if target.house != house
    )
