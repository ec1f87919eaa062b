"""What a planner types: dates, clock times and minutes as people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.typed import read_clock_time, read_days, read_whole
from ui.presenters.amounts import day_text
from ui.presenters.messages import Message

_LONGEST_WAY = 600
FIELDS = ("days", "starts", "way", "vehicle", "companions", "note", "direction")


def days_text(days: tuple[date, ...]) -> str:
    """Return dates as the field shows them."""
    return ", ".join(map(day_text, days))


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The typed fields of a plan, and which of them cannot be read."""

    values: Mapping[str, str]
    problems: Mapping[str, Message] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> PlanForm:
        """Return the form filled from a plan."""
        return cls(
            {
                "days": days_text(plan.days),
                "starts": plan.starts.strftime("%H.%M"),
                "way": str(plan.way_minutes),
                "vehicle": plan.vehicle,
                "companions": plan.companions,
                "note": plan.note,
                "direction": plan.direction,
            }
        )

    def shows(self, plan: Plan, *names: str) -> PlanForm:
        """Return the form with some fields filled anew from a plan."""
        fresh = PlanForm.of(plan).values
        problems = {name: problem for name, problem in self.problems.items() if name not in names}
        return PlanForm({**self.values, **{name: fresh[name] for name in names}}, problems)

    def typed(self, plan: Plan, name: str, text: str) -> tuple[PlanForm, Plan]:
        """Return form and plan after a keystroke; what cannot be read leaves the plan as it was."""
        values = {**self.values, name: text}
        problems = {key: problem for key, problem in self.problems.items() if key != name}
        try:
            plan = _with(plan, name, text)
        except InputError as error:
            problems[name] = error.problem
        return PlanForm(values, problems), plan


def _with(plan: Plan, name: str, text: str) -> Plan:
    match name:
        case "days":
            return replace(plan, days=read_days(text))
        case "starts":
            return replace(plan, starts=read_clock_time(text))
        case "way":
            return replace(plan, way_minutes=read_whole(text, most=_LONGEST_WAY))
        case "vehicle":
            return replace(plan, vehicle=text.strip())
        case "companions":
            return replace(plan, companions=text.strip())
        case "direction":
            return replace(plan, direction=text.strip())
        case _:
            return replace(plan, note=text.strip())
