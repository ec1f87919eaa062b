"""The SOP of an activity: whose turn it is, who did what, and who may.

Only an account that the profile names completes a step; what an outsider did is written down by those whom the profile
names for that. Everything else is an override: it needs `SKIP_STEPS` and a reason, and the log says that it was one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from fieldkit.domain.errors import InputError, Problem, RuleError
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.sop.profile import SopActors, SopProfile, StepRoles, roles_of
from fieldkit.domain.sop.run import Ending, Filed, SopRun, StepNote, begin_run
from fieldkit.ports.sop_profiles import SopProfiles
from fieldkit.ports.store import Unit
from fieldkit.services.sop.event_handlers import facts_before
from fieldkit.services.sop.keep_run import glance_again, keep_run
from fieldkit.services.sop.view import SopView, StepView, Turn, turn_of, view_of
from fieldkit.services.unit_of_work import Payload, UnitOfWork, UnitsOfWork

__all__ = ["EvidenceFile", "OutsiderAct", "RunSop", "SopView", "StepView", "Turn"]

_ALL = 100_000


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A scan, a photo or a signature from the pad that shows what somebody did."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class OutsiderAct:
    """What somebody without an account did, and when. `evidence` are ids of things that are kept already."""

    name: str
    at: datetime
    files: tuple[EvidenceFile, ...] = ()
    evidence: tuple[str, ...] = ()


class RunSop:
    """Runs the SOPs for the user who is signed in."""

    def __init__(self, units: UnitsOfWork, profiles: SopProfiles) -> None:
        self._units, self._profiles = units, profiles

    def profiles(self) -> tuple[SopProfile, ...]:
        """Return the SOPs that an activity may follow, by name."""
        return self._profiles.read().profiles

    def mistakes(self) -> tuple[Problem, ...]:
        """Return what is wrong in SOP files of this dinas."""
        return self._profiles.read().mistakes

    def begin(self, activity_id: str, sop_id: str) -> SopRun:
        """Let an activity follow an SOP; what was done before counts. Raise `RuleError` for unknown or second ones."""
        profile = self._profile(sop_id)
        with self._units.write(Permission.REGISTER) as work:
            activity = work.unit.activities.get(activity_id)
            if work.unit.repository(SopRun).find(activity_id) is not None:
                raise RuleError("sop.already_begun", activity=activity.name)
            if activity.sop != sop_id:
                work.unit.activities.save(replace(activity, sop=sop_id))
            run = begin_run(profile, activity_id, work.user.user_id, work.at)
            for fact, evidence in facts_before(work.unit, activity_id):
                run = run.apply(fact, work.user.user_id, work.at, evidence)
            keep_run(work, run, "sop_begun", sop=sop_id)
        return run

    def view(self, activity_id: str) -> SopView | None:
        """Return what the timeline shows; None when the activity follows no SOP."""
        with self._units.read() as unit:
            run = unit.repository(SopRun).find(activity_id)
            if run is None:
                return None
            letters = unit.repository(Letter).of(activity_id)
            return view_of(run, self._units.user, _actors(unit, run.profile.sop_id), unit.users(), letters)

    def start(self, activity_id: str, no: int) -> None:
        """Begin a step of one's own. Raise `RuleError`."""

        def started(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_mine(run, no, work)
            return run.start(no, work.user.user_id, work.at)

        self._act(activity_id, no, "sop_step_started", started)

    def complete(
        self, activity_id: str, no: int, branch: str = "", reason: str = "", files: Sequence[EvidenceFile] = ()
    ) -> None:
        """End a step. With a `reason` it may be another's or before its turn, for those who may. Raise `RuleError`."""
        with self._units.write(Permission.FOLLOW_SOP) as work:
            run = work.unit.repository(SopRun).get(activity_id)
            turn = turn_of(run, no, work.user, _actors(work.unit, run.profile.sop_id))
            is_override = turn in (Turn.OTHERS, Turn.OUTSIDE, Turn.WAITS, Turn.RECORD) and bool(reason.strip())
            extra: dict[str, Payload] = {}
            if is_override:
                extra = _override(work.user, reason)
            else:
                self._demand_mine(run, no, work)
            ending = Ending(
                work.at,
                work.user.user_id,
                reason=reason.strip() if is_override else "",
                branch=branch,
                files=_filed(work, activity_id, files),
            )
            keep_run(work, run.complete(no, ending), "sop_step_done", step=no, branch=branch, **extra)

    def record_outsider(self, activity_id: str, no: int, act: OutsiderAct, branch: str = "") -> None:
        """Write down that somebody without an account did a step. Raise `InputError` without name and evidence."""
        if not act.name.strip():
            raise InputError("sop.name_needed", step=no)
        if not act.files and not act.evidence:
            raise InputError("sop.evidence_needed", step=no)

        def recorded(run: SopRun, work: UnitOfWork) -> SopRun:
            if act.at > work.at:
                raise InputError("sop.in_future", step=no)
            roles = roles_of(run.profile, no, _actors(work.unit, run.profile.sop_id))
            if roles.roles or work.user.role not in roles.recorded_by:
                raise RuleError("sop.not_to_record", step=no, who=_doer(run, no))
            ending = Ending(
                act.at,
                work.user.user_id,
                outsider=act.name.strip(),
                branch=branch,
                evidence=act.evidence,
                files=_filed(work, activity_id, act.files),
            )
            return run.complete(no, ending)

        self._act(activity_id, no, "sop_step_recorded", recorded)

    def skip(self, activity_id: str, no: int, reason: str) -> None:
        """Leave a step out. Raise `RuleError` without permission or reason."""

        def skipped(run: SopRun, work: UnitOfWork) -> SopRun:
            return run.skip(no, Ending(work.at, work.user.user_id, reason=reason.strip()))

        self._override_act(activity_id, no, "sop_step_skipped", reason, skipped)

    def repeat(self, activity_id: str, no: int, reason: str) -> None:
        """Open a step that is over once more. Raise `RuleError` without permission or reason."""

        def again(run: SopRun, work: UnitOfWork) -> SopRun:
            return run.repeat(no, reason.strip(), work.at)

        self._override_act(activity_id, no, "sop_step_repeated", reason, again)

    def note(self, activity_id: str, no: int, text: str) -> None:
        """Write something beside a step, for all who read it. Raise `InputError` for nothing written."""
        if not text.strip():
            raise InputError("sop.note_empty", step=no)

        def noted(run: SopRun, work: UnitOfWork) -> SopRun:
            return run.note(no, StepNote(work.at, work.user.user_id, text.strip()))

        self._act(activity_id, no, "sop_step_noted", noted)

    def tick(self, activity_id: str, no: int, name: str) -> None:
        """Say that an input of a step is there. Raise `RuleError` for another's step."""

        def ticked(run: SopRun, work: UnitOfWork) -> SopRun:
            roles = roles_of(run.profile, no, _actors(work.unit, run.profile.sop_id))
            if work.user.role not in (*roles.roles, *roles.recorded_by):
                raise RuleError("sop.not_yours", step=no, who=_doer(run, no))
            return run.tick(no, name)

        self._act(activity_id, no, "sop_input_ticked", ticked)

    def actors(self, sop_id: str) -> tuple[StepRoles, ...]:
        """Return whose each step is at this dinas."""
        profile = self._profile(sop_id)
        with self._units.read() as unit:
            mine = _actors(unit, sop_id)
        return tuple(roles_of(profile, step.no, mine) for step in profile.steps)

    def set_actors(self, sop_id: str, step: StepRoles) -> None:
        """Set whose a step is, because the document does not say. Raise `InputError` when it would be nobody's."""
        self._profile(sop_id).step(step.no)
        if not step.roles and not step.recorded_by:
            raise InputError("sop.nobody", step=step.no)
        with self._units.write(Permission.KEEP_PROFILE) as work:
            mine = _actors(work.unit, sop_id) or SopActors(sop_id)
            roles = [role.value for role in step.roles or step.recorded_by]
            work.keep(mine.setting(step), "sop_actors_set", step=step.no, roles=roles)
            for run in work.unit.repository(SopRun).search(limit=_ALL):
                if run.profile.sop_id == sop_id and not run.is_finished:
                    glance_again(work, run)

    def _profile(self, sop_id: str) -> SopProfile:
        found = next((profile for profile in self.profiles() if profile.sop_id == sop_id), None)
        if found is None:
            raise RuleError("sop.unknown", sop=sop_id)
        return found

    def _demand_mine(self, run: SopRun, no: int, work: UnitOfWork) -> None:
        turn = turn_of(run, no, work.user, _actors(work.unit, run.profile.sop_id))
        if turn is Turn.RECORD:
            raise RuleError("sop.outsiders_step", step=no, who=_doer(run, no))
        if turn in (Turn.OTHERS, Turn.OUTSIDE):
            raise RuleError("sop.not_yours", step=no, who=_doer(run, no))

    def _override_act(
        self, activity_id: str, no: int, kind: str, reason: str, change: Callable[[SopRun, UnitOfWork], SopRun]
    ) -> None:
        with self._units.write(Permission.SKIP_STEPS) as work:
            run = change(work.unit.repository(SopRun).get(activity_id), work)
            keep_run(work, run, kind, step=no, **_override(work.user, reason))

    def _act(self, activity_id: str, no: int, kind: str, change: Callable[[SopRun, UnitOfWork], SopRun]) -> None:
        with self._units.write(Permission.FOLLOW_SOP) as work:
            run = change(work.unit.repository(SopRun).get(activity_id), work)
            keep_run(work, run, kind, step=no)


def _actors(unit: Unit, sop_id: str) -> SopActors | None:
    return unit.repository(SopActors).find(sop_id)


def _doer(run: SopRun, no: int) -> str:
    doer = run.profile.step(no).doer
    return doer.column if doer else "–"


def _override(user: User, reason: str) -> dict[str, Payload]:
    """Return what the log keeps of an override; the reason itself may name people, so it stands in the run."""
    if not user.may(Permission.SKIP_STEPS):
        raise RuleError("role.not_yours", role=user.role.value, permission=Permission.SKIP_STEPS.value)
    digest = sha256(reason.strip().encode()).hexdigest()
    return {"override": True, "role": user.role.value, "reason_sha256": digest}


def _filed(work: UnitOfWork, activity_id: str, files: Sequence[EvidenceFile]) -> tuple[Filed, ...]:
    return tuple(
        Filed(work.attach(activity_id, file.name, file.media_type, file.content), file.name, file.media_type)
        for file in files
    )
