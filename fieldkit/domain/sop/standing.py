"""How a step came to its end, and what is still missing of it: a fact is not a word, and a word is not a paper."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from operator import attrgetter
from typing import ClassVar, TypeVar

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.profile import Fulfilment, SopActors, StepInput, StepOutput, roles_of
from fieldkit.domain.sop.run import Ending, FactHeard, Hold, Round, SopRun, StepRun, StepState, StepTime

# Two laptops followed the SOP of one activity without knowing of each other: what both did counts.
#
# Step by step, round by round. Only when both ended one step in different ways (done here and skipped there, another
# branch, another outsider) nobody but a person can say what is true.

T = TypeVar("T")


def merged_runs(one: SopRun, other: SopRun) -> SopRun | None:
    """Return the run with the steps of both, None when a person has to decide. The order of the two does not matter."""
    if one.profile != other.profile:
        return None
    steps = [_steps(mine, other.of(mine.no)) for mine in one.steps]
    begun_at, begun_by = min((one.begun_at, one.begun_by), (other.begun_at, other.begun_by))
    run = replace(
        one,
        begun_at=begun_at,
        begun_by=begun_by,
        steps=tuple(step for step in steps if step is not None),
        facts=_facts((*one.facts, *other.facts)),
    )
    return run.recomputed() if len(run.steps) == len(steps) else None


def _steps(one: StepRun, other: StepRun) -> StepRun | None:
    rounds = [
        _rounds(mine, theirs) if mine and theirs else mine or theirs
        for mine, theirs in zip_longest(one.rounds, other.rounds)
    ]
    if any(each is None for each in rounds):
        return None
    notes = sorted({*one.notes, *other.notes}, key=lambda note: (note.at, note.by, note.text))
    return replace(one, rounds=tuple(each for each in rounds if each is not None), notes=tuple(notes))


def _rounds(one: Round, other: Round) -> Round | None:
    ending = _endings(one.ending, other.ending)
    if ending is None and one.is_over:  # both are then, and contradict each other
        return None
    ended = {each.state for each in (one, other) if each.is_over}
    if len(ended) > 1:
        return None
    begun = [(each.started_at, each.started_by) for each in (one, other) if each.started_at is not None]
    started_at, started_by = min(begun, default=(None, ""))
    is_running = StepState.RUNNING in (one.state, other.state)
    return Round(
        opened_because=max(one.opened_because, other.opened_because),
        started_at=started_at,
        started_by=started_by,
        ready_at=_earliest((one.ready_at, other.ready_at)),
        state=ended.pop() if ended else StepState.RUNNING if is_running else StepState.WAITING,
        ending=ending,
        facts=tuple(sorted({*one.facts, *other.facts}, key=list(Fulfilment).index)),
        ticked=tuple(sorted({*one.ticked, *other.ticked})),
        holds=_holds((*one.holds, *other.holds)),
        overtime=tuple(sorted({*one.overtime, *other.overtime}, key=attrgetter("began_at", "ended_at", "by"))),
    )


def _holds(both: Iterable[Hold]) -> tuple[Hold, ...]:
    """Return the holds of two laptops; one of them may know already when a hold ended."""
    known: dict[tuple[datetime, str, str], Hold] = {}
    for each in both:
        key = (each.began_at, each.whom, each.by)
        ended_at = _earliest((each.ended_at, known.get(key, each).ended_at))
        known[key] = replace(each, ended_at=ended_at)
    return tuple(known[key] for key in sorted(known))


def _endings(one: Ending | None, other: Ending | None) -> Ending | None:
    """Return the earlier ending with the evidence of both, None when they contradict each other or there is none."""
    if one is None or other is None:
        return one or other
    if (one.outsider, one.reason, one.branch) != (other.outsider, other.reason, other.branch):
        return None
    said = [each.declared for each in (one, other) if each.declared is not None]
    if len(set(said)) > 1:
        return None
    first = min(one, other, key=lambda ending: (ending.at, ending.by, ending.fact or ""))
    files = {file.attachment_id: file for file in (*one.files, *other.files)}
    return replace(
        first,
        evidence=tuple(sorted({*one.evidence, *other.evidence})),
        files=tuple(files[name] for name in sorted(files)),
        declared=said[0] if said else None,
    )


def _facts(heard: Iterable[FactHeard]) -> tuple[FactHeard, ...]:
    known: dict[Fulfilment, FactHeard] = {}
    for each in heard:
        same = known.get(each.fact, each)
        evidence = tuple(sorted({*same.evidence, *each.evidence}))
        known[each.fact] = FactHeard(each.fact, min(same.first_at, each.first_at), evidence)
    return tuple(known[fact] for fact in Fulfilment if fact in known)


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


class How(StrEnum):
    """How a step ended."""

    OPEN = "open"  # it did not
    FULFILLED = "fulfilled"  # by what the program saw, and the papers of its own
    INCOMPLETE = "incomplete"  # seen, but a paper is missing; the last step: something is left open
    DECLARED = "declared"  # by a person's word
    SKIPPED = "skipped"


class Missing(StrEnum):
    """What can be missing."""

    FACT = "fact"
    OUTPUT = "output"
    INPUT = "input"
    WHO = "who"  # of a declaration
    WHY = "why"
    EVIDENCE = "evidence"
    TARGETS = "targets"  # of the whole activity: nobody went there yet
    REVISITS = "revisits"
    UNSENT = "unsent"
    SARPRAS = "sarpras"  # out and not counted


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that is missing: a fact (of several one is enough), an output, an input, or so many of something."""

    kind: Missing
    name: str = ""
    count: int = 0
    facts: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """Return it for programs: "output Jadwal", "fact notice_sent|coordinated", "revisits 2"."""
        told = "|".join(self.facts) or self.name or (str(self.count) if self.count else "")
        return f"{self.kind.value} {told}".strip()


# Papers of a sealed recording. Where people are recorded in the official application none is made, and the facts of the
# step stand for them.
_OF_SEALS = frozenset({LetterKind.BUKTI_PEREKAMAN, LetterKind.BA_PENGIRIMAN})


@dataclass(frozen=True, slots=True)
class Papers:
    """The kinds of paper that an activity has, one for each paper: issued, and at least begun."""

    issued: tuple[LetterKind, ...] = ()
    begun: tuple[LetterKind, ...] = ()
    not_ours: frozenset[LetterKind] = frozenset()  # that the official application makes, if anybody

    def show(self, output: StepOutput) -> bool:
        """Return whether every paper of an output is there, beside those that are earlier steps' own."""
        ours = (kind for kind in output.papers if kind not in self.not_ours)
        return all(self.issued.count(kind) >= output.nth for kind in ours) and all(
            self.begun.count(kind) >= output.nth for kind in output.drafts
        )


NO_PAPERS = Papers()


def papers_among(letters: Iterable[Letter], *, is_official: bool = False) -> Papers:
    """Return the kinds of these letters of an activity, recorded in the official application or here.

    What was made void is no paper.
    """
    begun = [each for each in letters if each.state is not LetterState.VOID]
    issued = tuple(each.letter for each in begun if each.state is LetterState.ISSUED)
    return Papers(issued, tuple(each.letter for each in begun), _OF_SEALS if is_official else frozenset())


def how_of(run: SopRun, no: int, papers: Papers, left_open: tuple[Lack, ...] = ()) -> How:
    """Return how a step ended; `left_open` is what the activity as a whole leaves."""
    step, now = run.profile.step(no), run.of(no).now
    if not now.is_over:
        return How.OPEN
    if now.state is StepState.SKIPPED:
        return How.SKIPPED
    if step.ends_itself:
        others = {how_of(run, other.no, papers) for other in run.profile.steps if other.no != no}
        if How.DECLARED in others:
            return How.DECLARED  # the end stands on somebody's word too
        return How.INCOMPLETE if left_open or others != {How.FULFILLED} else How.FULFILLED
    if not step.fulfilled_by or run.lacks(no):
        return How.DECLARED
    return How.FULFILLED if all(map(papers.show, step.outputs)) else How.INCOMPLETE


def lacks_of(run: SopRun, no: int, papers: Papers, left_open: tuple[Lack, ...] = ()) -> tuple[Lack, ...]:
    """Return what is missing of a step that began or is over; of the last one, what the activity leaves open."""
    step, now = run.profile.step(no), run.of(no).now
    if step.ends_itself:
        return (*left_open, *left_by_steps(run, papers)) if now.is_over else ()
    how = how_of(run, no, papers)
    return (
        *(Lack(Missing.FACT, facts=tuple(fact.value for fact in group)) for group in run.lacks(no)),
        *(Lack(Missing.OUTPUT, each.name) for each in step.outputs if not papers.show(each)),
        *(Lack(Missing.INPUT, each.name) for each in step.inputs if not is_there(run, now, each, papers)),
        *(_unsaid(now) if how is How.DECLARED else ()),
    )


def is_there(run: SopRun, now: Round, wanted: StepInput, papers: Papers) -> bool:
    """Return whether an input is there: known to the program, or ticked by somebody."""
    return wanted.name in now.ticked or is_known(run, wanted, papers)


def is_known(run: SopRun, wanted: StepInput, papers: Papers) -> bool:
    """Return whether the program itself knows that an input is there."""
    return bool(
        not set(wanted.papers).isdisjoint(papers.issued)
        or any(run.heard(fact) for fact in wanted.facts)
        or any(run.of(no).now.state is StepState.DONE for no in wanted.steps)
    )


def left_by_steps(run: SopRun, papers: Papers) -> tuple[Lack, ...]:
    """Return the outputs that steps which are over left without their papers, each once."""
    missing = (
        each.name
        for step in run.profile.steps
        if run.of(step.no).now.is_over
        for each in step.outputs
        if not papers.show(each)
    )
    return tuple(Lack(Missing.OUTPUT, name) for name in dict.fromkeys(missing))


def left_in_the_field(count: OutreachCount, *, is_sarpras_out: bool) -> tuple[Lack, ...]:
    """Return what an activity leaves open outside its steps."""
    numbers = (
        (Missing.TARGETS, count.waiting),
        (Missing.REVISITS, count.revisit),
        (Missing.UNSENT, count.unsent),
        (Missing.SARPRAS, int(is_sarpras_out)),
    )
    return tuple(Lack(kind, count=number) for kind, number in numbers if number)


def _unsaid(now: Round) -> Iterator[Lack]:
    """Yield what a word lacks; older programs asked for none of it."""
    ending = now.ending
    if ending is None:
        return
    if not (ending.declared or ending.by or ending.outsider):
        yield Lack(Missing.WHO)
    if not (ending.declared or ending.reason):
        yield Lack(Missing.WHY)
    if not (ending.files or ending.evidence or (ending.declared and ending.declared.letter)):
        yield Lack(Missing.EVIDENCE)


# What lists show of a run without reading it whole: how far it is, and whose turn comes next.


@dataclass(frozen=True, slots=True)
class StepGlance:
    """A step whose turn it is. `wanted` are the facts that would complete it, () where somebody says so by hand."""

    no: int
    words: str
    column: str  # as printed: "Kepala Dinas"
    state: StepState
    roles: tuple[Role, ...] = ()
    recorded_by: tuple[Role, ...] = ()  # of an outsider's step
    wanted: tuple[Fulfilment, ...] = ()

    def is_turn_of(self, role: Role) -> bool:
        """Return whether an account of this role does the step, or records what an outsider did."""
        return role in self.roles or role in self.recorded_by


@dataclass(frozen=True, slots=True)
class StepEnd:
    """A step that is over without having been fulfilled, and what is missing of it."""

    no: int
    words: str
    how: How
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class SopGlance:
    """Written together with its run, whose id is its own; it holds nothing that the run does not."""

    KIND: ClassVar[str] = "sop_glance"

    thing_id: str
    activity_id: str
    sop_id: str
    name: str
    total: int
    done: int  # steps that are over, skipped ones too
    turn: tuple[StepGlance, ...]
    ends: tuple[StepEnd, ...] = ()  # of steps that are over otherwise than by facts and their papers
    left: tuple[Lack, ...] = ()  # outputs that have no paper
    is_sarpras_out: bool = False
    times: tuple[StepTime, ...] = ()  # for reports, which count the steps of all runs

    @property
    def words(self) -> str:
        """Name of the SOP."""
        return self.name

    @property
    def is_finished(self) -> bool:
        """Return whether every step is over."""
        return self.done == self.total

    @property
    def by_word(self) -> int:
        """Return how many steps ended by somebody's word, done or left out."""
        return sum(end.how in (How.DECLARED, How.SKIPPED) for end in self.ends)

    @property
    def next(self) -> StepGlance | None:
        """Return the first step whose turn it is."""
        return self.turn[0] if self.turn else None

    def turn_of(self, role: Role) -> StepGlance | None:
        """Return the first step that waits for an account of this role."""
        return next((step for step in self.turn if step.is_turn_of(role)), None)


def glance_of(
    run: SopRun, actors: SopActors | None = None, papers: Papers = NO_PAPERS, *, is_sarpras_out: bool = False
) -> SopGlance:
    """Return what lists show of a run; `actors` are those that the dinas set."""
    over = [step.no for step in run.steps if step.now.is_over]
    profile = run.profile
    return SopGlance(
        thing_id=run.thing_id,
        activity_id=run.activity_id,
        sop_id=profile.sop_id,
        name=profile.title,
        total=len(run.steps),
        done=len(over),
        turn=tuple(_step(run, no, actors) for no in run.ready if not profile.step(no).ends_itself),
        ends=tuple(_end(run, no, papers) for no in over if how_of(run, no, papers) is not How.FULFILLED),
        left=left_by_steps(run, papers),
        is_sarpras_out=is_sarpras_out,
        times=run.times,
    )


def _end(run: SopRun, no: int, papers: Papers) -> StepEnd:
    return StepEnd(no, run.profile.step(no).title, how_of(run, no, papers), lacks_of(run, no, papers))


def _step(run: SopRun, no: int, actors: SopActors | None) -> StepGlance:
    step, who = run.profile.step(no), roles_of(run.profile, no, actors)
    column = step.doer.column if step.doer else ""
    wanted = tuple(fact for group in run.lacks(no) for fact in group)
    return StepGlance(no, step.title, column, run.state(no), who.roles, who.recorded_by, wanted)
