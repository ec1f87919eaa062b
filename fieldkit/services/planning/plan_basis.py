"""Everything that a plan is made from, read once, so that each change of a draft is checked without the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

from fieldkit.domain.people.staff import Staff, nobody_has
from fieldkit.domain.planning.calendar import WorkCalendar
from fieldkit.domain.planning.durations import THE_DURATIONS, USUAL, Durations
from fieldkit.domain.planning.outreach import Activity, TargetLine
from fieldkit.domain.planning.plan import Plan, Rhythm, Terrain
from fieldkit.domain.planning.route import HouseSpot, Spot, office_id, shortest_route
from fieldkit.domain.planning.schedule import (
    TO_VISIT,
    Conflict,
    Estimate,
    conflicts_of,
    crews_of,
    estimate,
    in_route,
    propose_days,
)
from fieldkit.domain.sarpras.inventory import SarprasItem, SarprasKind, SarprasKit
from fieldkit.ports.store import Unit
from fieldkit.services.sop.read_document import profile_of

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
    # The last route with the targets in its order, and the last work: a draft is asked for both five times before it
    # stands, and they follow from it and from what was read.
    _ordered: dict[tuple[str, ...], list[TargetLine]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )
    _worked: dict[object, Estimate] = field(default_factory=dict, init=False, compare=False, repr=False)

    def draft(self) -> Plan:
        """Return the plan as kept, or a proposal: free days from the one asked for, first kit, houses as listed."""
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
        first = tuple(kit.thing_id for kit in self.kits[:1])  # every kit is free on days that no other plan has
        return self.refreshed(replace(self.with_days(plan), kits=first))

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
        return conflicts_of(plan, work or self.estimate(plan), self.calendar, self.others, self.today)

    def unqualified(self, plan: Plan) -> tuple[str, ...]:
        """Return what the SOP asks of people and nobody of the team has; it keeps nobody from saving."""
        return nobody_has(self.asked, [person for person in self.staff if person.thing_id in plan.team])


def read_basis(unit: Unit, activity_id: str, calendar: WorkCalendar, today: date) -> PlanBasis:
    """Read the basis within an open transaction. Raise `StoreError("store.not_found")` for an unknown activity."""
    spots = {house.thing_id: house.spot for house in unit.repository(HouseSpot).of(activity_id)}
    plans = unit.repository(Plan).search()
    return PlanBasis(
        unit.activities.get(activity_id),
        tuple(unit.targets.lines(activity_id, TO_VISIT)),
        spots,
        spots.get(office_id(activity_id)),
        next((plan for plan in plans if plan.activity_id == activity_id), None),
        tuple(plan for plan in plans if plan.activity_id != activity_id),
        _by_name(unit.repository(Staff).search()),
        tuple(sorted(unit.repository(SarprasKit).search(), key=lambda kit: kit.name)),
        _vehicles(unit.repository(SarprasItem).having("kind", (SarprasKind.VEHICLE,))),
        {activity.activity_id: activity.name for activity in unit.activities.all()},
        calendar,
        today,
        unit.repository(Durations).find(THE_DURATIONS) or USUAL,
        profile.document.qualifications if (profile := profile_of(unit, activity_id)) else (),
    )


def _by_name(staff: Sequence[Staff]) -> tuple[Staff, ...]:
    return tuple(sorted(staff, key=lambda person: person.name.casefold()))


def _vehicles(items: Sequence[SarprasItem]) -> tuple[str, ...]:
    return tuple(sorted(f"{item.name} {item.serial}".strip() for item in items if not item.is_retired))
