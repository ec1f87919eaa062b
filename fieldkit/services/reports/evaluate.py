"""Evaluate an activity: what went well and badly, obstacles, proposals; then its report, and minutes of the meeting."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity, OutreachCount
from fieldkit.domain.reports import Evaluation, Points, RecordingTally, add_missed
from fieldkit.domain.sarpras import DamageReport
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import How, Missing
from fieldkit.domain.sop.times import OfficeClock
from fieldkit.domain.visits import VISIT_MINUTES, Visit
from fieldkit.ports.store import Unit
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.letters.write_letters import WriteLetters
from fieldkit.services.sop.run_sop import fulfil, read_glance, with_visits
from fieldkit.services.unit_of_work import UnitsOfWork

_NO_POINTS = Points()
_ENDED = {
    How.DECLARED: "dinyatakan",
    How.SKIPPED: "dilewati",
    How.INCOMPLETE: "belum lengkap",
}


@dataclass(frozen=True, slots=True)
class StepTime:
    """A step that has a standard and was measured; times in minutes."""

    no: int
    name: str
    standard: str  # as the SOP writes it
    standard_minutes: int
    minutes: int

    @property
    def is_late(self) -> bool:
        """Return whether it took longer."""
        return self.minutes > self.standard_minutes


@dataclass(frozen=True, slots=True)
class EvaluationView:
    """The evaluation beside the numbers that it is about. `letter` is the report that counts."""

    activity: Activity
    count: OutreachCount
    visits: int
    visit_minutes: int  # on the average, of visits that ended; 0 without one
    over_standard: int  # visits longer than the standard
    times: tuple[StepTime, ...]
    evaluation: Evaluation | None
    letter: Letter | None

    @property
    def points(self) -> Points:
        """Return what is said so far."""
        return self.evaluation.points if self.evaluation else _NO_POINTS


class Evaluate:
    """Evaluations of the signed-in user."""

    def __init__(self, units: UnitsOfWork, letters: WriteLetters, calendar: KeepCalendar) -> None:
        self._units, self._letters, self._calendar = units, letters, calendar

    def view(self, activity_id: str) -> EvaluationView:
        """Return what is said of an activity, and its numbers. Raise `StoreError("store.not_found")`."""
        now = self._units.clock.now()
        with self._units.read() as unit:
            minutes = [visit.minutes(now) for visit in unit.repository(Visit).of(activity_id) if not visit.is_open]
            evaluation = unit.repository(Evaluation).find(activity_id)
            return EvaluationView(
                activity=unit.activities.get(activity_id),
                count=unit.activities.count(activity_id),
                visits=len(minutes),
                visit_minutes=round(sum(minutes) / len(minutes)) if minutes else 0,
                over_standard=sum(each > VISIT_MINUTES for each in minutes),
                times=_times(unit, activity_id, self._calendar.office_clock(unit)),
                evaluation=evaluation,
                letter=_report(unit, evaluation),
            )

    def write(self, activity_id: str, points: Points) -> Evaluation:
        """Keep what is said, in place of what was said. Raise `RuleError("evaluation.reported")`."""
        with self._units.write(Permission.EVALUATE) as work:
            work.unit.activities.get(activity_id)
            before = work.unit.repository(Evaluation).find(activity_id)
            if _report(work.unit, before) is not None:
                raise RuleError("evaluation.reported")
            said = _trimmed(points)
            if before is not None and before.points == said:
                return before
            evaluation = Evaluation(activity_id, activity_id, said, work.user.user_id, work.at)
            work.keep(evaluation, "evaluation_written")
            return evaluation

    def report(self, activity_id: str, points: Points) -> Letter:
        """Keep what is said and draft the laporan kegiatan from it; that ends the evaluation.

        A report that was made void makes room for another. Raise `InputError("evaluation.empty")`,
        `RuleError("evaluation.reported")`.
        """
        said = _trimmed(points)
        if said.is_empty:
            raise InputError("evaluation.empty")
        with self._units.write(Permission.EVALUATE) as work:
            unit = work.unit
            if _report(unit, unit.repository(Evaluation).find(activity_id)) is not None:
                raise RuleError("evaluation.reported")
            fields: dict[str, Any] = {
                "obstacles": [*said.went_badly, *said.obstacles],
                "advice": list(said.proposals),
                "exceptions": _exceptions(unit, activity_id),
                "times": _told_times(unit, activity_id, self._calendar.office_clock(unit)),
                "photos": _photos(unit, activity_id),
            }
            letter = self._letters.draft_within(work, LetterKind.LAPORAN_KEGIATAN, activity_id, fields)
            evaluation = Evaluation(activity_id, activity_id, said, work.user.user_id, work.at, letter.thing_id)
            work.keep(evaluation, "activity_evaluated", letter=letter.thing_id)
            fulfil(work, activity_id, Fulfilment.EVALUATED, letter.thing_id)
            return letter

    def minutes(self, activity_id: str, points: Points) -> Letter:
        """Keep what is said and draft the notulen of the meeting. Raise `InputError("evaluation.empty")`."""
        said = _trimmed(points)
        if said.is_empty:
            raise InputError("evaluation.empty")
        with self._units.write(Permission.EVALUATE) as work:
            unit = work.unit
            before = unit.repository(Evaluation).find(activity_id)
            if _report(unit, before) is None:
                made = Evaluation(activity_id, activity_id, said, work.user.user_id, work.at)
                work.keep(made if before is None else replace(made, letter_id=before.letter_id), "evaluation_written")
            activity = unit.activities.get(activity_id)
            fields = {
                "meeting": f"Rapat evaluasi {activity.name}",
                "agenda": ["Evaluasi pelaksanaan kegiatan", "Hambatan", "Usul dan tindak lanjut"],
                "results": [*said.went_well, *said.went_badly, *said.obstacles, *said.proposals],
            }
            return self._letters.draft_within(work, LetterKind.NOTULEN, activity_id, fields)


def _trimmed(points: Points) -> Points:
    def lines(told: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(line for each in told if (line := " ".join(each.split())))

    return Points(lines(points.went_well), lines(points.went_badly), lines(points.obstacles), lines(points.proposals))


def _report(unit: Unit, evaluation: Evaluation | None) -> Letter | None:
    """Return the report that counts: not the one that was made void."""
    letter = unit.repository(Letter).find(evaluation.letter_id) if evaluation and evaluation.letter_id else None
    return letter if letter is not None and letter.state is not LetterState.VOID else None


def _exceptions(unit: Unit, activity_id: str) -> list[dict[str, Any]]:
    """Return how often each position could not be given, and why; never whose it was."""
    missed = add_missed(count for tally in unit.repository(RecordingTally).of(activity_id) for count in tally.missed)
    return [
        {"part": each.position.value, "seen": each.reason.value if each.reason else "failed", "count": each.count}
        for each in missed
    ]


def _photos(unit: Unit, activity_id: str) -> list[dict[str, str]]:
    """Return what the office itself photographed: the evidence of steps, and things that came back damaged."""
    run = unit.repository(SopRun).find(activity_id)
    damaged = unit.repository(DamageReport).of(activity_id)
    evidence = _evidence_of(run) if run else []
    return evidence + [{"what": each.name, "picture": photo} for each in damaged for photo in each.photos]


def _evidence_of(run: SopRun) -> list[dict[str, str]]:
    return [
        {"what": f"{step.no}. {run.profile.step(step.no).words}", "picture": file.attachment_id}
        for step in run.steps
        for file in (step.now.ending.files if step.now.ending else ())
        if file.media_type.startswith("image/")
    ]


def _told_times(unit: Unit, activity_id: str, office: OfficeClock) -> list[dict[str, str]]:
    """Return the steps with their times as the paper tells them; a step on somebody's word is never a plain time."""
    run = unit.repository(SopRun).find(activity_id)
    ends = {end.no: end for end in read_glance(unit, run).ends} if run else {}
    measured = {each.no: each for each in _times(unit, activity_id, office)}
    told = []
    for no in sorted({*measured, *ends}):
        time, end = measured.get(no), ends.get(no)
        parts = [f"{time.minutes} menit"] if time else []
        parts += [_ENDED[end.how]] if end else []
        papers = [lack.name for lack in end.lacks if lack.kind is Missing.OUTPUT] if end else []
        parts += [f"belum ada: {', '.join(papers)}"] if papers else []
        name = time.name if time else end.words if end else ""
        told.append({"step": f"{no}. {name}", "standard": time.standard if time else "–", "real": "; ".join(parts)})
    return told


def _times(unit: Unit, activity_id: str, office: OfficeClock) -> tuple[StepTime, ...]:
    run = unit.repository(SopRun).find(activity_id)
    if run is None:
        return ()
    run = with_visits(unit, run)
    took = {step.no: office.real_minutes(run.of(step.no).times, step.standard) for step in run.profile.steps}
    return tuple(
        StepTime(step.no, step.words, step.standard.words, step.standard.limit, minutes)
        for step in run.profile.steps
        if step.standard and not step.per and (minutes := took[step.no]) is not None
    )
