"""The SOP of an activity: whose turn it is, who did what, and who may.

Only an account that the profile names completes a step; what an outsider did is written down by those whom the profile
names for that. Everything else is an override: it needs `SKIP_STEPS` and a reason, and the log says that it was one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import PurePath

from fieldkit.domain.delivery import has_left
from fieldkit.domain.errors import InputError, Problem, RuleError
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission, User
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sarpras import CheckOut
from fieldkit.domain.sop.profile import Declaration, Fulfilment, SopActors, SopProfile, StepRoles, roles_of
from fieldkit.domain.sop.run import Ending, Filed, Hold, Overtime, SopRun, StepNote, begin_run
from fieldkit.domain.sop.standing import Papers, SopGlance, glance_of, left_in_the_field, papers_among
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.domain.visits import Perekaman, PerekamanChoice, Visit
from fieldkit.ports.documents import SopProfiles
from fieldkit.ports.recording import SamplePictures
from fieldkit.ports.store import Unit
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.devices import PAPER_PX
from fieldkit.services.sop.view import SopView, StepView, Turn, turn_of, view_of
from fieldkit.services.unit_of_work import Payload, UnitOfWork, UnitsOfWork

# Keep an SOP's run together with what lists show of it.


def keep_run(work: UnitOfWork, run: SopRun, act: str, **payload: Payload) -> None:
    """Keep the run with the event of what was done; its glance is a projection and has no event of its own."""
    work.keep(run, act, **payload)
    glance_again(work, run)


def glance_again(work: UnitOfWork, run: SopRun) -> None:
    """Write the glance of a run that stays as it is: the dinas set other actors, or a paper came or went."""
    work.unit.repository(SopGlance).save(read_glance(work.unit, run))


def read_glance(unit: Unit, run: SopRun) -> SopGlance:
    """Return what lists show of a run as everything stands now."""
    run = with_visits(unit, run)
    actors = unit.repository(SopActors).find(run.profile.sop_id)
    is_out = is_sarpras_out(unit, run.activity_id)
    return glance_of(run, actors, papers_of(unit, run.activity_id), is_sarpras_out=is_out)


def with_visits(unit: Unit, run: SopRun) -> SopRun:
    """Return a run whose recording knows when the team was at people's doors, for its real time after office hours.

    Nothing of it is kept: the visits are. Only a recording with a standard of its own is compared to anything.
    """
    for step in run.profile.steps:
        is_recording = any(Fulfilment.RECORDED in group for group in step.fulfilled_by)
        now = run.of(step.no).now
        if is_recording and step.standard and not step.per and now.is_over and now.started_at:
            for visit in unit.repository(Visit).of(run.activity_id):
                if visit.ended_at is not None:
                    run = run.work_late(step.no, Overtime(visit.by, visit.started_at, visit.ended_at))
    return run


def papers_of(unit: Unit, activity_id: str) -> Papers:
    """Return the kinds of paper that an activity has."""
    is_official = perekaman_of(unit, activity_id) is Perekaman.RESMI
    return papers_among(unit.repository(Letter).of(activity_id), is_official=is_official)


def is_sarpras_out(unit: Unit, activity_id: str) -> bool:
    """Return whether sarpras of an activity left and was not counted back."""
    return any(each.is_out for each in unit.repository(CheckOut).of(activity_id))


# Another part of the program did what completes a step of the SOP: called within that part's own transaction.


def fulfil(work: UnitOfWork, activity_id: str, fact: Fulfilment, evidence: str = "") -> None:
    """Let the run of an activity hear a fact; `evidence` is the id of the thing or file that shows it.

    Does nothing when the activity runs no SOP.
    """
    repository = work.unit.repository(SopRun)
    run = repository.find(activity_id)
    if run is not None:
        heard = run.apply(fact, work.user.user_id, work.at, evidence)
        _keep(work, run, heard, "sop_fact_heard", fact)


def underway(work: UnitOfWork, activity_id: str, fact: Fulfilment) -> None:
    """Let the steps that wait for a fact run, because somebody began to bring it about."""
    run = work.unit.repository(SopRun).find(activity_id)
    if run is not None:
        _keep(work, run, run.underway(fact, work.user.user_id, work.at), "sop_fact_underway", fact)


def papers_changed(work: UnitOfWork, activity_id: str) -> None:
    """Let the lists show that a paper of an activity was issued or made void; the run itself stays as it is."""
    run = work.unit.repository(SopRun).find(activity_id)
    if run is not None:
        glance_again(work, run)


def _keep(work: UnitOfWork, before: SopRun, after: SopRun, act: str, fact: Fulfilment) -> None:
    """Keep what changed; the same news twice is no news."""
    if after != before:
        steps = [str(new.no) for old, new in zip(before.steps, after.steps, strict=True) if old != new]
        keep_run(work, after, act, fact=fact.value, steps=steps)


# What recording and delivery mean for the SOP of their activity.


def recording_begun(work: UnitOfWork, activity_id: str) -> None:
    """Let the step of recording run from the first person on."""
    underway(work, activity_id, Fulfilment.RECORDED)


def target_settled(work: UnitOfWork, activity_id: str) -> None:
    """Tell that recording is over once somebody was recorded and no target is left open."""
    count = work.unit.activities.count(activity_id)
    if count.recorded and not count.waiting:
        fulfil(work, activity_id, Fulfilment.RECORDED)
        # The last visit brought no record, and the others have their receipts.
        if not count.unsent and not _is_unheard_of(work.unit, activity_id):
            fulfil(work, activity_id, Fulfilment.SENT)


def records_delivered(work: UnitOfWork, record_ids: Iterable[str]) -> None:
    """Tell of each activity whose recording is over and whose every record has its receipt that all was sent."""
    delivered = {work.unit.records.get(record_id).record.activity_id for record_id in record_ids}
    for activity_id in sorted(delivered):
        count = work.unit.activities.count(activity_id)
        if count.unsent:
            underway(work, activity_id, Fulfilment.SENT)
        elif not count.waiting and not _is_unheard_of(work.unit, activity_id):
            fulfil(work, activity_id, Fulfilment.SENT)


def statuses_noted(work: UnitOfWork, record_ids: Iterable[str]) -> None:
    """Tell that all was sent where the last word that was missing came: the official application sends by itself."""
    heard = work.unit.records.with_ids(record_ids).values()
    for activity_id in sorted({entry.record.activity_id for entry in heard if entry.record.is_official}):
        target_settled(work, activity_id)


def _is_unheard_of(unit: Unit, activity_id: str) -> bool:
    """Return whether nobody said yet of somebody recorded in the official application that the record was sent."""
    if perekaman_of(unit, activity_id) is Perekaman.KIT:
        return False
    return any(
        entry.record.is_official and not any(has_left(said.code) for said in entry.statuses)
        for entry in unit.records.of_activity(activity_id)
    )


# In which program the people of an activity are recorded.


def perekaman_of(unit: Unit, activity_id: str) -> Perekaman:
    """Return what was chosen for an activity, the kit where nothing was."""
    chosen = unit.repository(PerekamanChoice).find(activity_id)
    return chosen.perekaman if chosen else Perekaman.KIT


def begin_perekaman(
    work: UnitOfWork, activity_id: str, chosen: Perekaman | None, profile: SopProfile | None = None
) -> None:
    """Keep what was chosen when an activity began, else what its SOP begins with, unless somebody is recorded."""
    usual = profile.perekaman if profile else Perekaman.KIT
    is_chosen = work.unit.repository(PerekamanChoice).find(activity_id) is not None
    if chosen is None and usual is Perekaman.RESMI and not is_chosen and not _is_begun(work.unit, activity_id):
        chosen = usual
    if chosen is not None:
        choose_perekaman(work, activity_id, chosen)


def choose_perekaman(work: UnitOfWork, activity_id: str, perekaman: Perekaman) -> None:
    """Keep what was chosen. Raise `RuleError("perekaman.begun")` once somebody is recorded, or is being recorded."""
    known = work.unit.repository(PerekamanChoice).find(activity_id)
    if known is not None and known.perekaman is perekaman:
        return
    if _is_begun(work.unit, activity_id):
        raise RuleError("perekaman.begun")
    choice = PerekamanChoice(activity_id, activity_id, perekaman)
    work.keep(choice, "perekaman_chosen", perekaman=perekaman.value)


def _is_begun(unit: Unit, activity_id: str) -> bool:
    is_open = any(session.activity_id == activity_id for session in unit.sessions.unfinished())
    return is_open or bool(unit.records.of_activity(activity_id))


def facts_before(unit: Unit, activity_id: str) -> Iterator[tuple[Fulfilment, str]]:
    """Yield what an activity that only now begins its SOP brings along, with the thing that shows it."""
    for request in unit.repository(SuratPermohonan).of(activity_id):
        yield Fulfilment.REQUEST_RECEIVED, request.thing_id
    if unit.activities.count(activity_id).targets:
        yield Fulfilment.TARGETS_COLLECTED, ""
    for disposisi in unit.repository(Disposisi).of(activity_id):
        yield Fulfilment.DISPOSED, disposisi.thing_id
    for plan in unit.repository(Plan).of(activity_id):
        yield Fulfilment.SCHEDULED, plan.thing_id


__all__ = ["EvidenceFile", "HandAct", "RunSop", "SopView", "StepView", "Turn"]

_CHOSEN = "sop.chosen"
_LONGEST_WORK = timedelta(hours=24)
_NOT_MINE = (Turn.OTHERS, Turn.OUTSIDE, Turn.WAITS)


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A scan, a photo or a signature from the pad that shows what somebody did."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class HandAct:
    """What somebody did that the program did not see, and when. `evidence` are ids of things that are kept already."""

    name: str
    at: datetime
    why: str
    files: tuple[EvidenceFile, ...] = ()
    letter: str = ""
    evidence: tuple[str, ...] = ()


class RunSop:
    """Runs the SOPs for the user who is signed in."""

    def __init__(self, units: UnitsOfWork, profiles: SopProfiles, calendar: KeepCalendar) -> None:
        self._units, self._profiles, self._calendar = units, profiles, calendar

    def profiles(self) -> tuple[SopProfile, ...]:
        """Return the SOPs that an activity may follow, by name."""
        return self._profiles.read().profiles

    def chosen(self) -> tuple[SopProfile, ...]:
        """Return the SOPs that this dinas begins activities with: all, until it has chosen."""
        with self._units.read() as unit:
            names = unit.settings.get(_CHOSEN)
        return self.profiles() if names is None else tuple(each for each in self.profiles() if each.sop_id in names)

    def has_chosen(self) -> bool:
        """Return whether the dinas has chosen its SOPs."""
        with self._units.read() as unit:
            return unit.settings.get(_CHOSEN) is not None

    def choose(self, sop_ids: Collection[str]) -> None:
        """Choose the SOPs of this dinas; activities that follow another one go on. Raise `InputError("sop.none")`."""
        names = sorted(each.sop_id for each in self.profiles() if each.sop_id in sop_ids)
        if not names:
            raise InputError("sop.none_chosen")
        with self._units.write(Permission.KEEP_PROFILE) as work:
            work.unit.settings.put(_CHOSEN, names)
            work.note("sops_chosen", "sop", sops=names)

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
            work.unit.activities.save(replace(activity, sop=sop_id))
            run = begin_run(profile, activity_id, work.user.user_id, work.at)
            for fact, evidence in facts_before(work.unit, activity_id):
                run = run.apply(fact, work.user.user_id, work.at, evidence)
            keep_run(work, run, "sop_begun", sop=sop_id)
            begin_perekaman(work, activity_id, None, profile)
        return run

    def view(self, activity_id: str) -> SopView | None:
        """Return what the timeline shows; None when the activity follows no SOP."""
        with self._units.read() as unit:
            run = unit.repository(SopRun).find(activity_id)
            if run is None:
                return None
            letters = unit.repository(Letter).of(activity_id)
            is_out = is_sarpras_out(unit, activity_id)
            left = left_in_the_field(unit.activities.count(activity_id), is_sarpras_out=is_out)
            actors, office = _actors(unit, run.profile.sop_id), self._calendar.office_clock(unit)
            run, now = with_visits(unit, run), self._units.clock.now()
            is_official = perekaman_of(unit, activity_id) is Perekaman.RESMI
            who = (self._units.user, actors, unit.users())
            return view_of(run, *who, letters, office, now, left, is_official=is_official)

    def start(self, activity_id: str, no: int) -> None:
        """Begin a step of one's own. Raise `RuleError`."""

        def started(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_mine(run, no, work)
            return run.start(no, work.user.user_id, work.at)

        self._act(activity_id, no, "sop_step_started", started)

    def hold(self, activity_id: str, no: int, whom: str) -> None:
        """Note that a step waits for somebody. Raise `InputError("sop.whom_needed")`, `RuleError`."""
        if not whom.strip():
            raise InputError("sop.whom_needed", step=no).at("whom")

        def held(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_writer(run, no, work)
            return run.hold(no, Hold(whom.strip(), work.user.user_id, work.at))

        self._act(activity_id, no, "sop_step_on_hold", held)

    def resume(self, activity_id: str, no: int) -> None:
        """Note that a step goes on. Raise `RuleError`."""

        def resumed(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_writer(run, no, work)
            return run.resume(no, work.at)

        self._act(activity_id, no, "sop_step_resumed", resumed)

    def work_late(self, activity_id: str, no: int, began_at: datetime, ended_at: datetime) -> None:
        """Note when somebody worked on a step outside office hours. Raise `InputError("sop.overtime")`, `RuleError`."""

        def noted(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_writer(run, no, work)
            if not began_at < ended_at <= work.at or ended_at - began_at > _LONGEST_WORK:
                raise InputError("sop.overtime", step=no).at("until")
            return run.work_late(no, Overtime(work.user.user_id, began_at, ended_at))

        self._act(activity_id, no, "sop_overtime_noted", noted)

    def declare(self, activity_id: str, no: int, act: HandAct, branch: str = "") -> None:
        """Take somebody's word that a step was done: one's own, an outsider's, or, for those who may, another's.

        Raise `RuleError` for who may not, `InputError` for a word without name, reason, evidence or a true day.
        """
        with self._units.write(Permission.FOLLOW_SOP) as work:
            run = work.unit.repository(SopRun).get(activity_id)
            turn = turn_of(run, no, work.user, _actors(work.unit, run.profile.sop_id))
            is_override = turn in _NOT_MINE and work.user.may(Permission.SKIP_STEPS)
            if not is_override and turn is not Turn.RECORD:
                self._demand_mine(run, no, work)
            said = Declaration(act.name.strip(), act.why.strip(), work.at, act.letter.strip())
            said.demand(no, act.at, self._earliest(run), len(act.files) + len(act.evidence))
            ending = Ending(
                act.at,
                work.user.user_id,
                outsider=said.who if turn in (Turn.RECORD, Turn.OUTSIDE) else "",
                reason=said.why if is_override else "",
                branch=branch,
                evidence=act.evidence,
                files=_filed(work, activity_id, act.files),
                declared=said,
            )
            extra = _override(work.user, said.why) if is_override else {}
            act_kind = "sop_step_recorded" if turn is Turn.RECORD else "sop_step_done"
            keep_run(work, run.complete(no, ending), act_kind, step=no, branch=branch, **extra)

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

    def tick(self, activity_id: str, no: int, *names: str) -> None:
        """Say that inputs of a step are there. Raise `RuleError` for another's step."""

        def ticked(run: SopRun, work: UnitOfWork) -> SopRun:
            self._demand_writer(run, no, work)
            for name in names:
                run = run.tick(no, name)
            return run

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
            for run in work.unit.repository(SopRun).search():
                if run.profile.sop_id == sop_id and not run.is_finished:
                    glance_again(work, run)

    def _profile(self, sop_id: str) -> SopProfile:
        found = next((profile for profile in self.profiles() if profile.sop_id == sop_id), None)
        if found is None:
            raise RuleError("sop.unknown", sop=sop_id)
        return found

    def _earliest(self, run: SopRun) -> datetime:
        """Return the first moment of the day on which the activity began its SOP, as the clocks of the dinas count."""
        begun = self._units.clock.local(run.begun_at)
        return begun.replace(hour=0, minute=0, second=0, microsecond=0)

    def _demand_writer(self, run: SopRun, no: int, work: UnitOfWork) -> None:
        roles = roles_of(run.profile, no, _actors(work.unit, run.profile.sop_id))
        if work.user.role not in (*roles.roles, *roles.recorded_by):
            raise RuleError("sop.not_yours", step=no, who=_doer(run, no))

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
    digest = sha256(reason.strip().encode()).hexdigest()
    return {"override": True, "role": user.role.value, "reason_sha256": digest}


def _filed(work: UnitOfWork, activity_id: str, files: Sequence[EvidenceFile]) -> tuple[Filed, ...]:
    return tuple(
        Filed(work.attach(activity_id, file.name, file.media_type, file.content), file.name, file.media_type)
        for file in files
    )


# A file that shows what somebody did: a scanned letter or a photo.

MOST_BYTES = 25_000_000
UNREADABLE = "sop.evidence_unreadable"


def evidence_of(name: str, content: bytes, pictures: SamplePictures) -> EvidenceFile:
    """Return a PDF as it is, a photo without what cameras hide in it. Raise `InputError("sop.evidence_unreadable")`."""
    if len(content) > MOST_BYTES:
        raise InputError(UNREADABLE, name=name)
    if content.startswith(b"%PDF-"):
        return EvidenceFile(name, "application/pdf", content)
    try:
        return EvidenceFile(f"{PurePath(name).stem}.jpg", "image/jpeg", pictures.photo(content, PAPER_PX))
    except (ValueError, InputError) as damage:
        raise InputError(UNREADABLE, name=name) from damage
