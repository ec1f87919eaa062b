"""How the work of a plan, its conflicts and its houses are told."""

from __future__ import annotations

from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.planning.route import route_km
from fieldkit.domain.planning.schedule import Conflict, ConflictKind, Estimate
from fieldkit.services.planning.plan_basis import PlanBasis
from ui.presenters.amounts import day_text, span_text
from ui.presenters.figures import Number
from ui.presenters.lines import Line, LinesOnDemand
from ui.presenters.messages import CatalogMessage, Message, message
from ui.presenters.parts import Choice, Tag, Tone

_NAMED = 2  # qualifications fit beside the conflicts; the page of the SOP names all
OFFICE = "office"  # the name of the first line of the route


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
            Tag(message("rencana.leader"), Tone.SOFT, "star") if person.thing_id == leader else None,
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
