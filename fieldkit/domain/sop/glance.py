"""What lists show of a run without reading it whole: how far it is, and whose turn comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import SopActors, roles_of
from fieldkit.domain.sop.run import SopRun, StepState, StepTime
from fieldkit.domain.sop.standing import NO_PAPERS, How, Lack, Papers, how_of, lacks_of, left_by_steps


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
