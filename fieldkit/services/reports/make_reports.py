"""Reports over a day, a month or an activity: the numbers on the screen, in a spreadsheet and on paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from typing import TypeVar

from fieldkit.domain.ages import CARD_FROM_YEARS
from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.reports.beside import IkdOffer, IkdTarget, SurveyAnswer, ikd_of, survey_of
from fieldkit.domain.reports.report import (
    ActivityFigures,
    EndFigures,
    Period,
    PromiseFigures,
    Report,
    Span,
    days_of,
    minutes_of,
    missed_of,
    qualities_by_device,
    qualities_by_position,
    steps_of,
)
from fieldkit.domain.reports.tally import RecordingTally
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Outcome
from fieldkit.ports.documents import Documents
from fieldkit.ports.figures import Within
from fieldkit.ports.messages import Messages
from fieldkit.ports.reports import ReportSheets
from fieldkit.ports.store import Unit
from fieldkit.services.cards.use_blanks import ledger_in
from fieldkit.services.letters.keep_letterhead import KeepLetterhead
from fieldkit.services.planning.list_activities import ActivityLine, ListActivities
from fieldkit.services.reports.papers import paper_fields, sheets_of
from fieldkit.services.statuses.run_clocks import RunClocks
from fieldkit.services.unit_of_work import UnitsOfWork

T = TypeVar("T", IkdOffer, IkdTarget, SurveyAnswer)
PAPER = "laporan_periode"
_MANY = 60
_RECORDED = frozenset({Outcome.DIREKAM, Outcome.DIREKAM_DENGAN_PENGECUALIAN})


@dataclass(frozen=True, slots=True)
class ReportTools:
    """What a report is written with."""

    documents: Documents
    sheets: ReportSheets
    letterhead: KeepLetterhead
    kit_id: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The activities, the newest day first, and a report; None while there is no activity."""

    activities: tuple[ActivityFigures, ...]
    report: Report | None


class Reports:
    """Reads reports and writes them as papers. Numbers only: nobody can be found in them."""

    def __init__(self, units: UnitsOfWork, activities: ListActivities, clocks: RunClocks, tools: ReportTools) -> None:
        self._units, self._activities, self._clocks, self._tools = units, activities, clocks, tools

    def month(self) -> Period:
        """Return the month of today."""
        return Period(Span.MONTH, self._units.clock.today())

    def read(self, period: Period) -> Report:
        """Return the numbers of a period. Raise `StoreError("store.not_found")` for an unknown activity."""
        self._units.demand(Permission.READ_REPORTS)
        if period.span is Span.ACTIVITY:
            return self._read(period, [self._activities.one(period.activity_id)])
        return self._read(period, self._activities.everything())

    def overview(self, period: Period) -> Overview:
        """Return what there is to report about, and the report; of an activity without its id the newest one's.

        Raise `StoreError("store.not_found")` for an unknown activity.
        """
        self._units.demand(Permission.READ_REPORTS)
        lines = self._activities.everything()
        found, mine = tuple(map(_activity, lines)), lines
        if not found:
            return Overview((), None)
        if period.span is Span.ACTIVITY:
            wanted = period.activity_id or found[0].activity_id
            mine = tuple(line for line in lines if line.activity.activity_id == wanted)
            about = mine[0] if mine else self._activities.one(wanted)
            period = replace(period, on=about.days[0], activity_id=wanted)
        return Overview(found, self._read(period, mine))

    def pdf(self, report: Report, messages: Messages) -> tuple[str, bytes]:
        """Return file name and PDF of a report; the same report gives the same bytes."""
        pdf = self._tools.documents.render(PAPER, self._fields(report, messages))
        return self._exported(report, "pdf", pdf), pdf

    def pages(self, report: Report, messages: Messages) -> Sequence[bytes]:
        """Return the pages of a report for the printer."""
        sheets = self._tools.documents.sheets(PAPER, self._fields(report, messages))
        self._exported(report, "print", b"".join(sheets))
        return sheets

    def xlsx(self, report: Report, messages: Messages) -> tuple[str, bytes]:
        """Return file name and XLSX of a report."""
        content = self._tools.sheets.write(sheets_of(report, messages, self._mark(report, messages)), report.made_at)
        return self._exported(report, "xlsx", content) + ".xlsx", content

    def _read(self, period: Period, lines: Sequence[ActivityLine]) -> Report:
        about = lines[0] if period.span is Span.ACTIVITY else None
        with self._units.read() as unit:
            return self._within(unit, period, lines, about)

    def _within(self, unit: Unit, period: Period, lines: Sequence[ActivityLine], about: ActivityLine | None) -> Report:
        local, within = self._units.clock.local, self._bounds(period)
        records, visits = unit.figures.records(within), unit.figures.visits(within)
        busy = {line.activity_id for line in records} | {line.activity_id for line in visits}
        tallies = [tally for tally in _tallies(unit, period) if period.holds(tally.on)]
        runs = _full_runs(unit, {line.activity_id for line in records})
        standings = self._clocks.standings(unit, records, runs)
        told = tuple(
            line for line in lines if line.activity.activity_id in busy or any(period.holds(day) for day in line.days)
        )
        return Report(
            period=period,
            made_at=local(self._units.clock.now()),
            activity=_activity(about) if about else None,
            activities=tuple(map(_activity, told)),
            recorded=len(records),
            with_exception=sum(line.exceptions > 0 for line in records),
            unsent=sum(not line.is_acknowledged for line in records),
            days=days_of((local(line.sealed_at).date() for line in records), period),
            outcomes=Counter(line.outcome for line in visits),
            missed=missed_of(tallies),
            minutes=minutes_of([line.minutes for line in visits if line.outcome in _RECORDED]),
            steps=steps_of(
                [line.glance for line in lines if line.glance is not None],
                lambda glance: unit.repository(SopRun).get(glance.thing_id).profile,
                local,
                period,
            ),
            promises=tuple(
                PromiseFigures(rule, standings[rule]) for rule in sorted(standings, key=lambda r: r.rule_id)
            ),
            positions=qualities_by_position(tallies),
            devices=qualities_by_device(tallies),
            documents=unit.figures.documents(within),
            coverage=tuple(unit.figures.coverage(_born_by(period.last), [line.activity.activity_id for line in told])),
            ikd=ikd_of(_beside(unit, IkdOffer, told), _beside(unit, IkdTarget, told)),
            blanks=self._blanks(unit, period),
            survey=survey_of(_beside(unit, SurveyAnswer, told)),
            ends=tuple(
                EndFigures(line.activity.name, end)
                for line in told
                if line.glance is not None
                for end in line.glance.ends
            ),
        )

    def _blanks(self, unit: Unit, period: Period) -> tuple[BlankFigures, ...]:
        """Return the ledger of blanks over a day or month; an activity has none of its own."""
        if period.span is Span.ACTIVITY:
            return ()
        local = self._units.clock.local
        return ledger_in(unit).figures(period.first, period.last, lambda at: local(at).date())

    def _bounds(self, period: Period) -> Within:
        if period.span is Span.ACTIVITY:
            return Within(activity_id=period.activity_id)
        zone = self._units.clock.local(self._units.clock.now()).tzinfo

        def begins(on: date) -> datetime:
            return datetime.combine(on, time(), zone).astimezone(UTC)

        return Within(begins(period.first), begins(period.last + timedelta(days=1)))

    def _fields(self, report: Report, messages: Messages) -> dict[str, object]:
        head = self._tools.letterhead.read()
        dinas = {
            "dinas": head.dinas,
            "regency": head.regency,
            "address": head.address,
            "contact": head.contact,
            "city": head.city,
        }
        return {"dinas": dinas, **paper_fields(report, messages, self._mark(report, messages))}

    def _mark(self, report: Report, messages: Messages) -> str:
        """Return the mark of an export: which kit, which account, when. Accounts are told by role, not by name."""
        role = messages.text(f"role.{self._units.user.role.value}")
        return messages.text("reports.mark", kit=self._tools.kit_id, role=role, at=f"{report.made_at:%d-%m-%Y %H.%M}")

    def _exported(self, report: Report, form: str, content: bytes) -> str:
        """Note in the log that a report left the program, and return its file name without an ending."""
        period = report.period
        named = f"{period.on:%Y%m}" if period.span is Span.MONTH else f"{period.on:%Y%m%d}"
        if report.activity is not None:  # two teams may be at one place on one day
            place = re.sub(r"[^a-z0-9]+", "-", report.activity.place.casefold()).strip("-")
            named = f"kegiatan-{named}-{place}-{period.activity_id[-4:]}"
        with self._units.write(Permission.READ_REPORTS) as work:
            about = period.activity_id if period.span is Span.ACTIVITY else f"report:{named}"
            work.note("report_exported", about, form=form, span=period.span.value, digest=sha256(content).hexdigest())
        return f"laporan-{named}"


def _born_by(on: date) -> date:
    """Return the last birthday of those who are 17 by a day."""
    return date(on.year - CARD_FROM_YEARS, on.month, 28 if (on.month, on.day) == (2, 29) else on.day)


def _beside(unit: Unit, kind: type[T], lines: Sequence[ActivityLine]) -> list[T]:
    """Return what was written down in some activities."""
    mine = {line.activity.activity_id for line in lines}
    return [each for each in unit.repository(kind).search() if each.activity_id in mine]


def _activity(line: ActivityLine) -> ActivityFigures:
    activity, count = line.activity, line.count
    return ActivityFigures(
        activity_id=activity.activity_id,
        name=activity.name,
        place=activity.place,
        on=line.days[0],
        targets=count.targets,
        recorded=count.recorded,
        with_exception=count.with_exception,
        revisit=count.revisit,
        waiting=count.waiting,
        unsent=count.unsent,
    )


def _tallies(unit: Unit, period: Period) -> Sequence[RecordingTally]:
    repository = unit.repository(RecordingTally)
    return repository.of(period.activity_id) if period.span is Span.ACTIVITY else repository.search()


def _full_runs(unit: Unit, activities: Collection[str]) -> Iterable[SopRun]:
    repository = unit.repository(SopRun)
    if len(activities) > _MANY:  # one by one they would take longer than all at once
        return (run for run in repository.search() if run.activity_id in activities)
    return filter(None, map(repository.find, activities))
