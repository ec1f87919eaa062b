"""What the follow-up of social aid means for the SOP of its activity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from fieldkit.domain.aid import (
    OVER,
    Aid,
    AidAct,
    AidCase,
    AidEvaluation,
    AidMeeting,
    AidNote,
    AidRound,
    AidState,
    Program,
    standing,
)
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Target, TargetLine, TargetVerdict
from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.documents import TargetSheets
from fieldkit.ports.messages import Messages
from fieldkit.ports.store import Unit
from fieldkit.services.sop.run_sop import EvidenceFile, fulfil, underway
from fieldkit.services.unit_of_work import UnitOfWork, UnitsOfWork


def aid_moved(work: UnitOfWork, activity_id: str) -> None:
    """Tell that everything noted was proposed, and that every proposal has its end, one of them as aid."""
    counts = standing(work.unit.repository(AidCase).of(activity_id))
    total, noted = sum(counts.values()), counts.get(AidState.DICATAT, 0)
    if total > noted:
        (underway if noted else fulfil)(work, activity_id, Fulfilment.AID_PROPOSED)
    if counts.get(AidState.DISALURKAN):
        is_over = total == sum(counts.get(state, 0) for state in OVER)
        (fulfil if is_over else underway)(work, activity_id, Fulfilment.AID_DELIVERED)


def aid_coordinated(work: UnitOfWork, aid_round: AidRound) -> None:
    """Tell that both Dinsos and desa were asked."""
    told = fulfil if aid_round.is_coordinated else underway
    told(work, aid_round.activity_id, Fulfilment.AID_COORDINATED)


# Follow up social aid: who has what, what was proposed, what became of it. Nothing here decides who gets anything.

_GONE = frozenset({TargetVerdict.MENINGGAL.value, TargetVerdict.PINDAH.value, EndReason.DECEASED.value})
_STATES = tuple(AidState)
_TO_BE_NOTED = True, len(_STATES), -1  # where they stand among what `_urgency` tells
_COLUMNS = ("nik", "no_kk", "name", "address", "dtsen", "decile", "received", "program", "state")


@dataclass(frozen=True, slots=True)
class AidKey:
    """One proposal: whose, and for which programme."""

    target_id: str
    program: Program


@dataclass(frozen=True, slots=True)
class AidStep:
    """What an outsider did: who, when, what shows it. The number of a letter is evidence as a file is."""

    state: AidState
    who: str
    at: datetime | None = None  # None is now
    paper: str = ""
    paper_on: date | None = None
    files: tuple[EvidenceFile, ...] = ()
    reason: str = ""
    follow_up_on: date | None = None


class AidLine(NamedTuple):
    """A person with one proposal, or with none. `case` is None while nothing was noted."""

    target: Target | TargetLine
    case: AidCase | None = None
    aid: Aid | None = None


@dataclass(frozen=True, slots=True)
class AidOverview:
    """The follow-up of an activity. `lines` are empty for who may only know the numbers."""

    round: AidRound
    lines: tuple[AidLine, ...]
    counts: Mapping[AidState, int]
    people: int  # noted
    not_noted: int
    due: int
    is_hidden: bool


class FollowAid:
    """The follow-up of the signed-in user."""

    def __init__(self, units: UnitsOfWork, sheets: TargetSheets) -> None:
        self._units, self._sheets = units, sheets

    # --- reading

    @property
    def may_read(self) -> bool:
        """Return whether the user may know who needs what; everybody else sees numbers."""
        user = self._units.user
        return user.may(Permission.FOLLOW_UP_AID) or user.may(Permission.EVALUATE_AID)

    def overview(self, activity_id: str) -> AidOverview:
        """Return numbers and, for those who may know, the people: what is due first, then by state and house."""
        today = self._units.clock.today()
        with self._units.read() as unit:
            cases = {case.thing_id: case for case in unit.repository(AidCase).of(activity_id)}
            people = unit.targets.lines(activity_id)
            gone = _gone(people)
            lines = _lines(people, cases, gone, today) if self.may_read else []
            not_noted = len(people) - len(gone | set(cases))
            about = _round(unit, activity_id)
        counts = standing(cases.values())
        return AidOverview(
            round=about,
            lines=tuple(lines),
            counts=counts,
            people=len(cases),
            not_noted=not_noted,
            due=sum(aid.is_due(today) for case in cases.values() for aid in case.aids),
            is_hidden=not self.may_read,
        )

    def one(self, target_id: str) -> AidLine:
        """Return a person with what is noted. Raise `RuleError("role.not_yours")`."""
        self._demand_reading()
        with self._units.read() as unit:
            return AidLine(unit.targets.get(target_id), unit.repository(AidCase).find(target_id))

    def round(self, activity_id: str) -> AidRound:
        """Return the follow-up of an activity as a whole; an empty one where nobody began."""
        self._demand_reading()
        with self._units.read() as unit:
            return _round(unit, activity_id)

    # --- writing

    def note(self, target_id: str, told: AidNote) -> AidCase:
        """Note what a person has and may need. Raise `InputError`, `RuleError("aid.proposed_already")`."""
        with self._units.write(Permission.FOLLOW_UP_AID) as work:
            target = work.unit.targets.get(target_id)
            before = work.unit.repository(AidCase).find(target_id)
            case = before or AidCase(target_id, target.activity_id)
            case = case.noting(replace(told, note=told.note.strip()), work.at, work.user.user_id)
            if case != before:
                work.keep(case, "aid_noted")
                aid_moved(work, case.activity_id)
            return case

    def move(self, activity_id: str, keys: Sequence[AidKey], step: AidStep) -> Sequence[AidCase]:
        """Write down what an outsider did with one or more proposals, all of them or none.

        Raise `InputError` without name, evidence or, for a refusal, reason; `RuleError("aid.no_way")`.
        """
        if not keys:
            raise InputError("aid.nobody")
        _check(step, self._units.clock.today())
        with self._units.write(Permission.FOLLOW_UP_AID) as work:
            if step.at is not None and step.at > work.at:
                raise InputError("aid.in_future")
            act = AidAct(
                state=step.state,
                at=step.at or work.at,
                by=work.user.user_id,
                who=step.who.strip(),
                paper=step.paper.strip(),
                paper_on=step.paper_on,
                files=_attached(work, activity_id, step.files),
                reason=step.reason.strip() if step.state is AidState.DITOLAK else "",
            )
            repository, cases = work.unit.repository(AidCase), dict[str, AidCase]()
            for key in dict.fromkeys(keys):
                case = cases.get(key.target_id) or repository.get(key.target_id)
                if case.activity_id != activity_id:
                    raise RuleError("aid.need_unknown")
                cases[key.target_id] = case.moving(key.program, act, step.follow_up_on)
            for case in cases.values():
                work.keep(case, "aid_moved", state=step.state.value, files=list(act.files))
            aid_moved(work, activity_id)
            return list(cases.values())

    def meet(
        self,
        activity_id: str,
        dinsos: str,
        desa: str,
        agreed: str = "",
        at: datetime | None = None,
        files: Sequence[EvidenceFile] = (),
    ) -> AidRound:
        """Note that Dinsos or desa, or both, were asked. Raise `InputError` without a name or ahead of time."""
        if not dinsos.strip() and not desa.strip():
            raise InputError("aid.no_name").at("who")
        with self._units.write(Permission.FOLLOW_UP_AID) as work:
            if at is not None and at > work.at:
                raise InputError("aid.in_future")
            work.unit.activities.get(activity_id)
            before = _round(work.unit, activity_id)
            filed = _attached(work, activity_id, files)
            met = AidMeeting(at or work.at, work.user.user_id, dinsos.strip(), desa.strip(), agreed.strip(), filed)
            about = replace(before, meetings=(*before.meetings, met))
            work.keep(about, "aid_coordinated", files=list(filed))
            aid_coordinated(work, about)
            return about

    def evaluate(self, activity_id: str, result: str, follow_up: str = "") -> AidRound:
        """Keep what the proposals brought. Raise `InputError("aid.no_result")`, `RuleError("aid.nothing_proposed")`."""
        if not result.strip():
            raise InputError("aid.no_result").at("result")
        with self._units.write(Permission.EVALUATE_AID) as work:
            counts = standing(work.unit.repository(AidCase).of(activity_id))
            if not any(state is not AidState.DICATAT for state in counts):
                raise RuleError("aid.nothing_proposed")
            before = _round(work.unit, activity_id)
            judged = AidEvaluation(work.at, work.user.user_id, result.strip(), follow_up.strip(), dict(counts))
            about = replace(before, evaluations=(*before.evaluations, judged))
            work.keep(about, "aid_evaluated")
            fulfil(work, activity_id, Fulfilment.AID_EVALUATED, activity_id)
            return about

    def export(self, activity_id: str, messages: Messages) -> tuple[str, bytes]:
        """Return name and XLSX of all that was noted, for the desa and Dinsos; the category is not in it.

        Who took it out stands below and in the log. Raise `RuleError("aid.nothing_noted")`.
        """
        with self._units.write(Permission.FOLLOW_UP_AID) as work:
            unit = work.unit
            cases = unit.repository(AidCase).of(activity_id)
            if not cases:
                raise RuleError("aid.nothing_noted")
            rows = [
                _exported(unit.targets.get(case.thing_id), case, aid, messages)
                for case in cases
                for aid in (case.aids or (None,))
            ]
            work.note("aid_exported", activity_id, count=len(cases))
            activity = unit.activities.get(activity_id)
            moment = self._units.clock.local(work.at).strftime("%d-%m-%Y %H.%M")
        mark = messages.text("verify.export_mark", name=self._units.user.name, moment=moment)
        header = [messages.text(f"aid.column_{column}") for column in _COLUMNS]
        name = f"bantuan-{activity.on:%Y%m%d}.xlsx"
        return name, self._sheets.write(activity.place, header, [*rows, (), (mark,)])

    def _demand_reading(self) -> None:
        if not self.may_read:
            raise RuleError("role.not_yours", role=self._units.user.role.value, permission="follow_up_aid")


def _check(step: AidStep, today: date) -> None:
    if not step.who.strip():
        raise InputError("aid.no_name").at("who")
    if not step.files and not step.paper.strip():
        raise InputError("aid.no_evidence").at("paper")
    if step.state is AidState.DITOLAK and not step.reason.strip():
        raise InputError("aid.no_reason").at("reason")
    if step.paper_on is not None and step.paper_on > today:
        raise InputError("aid.in_future")
    if step.follow_up_on is not None and step.follow_up_on < today:
        raise InputError("aid.follow_up_past").at("follow_up_on")


def _round(unit: Unit, activity_id: str) -> AidRound:
    return unit.repository(AidRound).find(activity_id) or AidRound(activity_id, activity_id)


def _gone(people: Sequence[TargetLine]) -> set[str]:
    """Return who died or moved away: nobody asks for aid for them here."""
    return {each.target_id for each in people if each.reason in _GONE}


def _lines(people: Sequence[TargetLine], cases: Mapping[str, AidCase], gone: set[str], today: date) -> list[AidLine]:
    found = {each.target_id: each for each in people}
    noted = [AidLine(found[case.thing_id], case, aid) for case in cases.values() for aid in (case.aids or (None,))]
    noted.sort(key=lambda line: _urgency(line, today))
    first = sum(_urgency(line, today) < _TO_BE_NOTED for line in noted)
    # People come by house: thousands of whom nothing is noted need no sorting.
    settled = gone | set(cases)
    to_note = map(AidLine, [each for each in people if each.target_id not in settled])
    return [*noted[:first], *to_note, *noted[first:]]


def _urgency(line: AidLine, today: date) -> tuple[bool, int, int]:
    """Return the place of a noted line: due, then under way by state, who needs nothing, what is over last."""
    if line.aid is None:
        return True, len(_STATES), line.target.house
    place = _STATES.index(line.aid.state) + (2 * len(_STATES) if line.aid.is_over else 0)
    return not line.aid.is_due(today), place, line.target.house


def _attached(work: UnitOfWork, activity_id: str, files: Sequence[EvidenceFile]) -> tuple[str, ...]:
    return tuple(work.attach(activity_id, file.name, file.media_type, file.content) for file in files)


def _exported(target: Target, case: AidCase, aid: Aid | None, messages: Messages) -> tuple[str, ...]:
    who, home = target.biodata, target.biodata.address
    return (
        who.nik.digits,
        who.no_kk.digits,
        who.name,
        f"{home.street} RT {home.rt} RW {home.rw} {home.village}",
        messages.text(f"aid.dtsen_{case.dtsen.value}"),
        str(case.decile or ""),
        ", ".join(messages.text(f"aid.program_{each.value}") for each in case.received),
        messages.text(f"aid.program_{aid.program.value}") if aid else "",
        messages.text(f"aid.state_{aid.state.value}") if aid else "",
    )
