"""The outreach of the day: its activity, its targets, its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fieldkit.domain.nik import Finding, check_nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, OutreachCount, Target, TargetCounts, TargetFilter, TargetLine
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.ports.store import Unit
from fieldkit.services.sop.fulfil import fulfil
from fieldkit.services.unit_of_work import UnitsOfWork

_OF_DAY = "activity_of_day"


@dataclass(frozen=True, slots=True)
class DayOverview:
    """The Beranda card: the activity of today or the nearest one, with its numbers and what was left open."""

    activity: Activity | None
    count: OutreachCount | None
    unfinished: tuple[CaptureSession, ...]
    others: int = 0  # activities that are today too


@dataclass(frozen=True, slots=True)
class VisitList:
    """Whom the team visits: the first of those whom a filter lets through."""

    activity: Activity | None
    targets: tuple[TargetLine, ...]


class PlanVisits:
    """Reads and changes activities and target lists."""

    def __init__(self, units: UnitsOfWork, is_known_region: Callable[[str], bool]) -> None:
        self._units, self._is_known_region = units, is_known_region

    def overview(self) -> DayOverview:
        """Return the activity that `work_on` chose today, else today's, or the last one before, or the next one."""
        with self._units.read() as unit:
            every = unit.activities.all()
            chosen = self._of_day(unit, every)
            left = tuple(session for session in unit.sessions.unfinished() if session.is_begun)
            if chosen is None:
                return DayOverview(None, None, left)
            today = self._units.clock.today()
            others = sum(each.on == today and each != chosen for each in every)
            return DayOverview(chosen, unit.activities.count(chosen.activity_id), left, others)

    def work_on(self, activity_id: str) -> Activity:
        """Let `overview` and the lists of the field be about this activity until the day is over, and return it.

        Raise `RuleError("role.not_yours")`, `StoreError("store.not_found")`.
        """
        with self._units.write(Permission.RECORD) as work:
            activity = work.unit.activities.get(activity_id)
            work.unit.settings.put(_OF_DAY, {"on": self._units.clock.today().isoformat(), "activity": activity_id})
            work.note("activity_of_day", activity_id)
            return activity

    def list_of(self, wanted: TargetFilter, activity_id: str = "", limit: int | None = None) -> VisitList:
        """Return whom the team visits, as filtered: of an activity, or of the one that `overview` shows."""
        with self._units.read() as unit:
            activity = unit.activities.get(activity_id) if activity_id else self._of_day(unit, unit.activities.all())
            if activity is None:
                return VisitList(None, ())
            return VisitList(activity, tuple(unit.targets.lines(activity.activity_id, wanted, limit)))

    def matching(self, activity_id: str, text: str) -> frozenset[str]:
        """Return the ids of the targets that have every typed word anywhere in name, NIK, street or village."""
        with self._units.read() as unit:
            return unit.targets.matching(activity_id, text)

    def villages(self, activity_id: str) -> Sequence[str]:
        """Return the villages of a list, the most frequent first."""
        with self._units.read() as unit:
            return unit.targets.villages(activity_id)

    def counts(self, activity_id: str) -> TargetCounts:
        """Return how many targets of an activity stand in each state and service category."""
        with self._units.read() as unit:
            return unit.targets.counts(activity_id)

    def targets(self, activity_id: str, text: str = "") -> Sequence[Target]:
        """Return the targets of an activity in the order of visits, filtered as typed."""
        with self._units.read() as unit:
            return unit.targets.search(activity_id, text)

    def target(self, target_id: str) -> Target:
        """Return one target."""
        with self._units.read() as unit:
            return unit.targets.get(target_id)

    def take_over(self, activity: Activity, targets: Sequence[Target]) -> None:
        """Keep an activity with its verified target list."""
        # What the office sends ahead is nobody's own act, so every account may take it over.
        with self._units.write(Permission.READ_STATUS) as work:
            work.unit.activities.save(activity)
            work.unit.targets.save(targets)
            work.note("targets_taken_over", activity.activity_id, targets=len(targets))
            if targets:
                fulfil(work, activity.activity_id, Fulfilment.TARGETS_COLLECTED)

    def _of_day(self, unit: Unit, activities: Sequence[Activity]) -> Activity | None:
        today, said = self._units.clock.today(), unit.settings.get(_OF_DAY) or {}
        chosen = said["activity"] if said.get("on") == today.isoformat() else ""
        return min(
            activities, key=lambda a: (a.activity_id != chosen, a.on > today, abs((a.on - today).days)), default=None
        )

    def findings(self, target: Target | TargetLine) -> tuple[Finding, ...]:
        """Return what to look at in a target's NIK, against its own biodata."""
        who = target.biodata
        return check_nik(
            who.nik.digits,
            birth_date=who.birth_date,
            sex=who.sex,
            domicile=who.address.region,
            is_known_region=self._is_known_region,
        )
