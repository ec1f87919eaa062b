"""What a planner types: dates, clock times and minutes as people write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time

from fieldkit.domain.planning.plan import Plan
from ui.presenters.words import Words, phrase

_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_CLOCK = re.compile(r"(\d{1,2})(?:[.:](\d{2}))?", re.ASCII)
_LONGEST_WAY = 600
FIELDS = ("days", "starts", "way", "vehicle", "companions", "note", "direction")


def days_text(days: tuple[date, ...]) -> str:
    """Return dates as the field shows them."""
    return ", ".join(on.strftime("%d-%m-%Y") for on in days)


def read_days(text: str) -> tuple[date, ...]:
    """Read dates between commas: 3-12-2026, 3/12/2026 or 2026-12-03. Raise `ValueError`."""
    found = []
    for part in filter(None, (part.strip() for part in re.split("[,;]", text))):
        match = _DATE.fullmatch(part)
        if match is None:
            raise ValueError(part)
        day, month, year, iso_year, iso_month, iso_day = match.groups()
        found.append(date(int(year or iso_year), int(month or iso_month), int(day or iso_day)))
    return tuple(sorted(set(found)))


def read_clock_time(text: str) -> time:
    """Read 8, 8.00, 08:00. Raise `ValueError`."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59:
        raise ValueError(text)
    return time(int(match[1]), int(match[2] or 0))


def read_way(text: str) -> int:
    """Read the minutes of a way. Raise `ValueError`."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit()) or int(plain) > _LONGEST_WAY:
        raise ValueError(text)
    return int(plain)


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The typed fields of a plan, and which of them cannot be read."""

    values: Mapping[str, str]
    problems: Mapping[str, Words] = field(default_factory=dict)

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
        except ValueError:
            problems[name] = phrase(f"rencana.bad_{name}")
        return PlanForm(values, problems), plan


def _with(plan: Plan, name: str, text: str) -> Plan:
    match name:
        case "days":
            return replace(plan, days=read_days(text))
        case "starts":
            return replace(plan, starts=read_clock_time(text))
        case "way":
            return replace(plan, way_minutes=read_way(text))
        case "vehicle":
            return replace(plan, vehicle=text.strip())
        case "companions":
            return replace(plan, companions=text.strip())
        case "direction":
            return replace(plan, direction=text.strip())
        case _:
            return replace(plan, note=text.strip())
