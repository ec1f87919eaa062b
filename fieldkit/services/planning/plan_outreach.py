"""The schedule of an outreach: proposed, checked against calendar and other plans, kept, approved, directed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.planning.route import HouseSpot, office_id, read_spot
from fieldkit.domain.planning.schedule import Conflict
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.planning.keep_calendar import KeepCalendar
from fieldkit.services.planning.plan_basis import PlanBasis, read_basis
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


class PlanOutreach:
    """Reads and writes the plans of activities."""

    def __init__(self, units: UnitsOfWork, calendar: KeepCalendar) -> None:
        self._units, self._calendar = units, calendar

    def begin_activity(self, name: str, place: str, sop: str, mode: ModePerekaman, on: date) -> Activity:
        """Begin an activity that nobody asked for: the office schedules itself. Raise `InputError`."""
        if not name.strip() or not place.strip():
            raise InputError("plan.no_name_or_place").at("name")
        with self._units.write(Permission.PLAN) as work:
            activity = Activity(work.ids.new(), name.strip(), place.strip(), on, mode, "", sop)
            work.unit.activities.save(activity)
            work.note("activity_begun", activity.activity_id, sop=sop, mode=mode.value, on=on.isoformat())
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
        """Approve the plan as kept. Raise `RuleError`: `plan.none`, or `plan.no_team` where nobody would go."""
        with self._units.write(Permission.APPROVE) as work:
            plan = replace(_kept(work, activity_id), approved_by=work.user.user_id)
            if not plan.team:
                raise RuleError("plan.no_team")
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
