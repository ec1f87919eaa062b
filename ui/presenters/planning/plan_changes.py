"""What a planner changed and did not save, as the fields of a draft: a change is kept, what it was made upon is not."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from fieldkit.domain.planning.plan import Plan, Rhythm, Terrain
from fieldkit.services.planning.plan_basis import PlanBasis
from ui.presenters.planning.plan_form import PlanForm
from ui.presenters.planning.plan_messages import kit_lines, team_lines

_SEPARATOR = " "  # between ids
_LISTS = ("team", "kits", "route")


def changes_of(draft: Plan, form: PlanForm, begun: Plan) -> Mapping[str, str]:
    """Return what stands in a draft and its form otherwise than in the plan that it began with."""
    before = PlanForm.of(begun).values
    texts = {name: text for name, text in form.values.items() if text != before[name]}
    chosen = {name: str(getattr(draft, name).value) for name in ("terrain", "rhythm")}
    lists = {name: _SEPARATOR.join(getattr(draft, name)) for name in _LISTS}
    old = {"terrain": begun.terrain.value, "rhythm": begun.rhythm.value}
    old |= {name: _SEPARATOR.join(getattr(begun, name)) for name in _LISTS}
    return {**texts, **{name: text for name, text in {**chosen, **lists}.items() if text != old[name]}}


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
