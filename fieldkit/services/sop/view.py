"""What a screen needs of an SOP run, in one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission, Role, Staff, User, qualified
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sop.profile import (
    Branch,
    Declaration,
    Fulfilment,
    Sla,
    SopActors,
    SopProfile,
    SopStep,
    StandardTime,
    StepRoles,
    roles_of,
)
from fieldkit.domain.sop.run import Filed, Overtime, Round, SopRun, StepNote, StepState
from fieldkit.domain.sop.standing import (
    How,
    Lack,
    Papers,
    how_of,
    lacks_of,
    left_by_steps,
    papers_among,
)
from fieldkit.domain.sop.standing import (
    is_known as is_known_input,
)
from fieldkit.domain.sop.times import OfficeClock, waits_of
from fieldkit.ports.documents import SopProfiles
from fieldkit.ports.store import Unit
from fieldkit.services.unit_of_work import UnitsOfWork

# What the document of an SOP says besides its steps, beside who of a team has what it asks of people.


@dataclass(frozen=True, slots=True)
class SopPage:
    """An SOP to read. `people` are the names of the team, or of the whole staff, per qualification in its order."""

    profile: SopProfile
    people: tuple[tuple[str, ...], ...]
    is_team: bool


class ReadDocument:
    """Reads SOPs as documents."""

    def __init__(self, units: UnitsOfWork, profiles: SopProfiles) -> None:
        self._units, self._profiles = units, profiles

    def page(self, activity_id: str, sop_id: str = "") -> SopPage:
        """Return the SOP that an activity follows, in the edition it began with, else the one with this id.

        Raise `RuleError("sop.unknown")`.
        """
        with self._units.read() as unit:
            profile = profile_of(unit, activity_id) or self._known(sop_id)
            plan = unit.repository(Plan).find(activity_id)
            staff = tuple(unit.repository(Staff).search())
        team = plan.team if plan is not None else ()
        crew = tuple(each for each in staff if not team or each.thing_id in team)
        return SopPage(profile, tuple(_names(crew, words) for words in profile.document.qualifications), bool(team))

    def qualifications(self) -> tuple[str, ...]:
        """Return what any SOP asks of people, each once, as the documents have it."""
        wanted = (words for profile in self._profiles.read().profiles for words in profile.document.qualifications)
        return tuple(sorted(dict.fromkeys(wanted), key=str.casefold))

    def _known(self, sop_id: str) -> SopProfile:
        found = next((each for each in self._profiles.read().profiles if each.sop_id == sop_id), None)
        if found is None:
            raise RuleError("sop.unknown", sop=sop_id)
        return found


def profile_of(unit: Unit, activity_id: str) -> SopProfile | None:
    """Return the SOP that an activity follows, None for none."""
    run = unit.repository(SopRun).find(activity_id)
    return run.profile if run is not None else None


def _names(crew: tuple[Staff, ...], words: str) -> tuple[str, ...]:
    return tuple(sorted(each.name for each in qualified(crew, words)))


class Turn(StrEnum):
    """Whether the signed-in user can do something about a step, and why not."""

    YOURS = "yours"
    RECORD = "record"  # somebody without account acts, and you may write it down
    WAITS = "waits"  # for `waits_for`
    OTHERS = "others"  # another account's: `roles`
    OUTSIDE = "outside"  # somebody without account acts, and others write it down: `roles`
    ITSELF = "itself"  # ends when all else is over
    OVER = "over"


@dataclass(frozen=True, slots=True)
class ActorView:
    """Somebody's part in a step, by the column's name."""

    column: str
    part: str
    confidence: float
    is_outsider: bool


@dataclass(frozen=True, slots=True)
class InputView:
    """A kelengkapan. `may_tick`: nothing in the program knows of it."""

    name: str
    is_there: bool
    may_tick: bool


@dataclass(frozen=True, slots=True)
class PaperView:
    """A letter of this activity."""

    letter_id: str
    kind: LetterKind
    title: str
    state: LetterState


@dataclass(frozen=True, slots=True)
class OutputView:
    """What a step leaves behind; `kinds` are the papers to write for it, `papers` those that exist."""

    name: str
    is_there: bool
    kinds: tuple[LetterKind, ...]
    papers: tuple[PaperView, ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note with its writer's name."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class WaitView:
    """A time in which a step waited, in minutes of office hours; without `until` it still does."""

    whom: str
    since: datetime
    until: datetime | None
    minutes: int


@dataclass(frozen=True, slots=True)
class RoundView:
    """One time through a step, in names."""

    state: StepState
    opened_because: str
    started_at: datetime | None
    ended_at: datetime | None
    waits: tuple[WaitView, ...]
    overtime: tuple[Overtime, ...]
    by: str  # the name of the account, "" when it ended by itself
    role: Role | None
    outsider: str
    reason: str  # of an override or a skip
    branch: str
    fact: Fulfilment | None  # what completed it without anybody ticking it
    is_early: bool  # it ended before its turn
    evidence: tuple[str, ...]
    files: tuple[Filed, ...]
    declared: Declaration | None
    facts: tuple[Fulfilment, ...]  # heard in this round


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the timeline."""

    no: int
    words: str
    title: str  # short
    state: StepState
    turn: Turn
    waits_for: tuple[int, ...]
    doer: str  # the column, "" for a terminator
    roles: tuple[Role, ...]  # accounts that do it, or record it for an outsider
    is_outsider: bool
    is_mine: bool  # to do or to write down, whatever stands before it
    actors: tuple[ActorView, ...]
    inputs: tuple[InputView, ...]
    outputs: tuple[OutputView, ...]
    standard: StandardTime | None
    varies_with: str
    per: str
    minutes: int | None  # real, of office hours, all rounds; None without a noted start
    on_hold: str  # for whom it waits now, though it had begun
    beside: tuple[int, ...]
    branches: tuple[Branch, ...]
    awaited: tuple[tuple[Fulfilment, ...], ...]  # facts that would complete it; one of each group is enough
    remarks: tuple[str, ...]
    refers_to: str
    is_terminator: bool
    notes: tuple[NoteView, ...]
    rounds: tuple[RoundView, ...]  # oldest first; the last one counts
    how: How
    lacks: tuple[Lack, ...]

    @property
    def now(self) -> RoundView:
        """Return the round that counts."""
        return self.rounds[-1]

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is missing of it, for programs."""
        return tuple(each.words for each in self.lacks)

    @property
    def is_slow(self) -> bool:
        """Return whether it took longer than its standard; never for a standard per recording."""
        if self.standard is None or self.minutes is None or self.per:
            return False
        return self.minutes > self.standard.limit


@dataclass(frozen=True, slots=True)
class SopView:
    """The whole run."""

    activity_id: str
    sop_id: str
    number: str
    name: str  # short
    office: str
    begun_at: datetime
    steps: tuple[StepView, ...]
    sla: tuple[Sla, ...]
    is_finished: bool
    may_override: bool
    standard_minutes: int
    minutes: int  # real, of the steps that could be measured
    left: tuple[Lack, ...]  # what is open when every step is over

    @property
    def done(self) -> int:
        """Return how many steps are over."""
        return sum(step.state in (StepState.DONE, StepState.SKIPPED) for step in self.steps)

    @property
    def by_word(self) -> int:
        """Return how many steps ended by somebody's word, done or left out."""
        return sum(step.how in (How.DECLARED, How.SKIPPED) for step in self.steps)

    @property
    def my_turn(self) -> tuple[StepView, ...]:
        """Return the steps that the signed-in user can go on with."""
        return tuple(step for step in self.steps if step.turn in (Turn.YOURS, Turn.RECORD))


def turn_of(run: SopRun, no: int, user: User, actors: SopActors | None) -> Turn:
    """Return whether a step is the user's."""
    roles = roles_of(run.profile, no, actors)
    if run.of(no).now.is_over:
        return Turn.OVER
    if run.profile.step(no).ends_itself:
        return Turn.ITSELF
    is_outside = not roles.roles and bool(roles.recorded_by)
    if user.role not in (roles.recorded_by if is_outside else roles.roles):
        return Turn.OUTSIDE if is_outside else Turn.OTHERS
    if run.state(no) is StepState.WAITING:
        return Turn.WAITS
    return Turn.RECORD if is_outside else Turn.YOURS


def view_of(
    run: SopRun,
    user: User,
    actors: SopActors | None,
    users: Sequence[User],
    letters: Sequence[Letter],
    office: OfficeClock,
    now: datetime,
    left: tuple[Lack, ...] = (),
    *,
    is_official: bool = False,
) -> SopView:
    """Return what a screen shows of a run to this user; `left` is what the activity leaves open outside its steps.

    `is_official` says that its people are recorded in the official application.
    """
    kinds = papers_among(letters, is_official=is_official)
    names = {each.user_id: each for each in users}
    papers = tuple(
        PaperView(each.thing_id, each.letter, each.title, each.state)
        for each in letters
        if each.state is not LetterState.VOID
    )
    profile = run.profile
    minutes = {step.no: office.real_minutes(run.of(step.no).times, step.standard) for step in profile.steps}
    return SopView(
        activity_id=run.activity_id,
        sop_id=profile.sop_id,
        number=profile.number,
        name=profile.title,
        office=profile.office,
        begun_at=run.begun_at,
        steps=tuple(
            replace(
                _step_view(run, step, turn_of(run, step.no, user, actors), mine, names),
                minutes=minutes[step.no],
                rounds=tuple(_round(run, step.no, each, names, office, now) for each in run.of(step.no).rounds),
                inputs=_inputs(run, step, kinds),
                outputs=_outputs(step, how_of(run, step.no, kinds), papers, kinds),
                how=how_of(run, step.no, kinds, left),
                lacks=lacks_of(run, step.no, kinds, left),
                is_mine=user.role in (*mine.roles, *mine.recorded_by),
            )
            for step in profile.steps
            for mine in (roles_of(profile, step.no, actors),)
        ),
        sla=profile.sla,
        is_finished=run.is_finished,
        may_override=user.may(Permission.SKIP_STEPS),
        standard_minutes=profile.standard_minutes,
        minutes=sum(each or 0 for each in minutes.values()),
        left=(*left, *left_by_steps(run, kinds)),
    )


def _step_view(
    run: SopRun,
    step: SopStep,
    turn: Turn,
    roles: StepRoles,
    names: Mapping[str, User],
) -> StepView:
    mine = run.of(step.no)
    return StepView(
        no=step.no,
        words=step.words,
        title=step.title,
        state=run.state(step.no),
        turn=turn,
        waits_for=run.waits_for(step.no),
        doer=step.doer.column if step.doer else "",
        roles=roles.roles or roles.recorded_by,
        is_outsider=not roles.roles and bool(roles.recorded_by),
        is_mine=False,
        actors=tuple(
            ActorView(a.column, a.part, a.confidence, run.profile.column(a.column).is_outsider) for a in step.actors
        ),
        inputs=(),
        outputs=(),
        standard=step.standard,
        varies_with=step.varies_with,
        per=step.per,
        minutes=None,
        on_hold=mine.now.hold.whom if mine.now.hold else "",
        beside=tuple(other.no for other in run.profile.steps if other.no in step.beside or step.no in other.beside),
        branches=step.branches,
        awaited=() if mine.now.is_over else run.lacks(step.no),
        remarks=step.remarks,
        refers_to=step.refers_to,
        is_terminator=step.is_terminator,
        notes=tuple(_note(note, names) for note in mine.notes),
        rounds=(),
        how=How.OPEN,
        lacks=(),
    )


def _inputs(run: SopRun, step: SopStep, kinds: Papers) -> tuple[InputView, ...]:
    now = run.of(step.no).now
    views = []
    for wanted in step.inputs:
        is_known, is_ticked = is_known_input(run, wanted, kinds), wanted.name in now.ticked
        views.append(InputView(wanted.name, is_known or is_ticked, not is_known and not is_ticked))
    return tuple(views)


def _outputs(step: SopStep, how: How, papers: Sequence[PaperView], kinds: Papers) -> tuple[OutputView, ...]:
    """Return the outputs; what no paper shows is there when the program saw the step happen."""
    views = []
    for output in step.outputs:
        wanted = (*output.papers, *output.drafts)
        mine = tuple(paper for paper in papers if paper.kind in wanted)
        is_there = kinds.show(output) if wanted else how in (How.FULFILLED, How.INCOMPLETE)
        views.append(OutputView(output.name, is_there, wanted, mine))
    return tuple(views)


def _note(note: StepNote, names: Mapping[str, User]) -> NoteView:
    return NoteView(note.at, names[note.by].name if note.by in names else "", note.text)


def _round(
    run: SopRun, no: int, each: Round, names: Mapping[str, User], office: OfficeClock, now: datetime
) -> RoundView:
    ending = each.ending
    who = names.get(ending.by) if ending else None
    return RoundView(
        state=each.state,
        opened_because=each.opened_because,
        started_at=each.started_at,
        ended_at=ending.at if ending else None,
        waits=tuple(
            WaitView(wait.whom, wait.began_at, wait.ended_at, office.minutes(wait.began_at, wait.ended_at or now))
            for wait in waits_of(run, no, each)
        ),
        overtime=each.overtime,
        by=who.name if who else "",
        role=who.role if who else None,
        outsider=ending.outsider if ending else "",
        reason=ending.reason if ending else "",
        branch=ending.branch if ending else "",
        fact=ending.fact if ending else None,
        is_early=ending is not None and each.ready_at is None,
        evidence=ending.evidence if ending else (),
        files=ending.files if ending else (),
        declared=ending.declared if ending else None,
        facts=each.facts,
    )
