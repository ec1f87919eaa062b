"""Rencana: when, who, with what and in which order; what stands against it is told while it is typed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from fieldkit.domain.errors import InputError, Problem
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Plan, Rhythm, Terrain, moved, route_km
from fieldkit.domain.planning.schedule import Conflict, ConflictKind, Estimate
from fieldkit.domain.typed import DraftName, read_clock_time, read_days, read_whole
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.planning import PlanBasis, unfit_items
from ui.presenters.amounts import clock_text, day_text, span_text
from ui.presenters.figures import Number
from ui.presenters.form import DraftedPresenter, Drafting, FormField, Left
from ui.presenters.parts import Bar, Choice, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import (
    Action,
    CatalogMessage,
    Command,
    Message,
    Navigator,
    Operation,
    Weight,
    message,
    opens,
)
from ui.presenters.tasks import COMPUTE, STORE, Tasks
from ui.presenters.wording import NO_LINES, Line, LinesOnDemand

# What a planner types and changed without saving, and how the work, its conflicts and its houses are told.

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
        ConflictKind.KIT_LACKS: {kit.thing_id: kit.name for kit in basis.kits},
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
    """Return the kits by name, each with what is lost or broken of it."""

    def lacks(kit_id: str) -> Message:
        return message("rencana.kit_without", items=items) if (items := basis.lacks(kit_id)) else ""

    return tuple(Line(kit.thing_id, kit.name, lacks(kit.thing_id), kit.thing_id in plan.kits) for kit in basis.kits)


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


_HINTS = {"days": message("rencana.days_hint")}
_BUSY = message("ui.stage.busy")
TERRAINS = Choice.each(Terrain, "rencana.terrain_")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanState(ViewState):
    """The facts at the left, the schedule in the middle, the route at the right."""

    tag: Tag | None = None
    numbers: tuple[Number, ...] = ()
    fields: tuple[FormField, ...] = ()
    terrain: str = ""
    rhythm: str = ""
    may_plan: bool = False
    team: tuple[Line, ...] = ()
    others: tuple[Choice, ...] = ()  # who may still be put into the team
    kits: tuple[Line, ...] = ()
    vehicles: tuple[str, ...] = ()
    conflicts: tuple[Message, ...] = ()
    route: LinesOnDemand = NO_LINES
    spot: FormField | None = None


class PlanPresenter(DraftedPresenter[PlanState]):
    """Changes a draft without the plan that is kept; saves, approves and directs through the store."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("plan", {"activity_id": activity_id}))
        super().__init__(PlanState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._basis: PlanBasis | None = None
        self._begun: Plan | None = None  # the draft as it begins from what is kept
        self._draft: Plan | None = None
        self._form: PlanForm | None = None
        self._work: Estimate | None = None
        self._conflicts: tuple[Conflict, ...] = ()
        self._house, self._spot_text, self._spot_problem = OFFICE, "", Problem("")

    def start(self) -> None:
        """Read everything; a draft that was begun stays."""
        basis = self._context.office.planning.basis
        self._tasks.run(STORE, lambda: (basis(self._activity_id), self._drafting.read()), self._read, self._failed)

    def refresh(self) -> None:
        """Read everything anew; what was changed is changed again in what is kept now."""
        self.settle()
        self._draft = None
        self.start()

    def typed(self) -> Mapping[str, str]:
        """Return what the draft and the coordinates say otherwise than what is kept."""
        if self._begun is None or self._draft is None or self._form is None:
            return {}
        changes = changes_of(self._draft, self._form, self._begun)
        spot = {} if self._spot_text == self._spot() else {_SPOT: self._spot_text, _HOUSE: self._house}
        return {**changes, **spot}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the plan as it is kept, but for these changes."""
        basis, _, _ = self._open()
        assert self._begun is not None
        self._house = fields.get(_HOUSE, self._house)
        self._spot_text, self._spot_problem = fields.get(_SPOT, self._spot()), Problem("")
        draft, self._form = with_changes(self._begun, fields, basis)
        self._take(draft)

    def type_field(self, name: str, text: str) -> None:
        """Take over what was typed into a field."""
        _, draft, form = self._open()
        self._form, draft = form.typed(draft, name, text)
        self._change(draft)

    def choose_terrain(self, name: str) -> None:
        """Take another terrain, with its usual way."""
        basis, draft, form = self._open()
        draft = basis.with_terrain(draft, Terrain(name))
        self._form = form.shows(draft, "way")
        self._change(draft)

    def choose_rhythm(self, name: str) -> None:
        """Take another rhythm, with the days that it gives."""
        self._with_days(lambda basis, draft: basis.with_rhythm(draft, Rhythm(name)))

    def propose(self) -> None:
        """Fill in as many next free days as the work needs."""
        self._with_days(lambda basis, draft: basis.with_days(draft))

    def toggle_person(self, name: str) -> None:
        """Put somebody into the team, or out of it."""
        _, draft, _ = self._open()
        self._change(replace(draft, team=_toggled(draft.team, name)))

    def toggle_kit(self, name: str) -> None:
        """Take a kit along, or leave it here."""
        _, draft, _ = self._open()
        self._change(replace(draft, kits=_toggled(draft.kits, name)))

    def choose_house(self, name: str) -> None:
        """Show where the line under the cursor lies."""
        if name and name != self._house:
            self._house, self._spot_problem = name, Problem("")
            self._spot_text = self._spot()
            self._render()

    def move_house(self, name: str, by: int) -> None:
        """Visit a house earlier or later."""
        _, draft, _ = self._open()
        self._change(replace(draft, route=moved(draft.route, name, by)))

    def by_distance(self) -> None:
        """Order the houses by the shortest way."""
        basis, draft, _ = self._open()
        self._operate(Operation(work=lambda: basis.by_distance(draft), done=self._change, executor=COMPUTE))

    def type_spot(self, text: str) -> None:
        """Take over typed coordinates."""
        self._spot_text, self._spot_problem = text, Problem("")
        self._render()
        self._edited()

    def keep_spot(self) -> None:
        """Keep the typed coordinates of the house under the cursor."""
        target_id, text = "" if self._house == OFFICE else self._house, self._spot_text
        locate = partial(self._context.office.planning.locate, self._activity_id, target_id, text)
        told = message("rencana.located")
        self._operate(Operation(work=locate, told=lambda _: told, done=lambda _: self.start(), busy=_BUSY))

    def accept(self) -> None:
        """Save, and with that acknowledge every conflict that is shown."""
        _, draft, form = self._open()
        if form.problems or not self._may(Permission.PLAN):
            return
        seen = [conflict.code for conflict in self._conflicts]
        save = partial(self._context.office.planning.save, draft, seen)
        spot = {name: text for name, text in self.typed().items() if name in (_SPOT, _HOUSE)}
        self._act_on_draft(save, "rencana.saved", spot)

    def approve(self) -> None:
        """Approve the plan as kept."""
        if not self._not_to_approve():
            approve = partial(self._context.office.planning.approve, self._activity_id)
            self._act_on_draft(approve, "rencana.approved", self.typed())

    def direct(self) -> None:
        """Note the directions of the head."""
        _, draft, _ = self._open()
        direct = partial(self._context.office.planning.direct, self._activity_id, draft.direction)
        self._act_on_draft(direct, "rencana.directed", {})

    def _with_days(self, change: Callable[[PlanBasis, Plan], Plan]) -> None:
        basis, draft, form = self._open()
        draft = change(basis, draft)
        self._form = form.shows(draft, "days")
        self._change(draft)

    def _open(self) -> tuple[PlanBasis, Plan, PlanForm]:
        assert self._basis is not None
        assert self._draft is not None
        assert self._form is not None
        return self._basis, self._draft, self._form

    def _read(self, found: tuple[PlanBasis, Left | None]) -> None:
        self._basis, left = found
        begins, self._begun = self._draft is None, self._basis.refreshed(self._basis.draft())
        if self._draft is None or self._form is None:
            self._draft, self._form = self._begun, PlanForm.of(self._begun)
        self._spot_text = self._spot()
        self._take(self._draft)
        if begins:
            self._restore(left)
        else:
            self._edited()

    def _change(self, draft: Plan) -> None:
        self._take(draft)
        self._edited()

    def _take(self, draft: Plan) -> None:
        basis, _, _ = self._open()
        self._draft = basis.refreshed(draft)
        self._work = basis.estimate(self._draft)
        self._conflicts = basis.conflicts(self._draft, self._work)
        self._render()

    def _render(self) -> None:
        basis, draft, _ = self._open()
        work = self._work
        assert work is not None
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                where=message("common.place_and_targets", place=basis.activity.place, targets=len(basis.targets)),
                problem=None,
                retry=None,
                tag=state_tag(basis.kept, is_changed=self._is_changed()),
                numbers=numbers_of(basis, draft, work),
                fields=self._fields(),
                terrain=draft.terrain.value,
                rhythm=draft.rhythm.value,
                may_plan=self._may(Permission.PLAN),
                team=team_lines(basis, draft),
                others=crew_choices(basis, draft),
                kits=kit_lines(basis, draft),
                vehicles=basis.vehicles,
                conflicts=(
                    *(conflict_words(basis, conflict) for conflict in self._conflicts),
                    *unqualified(basis, draft),
                ),
                route=route_lines(basis, draft, work),
                spot=self._spot_field(),
                keyed=(
                    self._leads("show_staff", message("common.staff"), Action.STAFF, "staff"),
                    self._leads("show_calendar", message("common.calendar"), Action.CALENDAR, "calendar_days"),
                ),
                bar=self._bar(),
            )
        )

    def _leads(self, name: str, words: Message, act: Action, screen: str) -> Command:
        return Command(name, words, act, Weight.PLAIN, runs=opens(self._navigator, screen))

    def _fields(self) -> tuple[FormField, ...]:
        _, _, form = self._open()
        return tuple(
            FormField(
                name,
                message(f"rencana.{name}"),
                text,
                _HINTS.get(name, ""),
                problem=form.problems.get(name, ""),
                refused="" if self._may(_WRITER.get(name, Permission.PLAN)) else message("rencana.not_planner"),
            )
            for name, text in form.values.items()
        )

    def _spot(self) -> str:
        basis, _, _ = self._open()
        spot = basis.office if self._house == OFFICE else basis.spots.get(self._house)
        return str(spot) if spot else ""

    def _spot_field(self) -> FormField:
        basis, _, _ = self._open()
        name = next((target.name for target in basis.targets if target.target_id == self._house), "")
        label = message("rencana.spot", name=name) if name else message("rencana.spot_office")
        problem: Message = self._spot_problem if self._spot_problem.code else ""
        return FormField("spot", label, self._spot_text, message("rencana.spot_hint"), problem=problem)

    def _is_changed(self) -> bool:
        """Return whether the draft differs from what is kept; who does not plan has no draft of their own."""
        basis, draft, _ = self._open()
        if basis.kept is None or not self._may(Permission.PLAN):
            return False
        return replace(draft, direction=basis.kept.direction) != basis.kept

    def _bar(self) -> Bar:
        basis, _, form = self._open()
        approve = Command(
            "approve", message("rencana.approve"), Action.APPROVE, refused=self._not_to_approve(), runs=self.approve
        )
        if not self._may(Permission.PLAN):
            if not self._may(Permission.APPROVE):
                return Bar(leave(self.back), (), message("rencana.not_planner"))
            refused: Message = "" if basis.kept else message("rencana.save_first")
            direct = Command("direct", message("rencana.direct"), Action.DIRECT, refused=refused, runs=self.direct)
            return Bar(leave(self.back), (*((direct,) if self._may(Permission.DIRECT) else ()), _primary(approve)))
        save = message("rencana.save_anyway" if self._conflicts else "common.save")
        unread: Message = message("rencana.unreadable") if form.problems else ""
        accept = Command("accept", save, Action.ACCEPT, Weight.PRIMARY, unread, runs=self.accept)
        route = Command("by_distance", message("rencana.by_distance"), Action.ROUTE, runs=self.by_distance)
        propose = Command("propose", message("rencana.propose"), Action.PROPOSE, runs=self.propose)
        return Bar(leave(self.back), (route, propose, approve, accept))

    def _not_to_approve(self) -> Message:
        basis, _, _ = self._open()
        if not self._may(Permission.APPROVE):
            return message("rencana.not_approver")
        if basis.kept is None or self._is_changed():
            return message("rencana.save_first")
        if not basis.kept.team:
            return message("rencana.no_team")
        if unfit := unfit_items(basis.kept, basis.lacking):
            return message("rencana.kit_without", items=unfit)
        return message("rencana.approved_already") if basis.kept.approved_by else ""

    def _may(self, permission: Permission) -> bool:
        return self._context.user.may(permission)

    def _act_on_draft(self, act: Callable[[], object], told: str, left: Mapping[str, str]) -> None:
        def done(_result: object) -> None:
            self._draft = None
            self._become(replace(self.state, stage=Stage.BUSY))  # until it was read
            self.start()

        self._keep_typed(Operation(work=act, told=lambda _: message(told), done=done, busy=_BUSY), left)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if problem.code.startswith("plan.spot_"):
            self._spot_problem = problem
            self._render()
        else:
            again = Command("refresh", message("act.refresh"), Action.REFRESH, runs=self.refresh)
            self._become(replace(self.state, retry=again))


def _toggled(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return tuple(n for n in names if n != name) if name in names else (*names, name)


def _primary(action: Command) -> Command:
    return replace(action, act=Action.ACCEPT, weight=Weight.PRIMARY)


_SPOT, _HOUSE = "spot", "house"  # of a draft, beside what is changed in the plan
_WRITER = {"direction": Permission.DIRECT}
