"""What a planner types and changed without saving, and how the work, its conflicts and its houses are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.plan import Plan, Rhythm, Terrain
from fieldkit.domain.planning.route import route_km
from fieldkit.domain.planning.schedule import Conflict, ConflictKind, Estimate
from fieldkit.domain.typed import read_clock_time, read_days, read_whole
from fieldkit.services.planning.plan_basis import PlanBasis
from ui.presenters.amounts import clock_text, day_text, span_text
from ui.presenters.figures import Number
from ui.presenters.lines import Line, LinesOnDemand
from ui.presenters.messages import CatalogMessage, Message, message
from ui.presenters.parts import Choice, Tag, Tone

_LONGEST_WAY = 600
_SEPARATOR = " "  # between ids
FIELDS = ("days", "starts", "way", "vehicle", "companions", "note", "direction")
_READERS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "days": ("days", read_days),
    "starts": ("starts", read_clock_time),
    "way": ("way_minutes", partial(read_whole, most=_LONGEST_WAY)),
}
"""Which part of a plan a field says, and how it is read; of the others the text."""
_NAMED = 2  # qualifications fit beside the conflicts; the page of the SOP names all
OFFICE = "office"  # the name of the first line of the route


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


def numbers_of(basis: PlanBasis, plan: Plan, work: Estimate) -> tuple[Number, ...]:
    """Return the facts at the left: whom, how long, how many days."""
    people = tuple(
        Number(str(count), message(f"category.{category.value}"))
        for category, count in sorted(work.targets.items(), key=lambda item: -basis.durations.per_person[item[0]])
    )
    is_enough = work.days <= len(plan.days)
    return (
        *people,
        Number(span_text(work.recording), message("rencana.recording")),
        Number(span_text(work.walking), message("rencana.walking")),
        Number(span_text(work.fixed), message("rencana.fixed")),
        Number(span_text(work.total), message("rencana.total")),
        Number(str(work.days), message("rencana.days_needed"), Tone.NEUTRAL if is_enough else Tone.BAD),
        *_length(basis, plan),
    )


def _length(basis: PlanBasis, plan: Plan) -> tuple[Number, ...]:
    km = route_km(plan.route, basis.spots, basis.office)
    return (Number(f"{km:.1f} km".replace(".", ","), message("rencana.km")),) if km else ()


def conflict_words(basis: PlanBasis, conflict: Conflict) -> CatalogMessage:
    """Return a conflict as a sentence with the names that people know."""
    names = {
        ConflictKind.KIT_TAKEN: {kit.thing_id: kit.name for kit in basis.kits},
        ConflictKind.PERSON_TAKEN: {person.thing_id: person.name for person in basis.staff},
    }.get(conflict.kind)
    return message(
        f"rencana.{conflict.kind.value}",
        day=day_text(conflict.on) if conflict.on else "",
        year=conflict.on.year if conflict.on else 0,
        subject=conflict.subject if names is None else names.get(conflict.subject, "?"),
        other=basis.activity_names.get(conflict.other, conflict.other),
        needed=conflict.needed,
        held=conflict.held,
    )


def unqualified(basis: PlanBasis, plan: Plan) -> tuple[CatalogMessage, ...]:
    """Return the remark about what the SOP asks of people and nobody of the team has, nothing where all is there."""
    lacking = basis.unqualified(plan)
    what, more = "; ".join(lacking[:_NAMED]), len(lacking) - _NAMED
    if more > 0:
        return (message("rencana.unqualified_more", what=what, count=more),)
    return (message("rencana.unqualified", what=what),) if lacking else ()


def team_lines(basis: PlanBasis, plan: Plan) -> tuple[Line, ...]:
    """Return the people: the team in its order first, then the others by name."""
    leader = plan.team[0] if plan.team else ""
    place = {name: at for at, name in enumerate(plan.team)}
    people = sorted(basis.staff, key=lambda person: place.get(person.thing_id, len(place)))
    return tuple(
        Line(
            person.thing_id,
            person.name,
            person.jabatan,
            person.thing_id in place,
            Tag(message("common.team_lead"), Tone.SOFT, "star") if person.thing_id == leader else None,
        )
        for person in people
    )


def crew_choices(basis: PlanBasis, plan: Plan) -> tuple[Choice, ...]:
    """Return who is not in the team yet, to be picked by name."""
    others = (person for person in basis.staff if person.thing_id not in plan.team)
    return tuple(Choice(person.thing_id, person.name, person.jabatan) for person in others)


def kit_lines(basis: PlanBasis, plan: Plan) -> tuple[Line, ...]:
    """Return the kits by name."""
    return tuple(Line(kit.thing_id, kit.name, "", kit.thing_id in plan.kits) for kit in basis.kits)


def route_lines(basis: PlanBasis, plan: Plan, work: Estimate) -> LinesOnDemand:
    """Return the office of the desa and the houses in the order of visits, with day and crew."""
    route, spots = basis.route(plan), basis.spots

    def line(at: int) -> Line:
        if at == 0:
            return Line(OFFICE, message("rencana.office"), _place(is_known=basis.office is not None))
        target = route[at - 1]
        detail = _place(is_known=True) if target.target_id in spots else target.address.street
        tag = _stop_tag(*work.stops[at - 1], work)
        return Line(target.target_id, f"{at}. {target.name}", detail, None, tag)

    return LinesOnDemand((OFFICE, *plan.route), line, (basis.office, spots, work.stops))


def _stop_tag(day: int, crew: int, work: Estimate) -> Tag | None:
    if work.crews > 1:
        return Tag(message("rencana.house_day_crew", day=day + 1, crew=crew + 1), Tone.NEUTRAL)
    return Tag(message("rencana.house_day", day=day + 1), Tone.NEUTRAL) if work.days > 1 else None


def _place(*, is_known: bool) -> Message:
    return message("rencana.has_spot" if is_known else "rencana.no_spot")


def state_tag(kept: Plan | None, *, is_changed: bool) -> Tag:
    """Return how firm the plan is."""
    if kept is None:
        return Tag(message("rencana.state_none"), Tone.CAUTION)
    if is_changed:
        return Tag(message("rencana.state_changed"), Tone.CAUTION)
    if kept.approved_by:
        return Tag(message("rencana.state_directed" if kept.directed_by else "rencana.state_approved"), Tone.GOOD)
    return Tag(message("rencana.only_arahan" if kept.directed_by else "rencana.state_kept"), Tone.SOFT)
