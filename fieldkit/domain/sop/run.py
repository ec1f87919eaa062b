"""An SOP as it runs in one activity. Pure: every act returns the run that follows.

A step waits until those before it are over, unless the profile lets them run beside each other. What the program itself
knows (a fact) completes a step even before its turn, because life does not keep the order; that is kept and shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.errors import RuleError
from fieldkit.domain.sop.profile import Branch, Declaration, Fulfilment, SopProfile, SopStep


class StepState(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that staff kept as evidence; its bytes are an attachment of the run."""

    attachment_id: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a step came to its end. An outsider's act has the outsider's name, an override or a skip has its reason."""

    at: datetime
    by: str  # user_id, "" when the program saw by itself that it is over
    outsider: str = ""
    reason: str = ""
    fact: Fulfilment | None = None
    branch: str = ""
    evidence: tuple[str, ...] = ()  # ids of things that other parts of the program keep
    files: tuple[Filed, ...] = ()
    declared: Declaration | None = None  # None: a fact ended it, or an older program that asked for nothing


@dataclass(frozen=True, slots=True)
class Hold:
    """A time in which a step that had begun waited for somebody; without `ended_at` it lasts until the step ends."""

    whom: str
    by: str  # user_id of who wrote it down
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Overtime:
    """A time in which somebody worked on a step; only what lies outside office hours adds to its real time."""

    by: str  # user_id of who wrote it down
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class StepTime:
    """One time through a step, from its noted start or first act to its end."""

    no: int
    ended_at: datetime
    began_at: datetime | None = None  # None: nobody noted a start
    holds: tuple[Hold, ...] = ()
    overtime: tuple[Overtime, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One time through a step; a repeated step has several."""

    opened_because: str = ""  # why it is done again
    started_at: datetime | None = None
    started_by: str = ""
    ready_at: datetime | None = None  # when its turn had come; None for an end before that
    state: StepState = StepState.WAITING  # RUNNING, DONE or SKIPPED; else not begun
    ending: Ending | None = None
    facts: tuple[Fulfilment, ...] = ()  # those heard after it was said to be done too
    ticked: tuple[str, ...] = ()  # names of inputs
    holds: tuple[Hold, ...] = ()  # oldest first
    overtime: tuple[Overtime, ...] = ()

    @property
    def is_over(self) -> bool:
        """Return whether it was done or skipped."""
        return self.ending is not None

    @property
    def hold(self) -> Hold | None:
        """Return for whom it waits now."""
        is_held = not self.is_over and bool(self.holds) and self.holds[-1].ended_at is None
        return self.holds[-1] if is_held else None


@dataclass(frozen=True, slots=True)
class StepNote:
    """What somebody wrote beside a step."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class StepRun:
    """What happened with one step."""

    no: int
    rounds: tuple[Round, ...] = (Round(),)
    notes: tuple[StepNote, ...] = ()

    @property
    def now(self) -> Round:
        """Return the round that counts."""
        return self.rounds[-1]

    @property
    def times(self) -> tuple[StepTime, ...]:
        """Return the rounds that came to an end and were not left out."""
        return tuple(
            StepTime(self.no, each.ending.at, each.started_at, each.holds, each.overtime)
            for each in self.rounds
            if each.ending is not None and each.state is not StepState.SKIPPED
        )


@dataclass(frozen=True, slots=True)
class FactHeard:
    """A fact of this activity, and what shows it."""

    fact: Fulfilment
    first_at: datetime
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SopRun:
    """The one run of an activity; its id is the activity's. It keeps its profile: a later edition changes it not."""

    KIND: ClassVar[str] = "sop_run"

    thing_id: str
    activity_id: str
    profile: SopProfile
    begun_at: datetime
    begun_by: str
    steps: tuple[StepRun, ...]
    facts: tuple[FactHeard, ...] = ()

    @property
    def words(self) -> str:
        """Name and number of the SOP."""
        return f"{self.profile.name} {self.profile.number}"

    @property
    def is_finished(self) -> bool:
        """Return whether every step is over."""
        return all(step.now.is_over for step in self.steps)

    @property
    def times(self) -> tuple[StepTime, ...]:
        """Return the times of whatever was done after a noted start."""
        return tuple(each for step in self.steps for each in step.times if each.began_at is not None)

    @property
    def ready(self) -> tuple[int, ...]:
        """Return whose turn it is: the steps that may go on now."""
        return tuple(step.no for step in self.steps if self.state(step.no) in (StepState.READY, StepState.RUNNING))

    def of(self, no: int) -> StepRun:
        """Return one step. Raise `RuleError("sop.unknown_step")`."""
        self.profile.step(no)
        return next(step for step in self.steps if step.no == no)

    def state(self, no: int) -> StepState:
        """Return how far a step is."""
        now = self.of(no).now
        if now.state is not StepState.WAITING:
            return now.state
        return StepState.WAITING if self.waits_for(no) else StepState.READY

    def waits_for(self, no: int) -> tuple[int, ...]:
        """Return the steps that are not over yet and must be before this one."""
        return tuple(before for before in self.profile.before(no) if not self.of(before).now.is_over)

    def heard(self, fact: Fulfilment) -> FactHeard | None:
        """Return a fact of this activity when it was told."""
        return next((known for known in self.facts if known.fact is fact), None)

    def lacks(self, no: int) -> tuple[tuple[Fulfilment, ...], ...]:
        """Return the facts that a step still waits for; one of each group is enough."""
        told = set(self.of(no).now.facts)
        return tuple(group for group in self.profile.step(no).fulfilled_by if not told & set(group))

    def start(self, no: int, by: str, at: datetime) -> SopRun:
        """Begin a step. Raise `RuleError` for one that waits, is over or ends itself."""
        now = self._open(no)
        self._demand_turn(no)
        if now.state is StepState.RUNNING:
            raise RuleError("sop.already_started", step=no)
        return self._with(no, replace(now, started_at=at, started_by=by, state=StepState.RUNNING))

    def complete(self, no: int, ending: Ending) -> SopRun:
        """End a step, before its turn only with a reason. Raise `RuleError`, also when a decision is missing."""
        self._open(no)
        if not ending.reason:
            self._demand_turn(no)
        step = self.profile.step(no)
        branch = next((b for b in step.branches if b.when == ending.branch), None)
        if step.branches and branch is None:
            raise RuleError("sop.branch_needed", step=no)
        ended = self._end(no, StepState.DONE, ending)
        return (ended._follow(step, branch, ending) if branch else ended)._settled(ending.at)

    def skip(self, no: int, ending: Ending) -> SopRun:
        """Leave a step out. Raise `RuleError` without a reason and for what is over."""
        self._open(no)
        if not ending.reason.strip():
            raise RuleError("sop.reason_needed", step=no)
        return self._end(no, StepState.SKIPPED, ending)._settled(ending.at)

    def repeat(self, no: int, reason: str, at: datetime) -> SopRun:
        """Open a step that is over once more. Raise `RuleError` without a reason."""
        if self.profile.step(no).ends_itself:
            raise RuleError("sop.ends_itself", step=no)
        if not self.of(no).now.is_over:
            raise RuleError("sop.not_over", step=no)
        if not reason.strip():
            raise RuleError("sop.reason_needed", step=no)
        return self._again(no, reason)._settled(at)

    def note(self, no: int, note: StepNote) -> SopRun:
        """Write something beside a step."""
        step = self.of(no)
        return self._put(replace(step, notes=(*step.notes, note)))

    def hold(self, no: int, hold: Hold) -> SopRun:
        """Note for whom a step waits. Raise `RuleError` for one that does not run or waits already."""
        now = self._open(no)
        if now.state is not StepState.RUNNING:
            raise RuleError("sop.not_begun", step=no)
        if now.hold is not None:
            raise RuleError("sop.on_hold", step=no, who=now.hold.whom)
        return self._with(no, replace(now, holds=(*now.holds, hold)))

    def resume(self, no: int, at: datetime) -> SopRun:
        """Note that a step goes on. Raise `RuleError("sop.not_on_hold")`."""
        now = self._open(no)
        if now.hold is None:
            raise RuleError("sop.not_on_hold", step=no)
        return self._with(no, replace(now, holds=(*now.holds[:-1], replace(now.hold, ended_at=at))))

    def work_late(self, no: int, overtime: Overtime) -> SopRun:
        """Note when somebody worked on a step outside office hours. Raise `RuleError("sop.not_begun")`."""
        now = self.of(no).now
        if now.started_at is None:
            raise RuleError("sop.not_begun", step=no)
        return self._with(no, replace(now, overtime=(*now.overtime, overtime)))

    def tick(self, no: int, name: str) -> SopRun:
        """Say that an input is there. Raise `RuleError("sop.unknown_input")`."""
        now = self.of(no).now  # what was seen afterwards counts too
        if self.profile.step(no).ends_itself:
            raise RuleError("sop.ends_itself", step=no)
        if name not in [wanted.name for wanted in self.profile.step(no).inputs]:
            raise RuleError("sop.unknown_input", step=no, name=name)
        return self if name in now.ticked else self._with(no, replace(now, ticked=(*now.ticked, name)))

    def apply(self, fact: Fulfilment, by: str, at: datetime, evidence: str = "") -> SopRun:
        """Take in a fact: steps that have all they wait for are over, those that have a part of it run."""
        run = self._noted(fact, at, evidence)
        shown = (evidence,) if evidence else ()
        for step in self.profile.steps:
            if any(fact in group for group in step.fulfilled_by):
                run = run._hear_step(step, Ending(at, by, fact=fact, evidence=shown))
        return run._settled(at)

    def underway(self, fact: Fulfilment, by: str, at: datetime) -> SopRun:
        """Take in that a fact is on its way: the steps that wait for it run."""
        run = self
        for step in self.profile.steps:
            now = run.of(step.no).now
            if any(fact in group for group in step.fulfilled_by) and now.state is StepState.WAITING:
                running = replace(
                    now, started_at=at, started_by=by, state=StepState.RUNNING, ready_at=run.ready_since(step.no)
                )
                run = run._with(step.no, running)
        return run

    def recomputed(self) -> SopRun:
        """Return the run after two parts of it came together: steps that now have all they wait for are over."""
        run = self
        for step in self.profile.steps:
            now = run.of(step.no).now
            if now.facts and not now.is_over and not run.lacks(step.no):
                last = max((h for fact in now.facts if (h := run.heard(fact))), key=lambda heard: heard.first_at)
                run = run._hear_step(step, Ending(last.first_at, "", fact=last.fact))
        ends = (step.now.ending.at for step in run.steps if step.now.ending is not None)
        return run._settled(max(ends, default=run.begun_at))

    def _hear_step(self, step: SopStep, ending: Ending) -> SopRun:
        now = self.of(step.no).now
        assert ending.fact is not None
        facts = now.facts if ending.fact in now.facts else (*now.facts, ending.fact)
        if now.ending is not None:  # told once more, or said before it was told: what was said stays beside the fact
            more = tuple(e for e in ending.evidence if e not in now.ending.evidence)
            shown = replace(now.ending, evidence=(*now.ending.evidence, *more))
            return self._with(step.no, replace(now, ending=shown, facts=facts))
        run = self._with(step.no, replace(now, facts=facts))
        if not run.lacks(step.no):
            known = tuple(dict.fromkeys(e for f in facts if (h := run.heard(f)) for e in h.evidence))
            on = next((branch.when for branch in step.branches if branch.to > step.no), "")
            return run._end(step.no, StepState.DONE, replace(ending, evidence=known, branch=on))
        started = now.started_at or ending.at
        told = replace(run.of(step.no).now, state=StepState.RUNNING, started_at=started)
        return run._with(step.no, told)

    def _noted(self, fact: Fulfilment, at: datetime, evidence: str) -> SopRun:
        known = self.heard(fact) or FactHeard(fact, at)
        shown = known.evidence if not evidence or evidence in known.evidence else (*known.evidence, evidence)
        others = tuple(other for other in self.facts if other.fact is not fact)
        return replace(self, facts=(*others, replace(known, evidence=shown)))

    def _follow(self, step: SopStep, branch: Branch, ending: Ending) -> SopRun:
        """Go back to an earlier step, or on to a later one past those between."""
        run = self
        if branch.to <= step.no:
            for back in (s.no for s in self.profile.steps if branch.to <= s.no <= step.no):
                run = run._again(back, branch.when) if run.of(back).now.is_over else run
            return run
        passed = replace(ending, reason=branch.when, fact=None)
        for between in (s.no for s in self.profile.steps if step.no < s.no < branch.to):
            run = run if run.of(between).now.is_over else run._end(between, StepState.SKIPPED, passed)
        return run

    def _settled(self, at: datetime) -> SopRun:
        """End what ends itself when all else is over, and open it again when something was opened again."""
        run = self
        for step in (step for step in self.profile.steps if step.ends_itself):
            others = all(other.now.is_over for other in run.steps if other.no != step.no)
            if others and not run.of(step.no).now.is_over:
                run = run._end(step.no, StepState.DONE, Ending(at, ""))
            elif not others and run.of(step.no).now.is_over:
                run = run._again(step.no, "")
        return run

    def _open(self, no: int) -> Round:
        now = self.of(no).now
        if self.profile.step(no).ends_itself:
            raise RuleError("sop.ends_itself", step=no)
        if now.is_over:
            raise RuleError("sop.already_over", step=no)
        return now

    def _demand_turn(self, no: int) -> None:
        if self.of(no).now.state is StepState.WAITING and (waits := self.waits_for(no)):
            raise RuleError("sop.not_your_turn", step=no, before=", ".join(map(str, waits)))

    def _end(self, no: int, state: StepState, ending: Ending) -> SopRun:
        now = self.of(no).now
        ready = now.ready_at or self.ready_since(no)
        return self._with(no, replace(now, state=state, ending=ending, ready_at=ready))

    def ready_since(self, no: int) -> datetime | None:
        """Return when the turn of a step came, None while it waits for earlier ones."""
        ends = [self.of(before).now.ending for before in self.profile.before(no)]
        if any(end is None for end in ends):
            return None
        return max((end.at for end in ends if end is not None), default=self.begun_at)

    def _again(self, no: int, reason: str) -> SopRun:
        step = self.of(no)
        return self._put(replace(step, rounds=(*step.rounds, Round(opened_because=reason))))

    def _with(self, no: int, now: Round) -> SopRun:
        step = self.of(no)
        return self._put(replace(step, rounds=(*step.rounds[:-1], now)))

    def _put(self, changed: StepRun) -> SopRun:
        return replace(self, steps=tuple(changed if step.no == changed.no else step for step in self.steps))


def begin_run(profile: SopProfile, activity_id: str, by: str, at: datetime) -> SopRun:
    """Return a run in which nothing happened yet."""
    return SopRun(activity_id, activity_id, profile, at, by, tuple(StepRun(step.no) for step in profile.steps))
