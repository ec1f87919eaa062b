"""From door to door: whom to visit next, how each visit ended, whom to visit again, what the day brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.nik import NO_NIK, Nik, age_gate
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Plan, ServiceCategory, Target, TargetFilter, TargetLine, TargetState
from fieldkit.domain.planning.schedule import in_route
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.session import CaptureSession, EndReason
from fieldkit.domain.reports import IkdOffer, IkdOutcome, IkdTarget, SurveyAnswer
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.status_lists import SeenStatuses
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.targets.sheets import NikAdded
from fieldkit.domain.visits import (
    FOR_GOOD,
    OPEN,
    VISIT_MINUTES,
    Doors,
    OfficialException,
    OfficialRecording,
    Outcome,
    Perekaman,
    Visit,
    belongs,
    may_wish_revisit,
    settles,
)
from fieldkit.ports.recording import NikKey
from fieldkit.ports.store import Unit
from fieldkit.services.sop.run_sop import perekaman_of, recording_begun, target_settled
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork

# What a team asks people besides recording them: to activate their IKD, and how they judge the service.

MOST_WANTED = 100_000


class AskResidents:
    """Writes down answers for the user who is signed in."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def offer(self, target_id: str) -> IkdOffer | None:
        """Return what came of asking a person, None while nobody did."""
        with self._units.read() as unit:
            return unit.repository(IkdOffer).find(target_id)

    def offered(self, target_id: str, outcome: IkdOutcome, reason: str = "") -> IkdOffer:
        """Note what came of asking a person for IKD, in place of before. Raise `InputError` without a reason for no."""
        told = " ".join(reason.split())
        if outcome is not IkdOutcome.ACTIVATED and not told:
            raise InputError("ikd.no_reason").at("reason")
        with self._units.write(Permission.VISIT) as work:
            target = work.unit.targets.get(target_id)
            because = "" if outcome is IkdOutcome.ACTIVATED else told
            offer = IkdOffer(target_id, target.activity_id, outcome, work.at, work.user.user_id, because)
            work.keep(offer, "ikd_offered", outcome=outcome.value)
            return offer

    def wanted(self, activity_id: str) -> int:
        """Return how many activations are wanted of an activity, 0 where nobody said."""
        with self._units.read() as unit:
            target = unit.repository(IkdTarget).find(activity_id)
        return target.count if target else 0

    def want(self, activity_id: str, count: int) -> IkdTarget:
        """Set how many activations are wanted of an activity. Raise `InputError("ikd.wanted")`."""
        if not 0 <= count <= MOST_WANTED:
            raise InputError("ikd.wanted", most=MOST_WANTED).at("count")
        with self._units.write(Permission.EVALUATE) as work:
            work.unit.activities.get(activity_id)
            target = IkdTarget(activity_id, activity_id, count)
            work.keep(target, "ikd_wanted", count=count)
            return target

    def answered(self, activity_id: str, scores: Sequence[int], *, is_from_paper: bool = False) -> SurveyAnswer:
        """Keep an anonymous answer of the satisfaction survey. Raise `InputError("survey.scores")`."""
        with self._units.write(Permission.REGISTER) as work:
            work.unit.activities.get(activity_id)
            on = self._units.clock.today()
            answer = SurveyAnswer(work.ids.new(), activity_id, on, tuple(scores), is_from_paper)
            answer.demand()
            work.keep(answer, "survey_answered", is_from_paper=is_from_paper)
            return answer


# A recording is a visit: its seal or its end closes the timer at the door without anybody typing it once more.

_OUTCOMES = {
    EndReason.DECLINED: Outcome.MENOLAK,
    EndReason.FLED: Outcome.LARI,
    EndReason.TOO_ILL: Outcome.SAKIT,
    EndReason.DECEASED: Outcome.MENINGGAL,
    EndReason.ALREADY_RECORDED: Outcome.SUDAH_MEREKAM,
    EndReason.DEVICE_BROKEN: Outcome.ALAT_RUSAK,
    EndReason.NIK_PROBLEM: Outcome.NIK_BERMASALAH,
}


def visit_recorded(work: UnitOfWork, session: CaptureSession, state: TargetState) -> None:
    """Close the visit of a recording that was sealed."""
    with_exception = state is TargetState.RECORDED_WITH_EXCEPTION
    _close(work, session, Outcome.DIREKAM_DENGAN_PENGECUALIAN if with_exception else Outcome.DIREKAM)


def visit_broken_off(work: UnitOfWork, session: CaptureSession, reason: EndReason) -> None:
    """Close the visit of a recording that ended without a record; what was opened by mistake was no visit."""
    if reason in _OUTCOMES:
        _close(work, session, _OUTCOMES[reason])


def _close(work: UnitOfWork, session: CaptureSession, outcome: Outcome) -> None:
    visit = _open_visit(work, session) or _visit_of(work, session, session.opened_at)
    closed = replace(
        visit.ending(outcome, work.at), wants_revisit=may_wish_revisit(outcome), worked_ms=session.worked_ms
    )
    told = {"target": closed.target_id, "outcome": outcome.value, "session": session.session_id}
    work.keep(closed, "visit_ended", **told, revisit=closed.wants_revisit)


def _open_visit(work: UnitOfWork, session: CaptureSession) -> Visit | None:
    visits = work.unit.repository(Visit).of(session.activity_id)
    return next((visit for visit in visits if visit.target_id == session.target_id and visit.is_open), None)


def _visit_of(work: UnitOfWork, session: CaptureSession, opened_at: datetime) -> Visit:
    return Visit(work.ids.new(), session.activity_id, session.target_id, work.user.user_id, opened_at)


# Somebody is recorded once: here or in the official application.


def demand_new(unit: Unit, nik: Nik, nik_key: NikKey) -> None:
    """Demand that no record has a NIK, or the provisional number that its owner had.

    Raise `RuleError("session.recorded_before")`, of the official application `RuleError("official.recorded_before")`.
    """
    added = (unit.repository(NikAdded).find(key.target_id) for key in unit.targets.with_niks([nik.digits]))
    before = (each.provisional for each in added if each is not None)  # recorded before the NIK was known
    for number in (nik.digits, *before):
        for entry in unit.records.by_nik(nik_key.digest(number), number):
            code = "official.recorded_before" if entry.record.is_official else "session.recorded_before"
            raise RuleError(code, record=entry.record.record_id, nik=nik.masked).at("nik")


@dataclass(frozen=True, slots=True)
class OfficialProof:
    """What the petugas says of a recording in the official application; `recorded_at` None is the end of the visit."""

    machine: str  # the equipment that recorded
    recorded_at: datetime | None = None
    exceptions: tuple[OfficialException, ...] = ()
    number: str = ""  # on the proof of the official application


_LAST_PROVISIONAL = "targets.last_provisional"


@dataclass(frozen=True, slots=True)
class VisitCard:
    """A target with what the team needs at the door. The safety notes are of the list first, then of the visits."""

    target: Target
    notes: TargetNotes | None
    visits: tuple[Visit, ...]
    safety: tuple[str, ...]
    standard_minutes: int
    perekaman: Perekaman = Perekaman.KIT
    machine: str = ""  # the equipment that the official application recorded with last, in this activity

    @property
    def open_visit(self) -> Visit | None:
        """Return the visit that goes on."""
        return next((visit for visit in self.visits if visit.is_open), None)


class DoorCall(NamedTuple):
    """A target at its place in the order of the day, from 1, with the last visit of it and where it belongs."""

    place: int
    target: Target | TargetLine
    visit: Visit | None
    needs_escort: bool
    kinds: frozenset[Doors] = frozenset({Doors.ALL})

    @property
    def is_to_visit_again(self) -> bool:
        """Return whether somebody should come once more."""
        return Doors.AGAIN in self.kinds


@dataclass(frozen=True, slots=True)
class Ended:
    """What is told when a visit ends."""

    outcome: Outcome
    note: str = ""
    companion: str = ""
    safety: str = ""
    wants_revisit: bool = False
    revisit_note: str = ""
    revisit_on: date | None = None
    official: OfficialProof | None = None  # of `Outcome.DIREKAM_RESMI`, and of no other


@dataclass(frozen=True, slots=True)
class DoorNews:
    """What was just done, for the list to tell: a visit ended, or with `visit` None somebody came by themselves."""

    target: Target  # as it was before the visit ended
    visit: Visit | None = None  # as it went on


@dataclass(frozen=True, slots=True)
class DayRecap:
    """The numbers of one day of an activity; times are of the visits that ended."""

    on: date
    days: tuple[date, ...]  # those on which somebody was visited
    calls: tuple[tuple[Target, Visit], ...]  # of the day, in the order of the hours
    targets: int
    visits: int
    outcomes: Mapping[Outcome, int]
    walk_ins: int
    revisits: int  # targets to be visited again
    open_targets: int
    still_open: int  # visits without an end
    minutes: int
    longest_minutes: int
    over_standard: int
    standard_minutes: int

    @property
    def average_minutes(self) -> int:
        """Return what an ended visit took on average, 0 without one."""
        ended = self.visits - self.still_open
        return round(self.minutes / ended) if ended else 0


class RunVisits:
    """The visits of the signed-in user and of the team."""

    def __init__(self, units: UnitsOfWork, kit_id: str, nik_key: NikKey) -> None:
        self._units, self._kit_id, self._nik_key = units, kit_id, nik_key
        self._news: DoorNews | None = None

    def news(self) -> DoorNews | None:
        """Return what was done last and nobody told yet; it is told once."""
        news, self._news = self._news, None
        return news

    def round(self, activity_id: str) -> Sequence[TargetLine]:
        """Return the targets that are still open in the order of the route; without one, house by house."""
        with self._units.read() as unit:
            return _in_order(unit, activity_id, OPEN)

    def calls(self, activity_id: str) -> Sequence[DoorCall]:
        """Return the targets house by house as the route goes, each with its last visit."""
        with self._units.read() as unit:
            last = {visit.target_id: visit for visit in unit.repository(Visit).of(activity_id)}
            escorted = {note.thing_id for note in unit.repository(TargetNotes).of(activity_id) if note.needs_escort}
            lines = _by_route(unit, activity_id, unit.targets.lines(activity_id))
        return [
            DoorCall(place, line, visit, line.target_id in escorted, _kinds(line, visit))
            for place, line in enumerate(lines, 1)
            for visit in (last.get(line.target_id),)
        ]

    def escorts(self, activity_id: str) -> int:
        """Return how many targets the team should not go to alone."""
        with self._units.read() as unit:
            return sum(note.needs_escort for note in unit.repository(TargetNotes).of(activity_id))

    def revisits(self, activity_id: str) -> Sequence[tuple[TargetLine, Visit | None]]:
        """Return whom to visit again, in the order of the route, each with the last visit."""
        with self._units.read() as unit:
            last = {visit.target_id: visit for visit in unit.repository(Visit).of(activity_id)}
            put_off = _in_order(unit, activity_id, (TargetState.POSTPONED,))
        # A recording that ended puts everybody off, also those who will never be at home again.
        return [
            (t, visit) for t in put_off if (visit := last.get(t.target_id)) is None or visit.outcome not in FOR_GOOD
        ]

    def card(self, target_id: str) -> VisitCard:
        """Return what the team needs at a door; what is private only to those who go there."""
        with self._units.read() as unit:
            target = unit.targets.get(target_id)
            notes = unit.repository(TargetNotes).find(target_id)
            visits = tuple(v for v in unit.repository(Visit).of(target.activity_id) if v.target_id == target_id)
            standard, perekaman = _standard(unit, target.activity_id), perekaman_of(unit, target.activity_id)
            recordings = unit.repository(OfficialRecording).of(target.activity_id)
        told = (notes.safety if notes else "", *(visit.safety for visit in visits))
        safety = tuple(dict.fromkeys(line for line in told if line))
        if not self._units.user.may(Permission.VISIT):
            notes = replace(notes, safety="") if notes else None
            visits, safety = tuple(replace(visit, safety="") for visit in visits), ()
        machine = recordings[-1].machine if recordings else ""
        return VisitCard(target, notes, visits, safety, standard, perekaman, machine)

    def begin(self, target_id: str, companion: str = "") -> Visit:
        """Start the timer at a door, or return the visit of it that goes on."""
        with self._units.write(Permission.VISIT) as work:
            target = work.unit.targets.get(target_id)
            for visit in work.unit.repository(Visit).of(target.activity_id):
                if visit.target_id == target_id and visit.is_open:
                    return visit
            at, by = work.at, work.user.user_id
            visit = Visit(work.ids.new(), target.activity_id, target_id, by, at, companion=companion.strip())
            work.keep(visit, "visit_begun", target=target_id)
            recording_begun(work, target.activity_id)
            return visit

    def end(self, visit_id: str, ended: Ended) -> Visit:
        """End a visit and settle its target. Raise `RuleError` for an outcome that the target does not bear out.

        Of a recording in the official application it raises what `_record_officially` does.
        """
        with self._units.write(Permission.VISIT) as work:
            visit = going_on = work.unit.repository(Visit).get(visit_id)
            target = before = work.unit.targets.get(visit.target_id)
            if ended.revisit_on and ended.revisit_on < self._units.clock.today():
                raise InputError("visit.revisit_past").at("revisit_on")
            _demand_no_session(work.unit, target)
            if ended.outcome is Outcome.DIREKAM_RESMI:
                self._record_officially(work, visit, target, ended.official)
                target = work.unit.targets.get(visit.target_id)
            state = settles(ended.outcome, ended.wants_revisit, target.state)
            visit = replace(
                visit.ending(ended.outcome, work.at),
                note=ended.note.strip(),
                companion=ended.companion.strip() or visit.companion,
                safety=ended.safety.strip() or visit.safety,
                wants_revisit=state is TargetState.POSTPONED,
                revisit_note=ended.revisit_note.strip(),
                revisit_on=ended.revisit_on if state is TargetState.POSTPONED else None,
            )
            outcome = ended.outcome.value
            work.keep(visit, "visit_ended", target=target.target_id, outcome=outcome, revisit=visit.wants_revisit)
            if state in (TargetState.POSTPONED, TargetState.CANCELLED):
                work.unit.targets.mark(target.target_id, state, outcome)
            target_settled(work, visit.activity_id)
        self._news = DoorNews(before, going_on)
        return visit

    def _record_officially(self, work: UnitOfWork, visit: Visit, target: Target, proof: OfficialProof | None) -> None:
        """Note that the official application recorded a target.

        Raise `RuleError`: `official.kit_mode`, `session.too_young`, `official.no_nik`, `session.recorded_before`;
        `InputError`: `official.no_machine`, `common.in_future`, what `OfficialException.demand` raises.
        """
        self._units.demand(Permission.RECORD)
        if proof is None or perekaman_of(work.unit, target.activity_id) is Perekaman.KIT:
            raise RuleError("official.kit_mode")
        who, at = target.biodata, proof.recorded_at or work.at
        gate = age_gate(who.birth_date, who.marital_status, self._units.clock.local(at).date())
        if not gate.may_record:
            raise RuleError("session.too_young", age=gate.age)
        if who.nik.is_provisional:
            raise RuleError("official.no_nik")
        demand_new(work.unit, who.nik, self._nik_key)
        if not proof.machine.strip():
            raise InputError("official.no_machine").at("machine")
        if at > work.at:
            raise InputError("common.in_future").at("recorded_at")
        for exception in proof.exceptions:
            exception.demand()
        recording = OfficialRecording(
            thing_id=target.target_id,
            activity_id=target.activity_id,
            visit_id=visit.thing_id,
            recorded_at=at,
            by=work.user.user_id,
            kit_id=self._kit_id,
            machine=proof.machine.strip(),
            masked_name=who.masked_name,
            masked_nik=who.nik.masked,
            place=work.unit.activities.get(target.activity_id).place,
            card_from=gate.card_from,
            exceptions=proof.exceptions,
            proof=proof.number.strip(),
        )
        work.keep(recording, "recorded_officially", visit=visit.thing_id, exceptions=len(proof.exceptions))
        work.unit.targets.mark(target.target_id, recording.state, Outcome.DIREKAM_RESMI.value)
        seen = work.unit.repository(SeenStatuses).find(target.target_id)
        for said in seen.statuses if seen else ():
            if said.observed_at >= at:  # a list knew it before the team noted it
                work.unit.records.note_status(recording.thing_id, said)

    def take_back(self, news: DoorNews) -> Visit:
        """Let a visit go on as if it had not ended. Raise `RuleError("visit.was_recorded")` for whom a seal closed."""
        visit = news.visit
        assert visit is not None
        with self._units.write(Permission.VISIT) as work:
            state = work.unit.targets.get(visit.target_id).state
            if not _forget_official(work, visit) and state not in (
                TargetState.POSTPONED,
                TargetState.CANCELLED,
                news.target.state,
            ):
                raise RuleError("visit.was_recorded")
            work.keep(visit, "visit_taken_back", target=visit.target_id)
            work.unit.targets.mark(visit.target_id, news.target.state, news.target.reason)
        return visit

    def annotate(
        self, visit_id: str, note: str = "", safety: str = "", companion: str = "", revisit: str = ""
    ) -> Visit:
        """Add to a visit what was not told when it ended; what is left empty stays as it was."""
        with self._units.write(Permission.VISIT) as work:
            visit = work.unit.repository(Visit).get(visit_id)
            visit = replace(
                visit,
                note=note.strip() or visit.note,
                safety=safety.strip() or visit.safety,
                companion=companion.strip() or visit.companion,
                revisit_note=revisit.strip() or visit.revisit_note,
            )
            work.keep(visit, "visit_annotated", target=visit.target_id)
            return visit

    def want_escort(self, target_id: str) -> TargetNotes:
        """Note that somebody for the safety of the team should come along to a door."""
        return self._escort(target_id, "door_escort_wanted", is_needed=True)

    def drop_escort(self, target_id: str) -> TargetNotes:
        """Note that nobody is needed at a door."""
        return self._escort(target_id, "door_escort_dropped", is_needed=False)

    def _escort(self, target_id: str, act: str, *, is_needed: bool) -> TargetNotes:
        with self._units.write(Permission.VISIT) as work:
            activity_id = work.unit.targets.get(target_id).activity_id
            known = work.unit.repository(TargetNotes).find(target_id) or TargetNotes(target_id, activity_id)
            noted = replace(known, needs_escort=is_needed)
            work.keep(noted, act)
            return noted

    def walk_in(self, activity_id: str, who: Biodata, category: ServiceCategory) -> Target:
        """Add somebody who came without being on the list, last in the order of visits.

        Who has no NIK yet (`NO_NIK`) gets a provisional number of this kit.

        Raise `InputError("biodata.no_name")`, `RuleError("visit.on_the_list")` for a NIK that the activity has.
        """
        if not who.name.strip():
            raise InputError("biodata.no_name").at("name")
        with self._units.write(Permission.VISIT) as work:
            targets = work.unit.targets
            work.unit.activities.get(activity_id)
            if who.nik == NO_NIK:
                who = replace(who, nik=self._provisional(work.unit))
            for key in targets.with_niks([who.nik.digits]):
                if key.activity_id == activity_id:
                    house = targets.get(key.target_id).house
                    raise RuleError("visit.on_the_list", nik=who.nik.masked, house=house)
            house, target_id = targets.last_house(activity_id) + 1, work.ids.new()
            target = Target(target_id, activity_id, house, who, category, is_walk_in=True)
            targets.save([target])
            work.note("walk_in_added", target_id, activity=activity_id, without_nik=who.nik.is_provisional)
        self._news = DoorNews(target)
        return target

    def _provisional(self, unit: Unit) -> Nik:
        last = unit.settings.get(_LAST_PROVISIONAL)
        number = (last if isinstance(last, int) else 0) + 1
        unit.settings.put(_LAST_PROVISIONAL, number)
        return Nik.provisional(self._kit_id, number)

    def recap(self, activity_id: str, on: date | None = None) -> DayRecap:
        """Return the numbers of a day, of today when none is named."""
        day, now = on or self._units.clock.today(), self._units.clock.now()
        with self._units.read() as unit:
            every = unit.repository(Visit).of(activity_id)
            counts, standard = unit.targets.counts(activity_id), _standard(unit, activity_id)
            days = {visit.thing_id: self._units.clock.local(visit.started_at).date() for visit in every}
            visits = sorted((v for v in every if days[v.thing_id] == day), key=lambda visit: visit.started_at)
            by_id = _targets_of(unit, visits)
        times = [visit.minutes(now) for visit in visits if not visit.is_open]
        return DayRecap(
            on=day,
            days=tuple(sorted(set(days.values()))),
            calls=tuple((by_id[visit.target_id], visit) for visit in visits if visit.target_id in by_id),
            targets=counts.matching(),
            visits=len(visits),
            outcomes=Counter(visit.outcome for visit in visits if visit.outcome is not None),
            walk_ins=sum(target.is_walk_in for target in by_id.values()),
            revisits=counts.matching((TargetState.POSTPONED,)),
            open_targets=counts.matching(OPEN),
            still_open=sum(visit.is_open for visit in visits),
            minutes=sum(times),
            longest_minutes=max(times, default=0),
            over_standard=sum(time > standard for time in times),
            standard_minutes=standard,
        )


def _forget_official(work: UnitOfWork, visit: Visit) -> bool:
    """Forget the recording of the official application that a visit noted, and return whether it noted one.

    Raise `RuleError("visit.was_recorded")` for one that was followed up.
    """
    recordings = work.unit.repository(OfficialRecording)
    recording = recordings.find(visit.target_id)
    if recording is None or recording.visit_id != visit.thing_id:
        return False
    is_followed = work.unit.repository(CardCase).find(recording.thing_id) is not None
    if is_followed or work.unit.records.get(recording.thing_id).statuses:
        raise RuleError("visit.was_recorded")
    recordings.remove(recording.thing_id)
    work.note("official_recording_taken_back", recording.thing_id, visit=visit.thing_id)
    return True


def _targets_of(unit: Unit, visits: Iterable[Visit]) -> dict[str, Target]:
    """Return whom visits went to, by target_id; who is on no list of this laptop is left out."""
    found = {}
    for target_id in {visit.target_id for visit in visits}:
        with suppress(StoreError):
            found[target_id] = unit.targets.get(target_id)
    return found


def _in_order(unit: Unit, activity_id: str, states: tuple[TargetState, ...]) -> list[TargetLine]:
    """Return the targets in these states, in all without any, in the order of the route."""
    return _by_route(unit, activity_id, unit.targets.lines(activity_id, TargetFilter(states=states)))


def _by_route(unit: Unit, activity_id: str, found: Sequence[TargetLine]) -> list[TargetLine]:
    plan = unit.repository(Plan).find(activity_id)
    return in_route(found, plan.route if plan else ())


def _kinds(line: TargetLine, last: Visit | None) -> frozenset[Doors]:
    return belongs(line.state, last.outcome if last else None, is_walk_in=line.is_walk_in)


def _standard(unit: Unit, activity_id: str) -> int:
    """Return the minutes that the SOP of an activity gives one person."""
    run = unit.repository(SopRun).find(activity_id)
    for step in run.profile.steps if run else ():
        if step.per and step.standard and any(Fulfilment.RECORDED in group for group in step.fulfilled_by):
            return step.standard.minutes
    return VISIT_MINUTES


def _demand_no_session(unit: Unit, target: Target) -> None:
    unfinished = unit.sessions.unfinished() if target.state is TargetState.RECORDING else ()
    if any(session.target_id == target.target_id for session in unfinished):
        raise RuleError("visit.recording_open")
