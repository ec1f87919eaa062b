"""What a walk through an SOP came to, for people and for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from fieldkit.app.demo.outreach.outsiders import OutsiderAct
from fieldkit.services.sop.view import StepView


@dataclass(frozen=True, slots=True)
class ClockTold:
    """One deadline as the program reads it."""

    rule: str
    due_at: str  # ISO 8601, "" while nothing started it
    state: str


@dataclass(frozen=True, slots=True)
class StepTold:
    """How one step ended. `facts` were heard, `outputs` are there, `missing` is what is not.

    Times are ISO 8601 on the clock of the dinas; `minutes` count from its turn where nobody said when it began ("").
    """

    number: int
    how: str
    facts: tuple[str, ...]
    outputs: tuple[str, ...]
    missing: tuple[str, ...]
    began_at: str
    ended_at: str
    minutes: int | None

    @classmethod
    def of(cls, step: StepView, local: Callable[[datetime], datetime]) -> StepTold:
        """Return what a screen shows of a step, for programs."""
        facts = tuple(fact.value for fact in step.now.facts)
        outputs = tuple(each.name for each in step.outputs if each.is_there)
        began, ended = (
            local(at).isoformat(timespec="seconds") if at else "" for at in (step.now.started_at, step.now.ended_at)
        )
        return cls(step.no, step.how.value, facts, outputs, step.missing, began, ended, step.minutes)


@dataclass(slots=True)
class SopReport:
    """One SOP. `seconds` is the walk itself on the machine, from the first sign-in."""

    sop_id: str
    steps_total: int = 0
    steps_done: int = 0
    standard_minutes: int = 0
    seconds: float = 0.0
    keystrokes: int = 0
    documents: list[Path] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)
    sla: list[ClockTold] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)  # names of those who did something, in order
    steps: list[StepTold] = field(default_factory=list)
    outsiders: list[OutsiderAct] = field(default_factory=list)
    planned_on: list[str] = field(default_factory=list)  # days, ISO 8601; none for the counter

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {
            "id": self.sop_id,
            "steps_total": self.steps_total,
            "steps_done": self.steps_done,
            "documents": [str(path) for path in self.documents],
            "standard_minutes": self.standard_minutes,
            "seconds": round(self.seconds, 1),
            "sla": [{"rule": c.rule, "due_at": c.due_at, "state": c.state} for c in self.sla],
            "screenshots": [str(path) for path in self.screenshots],
            "keystrokes": self.keystrokes,
            "signed_in": self.signed_in,
            "outsiders": [asdict(act) for act in self.outsiders],
            "planned_on": self.planned_on,
            "steps": [asdict(step) for step in self.steps],
        }
