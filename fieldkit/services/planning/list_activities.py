"""All activities at one look: how far each is, whose turn it is, what waits for the signed-in user."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fieldkit.domain.people.accounts import Role
from fieldkit.domain.planning.outreach import Activity, OutreachCount
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.glance import SopGlance, StepGlance
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import Lack, left_in_the_field
from fieldkit.ports.store import Unit
from fieldkit.services.sop.keep_run import read_glance
from fieldkit.services.unit_of_work import UnitsOfWork

_NOTHING = OutreachCount(0, 0, 0, 0, 0, 0, None)


class Progress(StrEnum):
    """How far an activity is."""

    NOT_BEGUN = "not_begun"
    UNDER_WAY = "under_way"
    FINISHED = "finished"  # every step fulfilled and nothing left open
    DECLARED = "declared"  # every step over, some by somebody's word
    LEFT_OPEN = "left_open"  # every step over, and something is still open

    @property
    def is_over(self) -> bool:
        """Return whether no step is to be done any more."""
        return self in (Progress.FINISHED, Progress.DECLARED, Progress.LEFT_OPEN)


class Show(StrEnum):
    """Which activities a list shows."""

    ALL = "all"
    MINE = "mine"  # a step waits for the user's role
    MONTH = "month"
    OPEN = "open"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One activity. `mine` is the step that waits for the user's role."""

    activity: Activity
    days: tuple[date, ...]
    count: OutreachCount
    glance: SopGlance | None
    mine: StepGlance | None

    @property
    def progress(self) -> Progress:
        """Return how far it is; without an SOP its targets say it."""
        if self.glance is not None:
            if not self.glance.is_finished:
                return Progress.UNDER_WAY if self.glance.done else Progress.NOT_BEGUN
            if self.left:
                return Progress.LEFT_OPEN
            return Progress.DECLARED if self.glance.ends else Progress.FINISHED
        if not self.count.recorded:
            return Progress.NOT_BEGUN
        return Progress.UNDER_WAY if self.count.waiting or self.count.unsent else Progress.FINISHED

    @property
    def left(self) -> tuple[Lack, ...]:
        """Return what would be left open if it ended now."""
        if self.glance is None:
            return ()
        return (*left_in_the_field(self.count, is_sarpras_out=self.glance.is_sarpras_out), *self.glance.left)

    @property
    def sop(self) -> str:
        """Return the name of its SOP, or what stands for it."""
        return self.glance.name if self.glance else self.activity.sop

    def is_late(self, today: date) -> bool:
        """Return whether its last day passed and it is not finished."""
        return self.days[-1] < today and not self.progress.is_over

    def is_shown(self, show: Show, today: date) -> bool:
        """Return whether it is among those that a way of looking shows."""
        match show:
            case Show.ALL:
                return True
            case Show.MINE:
                return self.mine is not None
            case Show.MONTH:
                return any((day.year, day.month) == (today.year, today.month) for day in self.days)
            case Show.OPEN:
                return not self.progress.is_over
            case Show.FINISHED:
                return self.progress.is_over


class ListActivities:
    """Reads activities for lists."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def everything(self) -> tuple[ActivityLine, ...]:
        """Return every activity, the newest day first."""
        role = self._units.user.role
        with self._units.read() as unit:
            plans = {plan.activity_id: plan for plan in unit.repository(Plan).search()}
            glances = {glance.activity_id: glance for glance in unit.repository(SopGlance).search()}
            counts = unit.activities.counts()
            return tuple(
                _line(activity, plans.get(activity.activity_id), counts, glances.get(activity.activity_id), role)
                for activity in unit.activities.all()
            )

    def next_first(self, on: date | None = None) -> Sequence[ActivityLine]:
        """Return those of a day, or all: what is to come in its order, below it what was, the latest first."""
        today = self._units.clock.today()
        lines = [line for line in self.everything() if on is None or on in line.days]
        return sorted(lines, key=lambda line: (line.days[-1] < today, abs((line.days[0] - today).days)))

    def one(self, activity_id: str) -> ActivityLine:
        """Return one activity. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            activity = unit.activities.get(activity_id)
            counts = {activity_id: unit.activities.count(activity_id)}
            plan, glance = unit.repository(Plan).find(activity_id), _glance(unit, activity_id)
        return _line(activity, plan, counts, glance, self._units.user.role)


def _glance(unit: Unit, activity_id: str) -> SopGlance | None:
    """Return the glance of a run as it is now; one that came from another kit may have none yet."""
    run = unit.repository(SopRun).find(activity_id)
    return read_glance(unit, run) if run else None


def _line(
    activity: Activity, plan: Plan | None, counts: Mapping[str, OutreachCount], glance: SopGlance | None, role: Role
) -> ActivityLine:
    days = plan.days if plan and plan.days else (activity.on,)
    count = counts.get(activity.activity_id, _NOTHING)
    return ActivityLine(activity, days, count, glance, glance.turn_of(role) if glance else None)


def turns(lines: Iterable[ActivityLine]) -> list[ActivityLine]:
    """Return the activities that wait for the user, the nearest day first."""
    return sorted((line for line in lines if line.mine is not None), key=lambda line: line.days[0])
