"""What a planner types, and what was changed and not saved: a change is kept, what it was made upon is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.plan import Plan, Rhythm, Terrain
from fieldkit.domain.typed import read_clock_time, read_days, read_whole
from fieldkit.services.planning.plan_basis import PlanBasis
from ui.presenters.amounts import clock_text, day_text
from ui.presenters.messages import Message
from ui.presenters.planning.plan_messages import kit_lines, team_lines

_LONGEST_WAY = 600
_SEPARATOR = " "  # between ids
FIELDS = ("days", "starts", "way", "vehicle", "companions", "note", "direction")
_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "days": ("days", read_days),
    "starts": ("starts", read_clock_time),
    "way": ("way_minutes", partial(read_whole, most=_LONGEST_WAY)),
}
"""Which part of a plan a field says, and how it is read; of the others the text."""


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
        read = {"days": days_text(plan.days), "starts": clock_text(plan.starts), "way": str(plan.way_minutes)}
        return cls(read | {name: getattr(plan, name) for name in FIELDS if name not in read})

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
    part, read = _READERS.get(name, (name, str.strip))
    return replace(plan, **{part: read(text)})


def changes_of(draft: Plan, form: PlanForm, begun: Plan) -> Mapping[str, str]:
    """Return what stands in a draft and its form otherwise than in the plan that it began with."""
    before = PlanForm.of(begun).values
    texts = {name: text for name, text in form.values.items() if text != before[name]}
    old = _chosen(begun)
    return {**texts, **{name: text for name, text in _chosen(draft).items() if text != old[name]}}


def _chosen(plan: Plan) -> dict[str, str]:
    lists = {name: _SEPARATOR.join(getattr(plan, name)) for name in ("team", "kits", "route")}
    return {"terrain": plan.terrain.value, "rhythm": plan.rhythm.value, **lists}


def with_changes(begun: Plan, changes: Mapping[str, str], basis: PlanBasis) -> tuple[Plan, PlanForm]:
    """Return the plan and the form with such changes; what does not fit any more is passed over."""
    draft = begun
    with suppress(ValueError):
        draft = replace(draft, terrain=Terrain(changes.get("terrain", begun.terrain.value)))
    with suppress(ValueError):
        draft = replace(draft, rhythm=Rhythm(changes.get("rhythm", begun.rhythm.value)))
    people, kits = ({line.name for line in lines(basis, begun)} for lines in (team_lines, kit_lines))
    if "team" in changes:
        draft = replace(draft, team=tuple(name for name in changes["team"].split() if name in people))
    if "kits" in changes:
        draft = replace(draft, kits=tuple(name for name in changes["kits"].split() if name in kits))
    route = tuple(changes.get("route", "").split())
    if set(route) == set(begun.route):
        draft = replace(draft, route=route)
    form = PlanForm.of(begun)
    for name in form.values.keys() & changes.keys():
        form, draft = form.typed(draft, name, changes[name])
    return draft, form
