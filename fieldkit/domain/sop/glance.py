"""What lists show of a run without reading it whole: how far it is, and whose turn comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import SopActors, roles_of
from fieldkit.domain.sop.run import SopRun, StepState


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

    @property
    def words(self) -> str:
        """Name of the SOP."""
        return self.name

    @property
    def is_finished(self) -> bool:
        """Return whether every step is over."""
        return self.done == self.total

    @property
    def next(self) -> StepGlance | None:
        """Return the first step whose turn it is."""
        return self.turn[0] if self.turn else None

    def turn_of(self, role: Role) -> StepGlance | None:
        """Return the first step that waits for an account of this role."""
        return next((step for step in self.turn if step.is_turn_of(role)), None)


def glance_of(run: SopRun, actors: SopActors | None = None) -> SopGlance:
    """Return what lists show of a run; `actors` are those that the dinas set."""
    over = sum(1 for step in run.steps if step.now.is_over)
    turn = tuple(_step(run, no, actors) for no in run.ready if not run.profile.step(no).ends_itself)
    profile = run.profile
    return SopGlance(run.thing_id, run.activity_id, profile.sop_id, profile.title, len(run.steps), over, turn)


def _step(run: SopRun, no: int, actors: SopActors | None) -> StepGlance:
    step, who = run.profile.step(no), roles_of(run.profile, no, actors)
    column = step.doer.column if step.doer else ""
    wanted = tuple(fact for group in run.lacks(no) for fact in group)
    return StepGlance(no, step.title, column, run.state(no), who.roles, who.recorded_by, wanted)
