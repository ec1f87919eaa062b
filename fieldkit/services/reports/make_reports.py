"""Reports over a day, a month or an activity: the numbers on the screen, in a spreadsheet and on paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from textwrap import shorten
from typing import TypeVar

from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.documents import SHORT_NAMES
from fieldkit.domain.nik import CARD_FROM_YEARS
from fieldkit.domain.people import Permission
from fieldkit.domain.reports import (
    HIGHEST,
    ActivityFigures,
    Element,
    EndFigures,
    IkdOffer,
    IkdOutcome,
    IkdTarget,
    MissedCount,
    Period,
    PromiseFigures,
    RecordingTally,
    Report,
    Span,
    SurveyAnswer,
    days_of,
    ikd_of,
    minutes_of,
    missed_of,
    qualities_by_device,
    qualities_by_position,
    steps_of,
    survey_of,
)
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.sop.standing import How, Lack, Missing
from fieldkit.domain.visits import RECORDED, OfficialRecording
from fieldkit.ports.documents import Documents, ReportSheet, ReportSheets
from fieldkit.ports.messages import Messages
from fieldkit.ports.repositories import Within
from fieldkit.ports.store import Unit
from fieldkit.services.calendar import KeepCalendar
from fieldkit.services.cards.keep_blanks import ledger_in
from fieldkit.services.letters.print_papers import KeepLetterhead
from fieldkit.services.planning import ActivityLine, ListActivities
from fieldkit.services.reports.sections import (
    MOST_BARS,
    Bar,
    Cell,
    Chart,
    Mood,
    Section,
    Told,
    headlines,
    sections_of,
    term,
    title_of,
)
from fieldkit.services.statuses import RunClocks
from fieldkit.services.unit_of_work import UnitsOfWork

# Sections of a report besides the recordings: coverage of the villages, IKD, the survey (SKM), blanks.

_MOODS = {
    IkdOutcome.ACTIVATED: Mood.GOOD,
    IkdOutcome.REFUSED: Mood.CAUTION,
    IkdOutcome.NOT_POSSIBLE: Mood.NEUTRAL,
}
_GOOD_ENOUGH = 3.06  # NRR from which PermenPANRB 14/2017 calls an element good (B)


def beside_sections(report: Report) -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    made = (_coverage(report), _ikd(report), _survey(report), _blanks(report))
    return tuple(section for section in made if not section.is_empty)


def _coverage(report: Report) -> Section:
    lines = report.coverage
    obliged, recorded, left = (sum(getattr(each, name) for each in lines) for name in ("obliged", "recorded", "left"))
    most = sorted(lines, key=lambda line: -line.left)[:MOST_BARS]
    bars = tuple(
        Bar(line.village or "–", line.left, str(line.left), Mood.CAUTION if line.left else Mood.GOOD) for line in most
    )
    return Section(
        "coverage",
        term("coverage"),
        term("coverage_note", obliged=obliged, recorded=recorded, left=left),
        Chart(bars, legend=term("coverage_legend") if bars else ""),
        tuple(term(f"column_{name}") for name in ("village", "obliged", "recorded", "left", "others", "covered")),
        tuple(
            (
                line.village or "–",
                line.obliged,
                line.recorded,
                line.left,
                line.others,
                f"{round(100 * line.recorded / line.obliged)} %" if line.obliged else "",
            )
            for line in lines
        ),
        charted=3,
    )


def _ikd(report: Report) -> Section:
    told = report.ikd
    bars = tuple(
        Bar(term(f"ikd_{each.value}"), told.outcomes[each], str(told.outcomes[each]), _MOODS[each])
        for each in IkdOutcome
        if told.outcomes.get(each)
    )
    done = told.outcomes.get(IkdOutcome.ACTIVATED, 0)
    reasons = sorted(told.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = (*((bar.label, bar.value) for bar in bars), *((f"– {reason}", count) for reason, count in reasons))
    return Section(
        "ikd",
        term("ikd"),
        term("ikd_note", asked=told.asked, done=done, wanted=told.wanted),
        Chart(bars, legend=term("ikd_legend", wanted=told.wanted) if bars and told.wanted else ""),
        (term("outcome"), term("count")),
        rows if told.asked else ((term("ikd_wanted"), told.wanted),) if told.wanted else (),
    )


def _survey(report: Report) -> Section:
    survey = report.survey
    named = tuple(zip(Element, survey.means, strict=False))
    bars = tuple(
        Bar(
            term(f"skm_{element.value}"),
            round(100 * mean),
            _hundredths(mean),
            Mood.GOOD if mean >= _GOOD_ENOUGH else Mood.CAUTION,
        )
        for element, mean in named
    )
    return Section(
        "survey",
        term("survey"),
        term("survey_note", answers=survey.answers, index=_hundredths(survey.index), grade=survey.grade),
        Chart(bars, legend=term("survey_legend") if bars else "", least_top=100 * HIGHEST),
        (term("column_element"), term("column_mean")),
        tuple((term(f"skm_{element.value}"), _hundredths(mean)) for element, mean in named),
    )


def _blanks(report: Report) -> Section:
    lines = report.blanks
    named = [f"{SHORT_NAMES[line.sort]} · {line.place or 'Dinas'}" for line in lines]
    bars = tuple(
        Bar(name, max(line.left, 0), str(line.left), Mood.SOFT if line.left >= 0 else Mood.BAD)
        for name, line in zip(named, lines, strict=True)
    )
    sums = {each: sum(getattr(line, each) for line in lines) for each in ("received", "printed", "spoilt", "withdrawn")}
    columns = ("begun_with", "received", "printed", "spoilt", "moved", "counted", "left")
    return Section(
        "blanks",
        term("blanks"),
        term("blanks_note", **sums),
        Chart(bars[:MOST_BARS], legend=term("blanks_legend") if bars else ""),
        (term("column_blank"), *(term(f"column_{name}") for name in columns)),
        tuple((name, *(getattr(line, each) for each in columns)) for name, line in zip(named, lines, strict=True)),
        charted=columns.index("left") + 1,
        is_in_chart=True,
    )


def _hundredths(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")


# Which steps of an SOP are over without having been fulfilled: a section of its own, after all that is counted.

_END_MOODS = {How.DECLARED: Mood.CAUTION, How.SKIPPED: Mood.NEUTRAL, How.INCOMPLETE: Mood.BAD}


def all_sections(report: Report) -> tuple[Section, ...]:
    """Return every section in the order of the paper."""
    return (*sections_of(report), *beside_sections(report), ends_section(report))


def ends_section(report: Report) -> Section:
    """Return the steps that ended by somebody's word, were left out, or lack a paper."""
    counts = Counter(each.end.how for each in report.ends)
    return Section(
        "ends",
        term("ends"),
        term("ends_note", declared=counts[How.DECLARED], skipped=counts[How.SKIPPED], lacking=counts[How.INCOMPLETE]),
        Chart(
            tuple(Bar(_how(how), counts[how], str(counts[how]), _END_MOODS[how]) for how in _END_MOODS if counts[how])
        ),
        (term("step"), term("activity"), term("column_how"), term("column_missing")),
        tuple(
            (f"{each.end.no}. {each.end.words}", each.activity, _how(each.end.how), _first(each.end.lacks))
            for each in report.ends
        ),
    )


def _how(how: How) -> Told:
    return term(f"how_{how.value}")


def _first(lacks: tuple[Lack, ...]) -> Told:
    """Return the papers that are missing by name, else how many things are."""
    papers = [lack.name for lack in lacks if lack.kind is Missing.OUTPUT]
    if papers:
        return "; ".join(papers)
    return term("lacks", count=len(lacks)) if lacks else ""


# The sections of a report as a spreadsheet and as the fields of its paper.

_LABEL_CHARS = 36  # what has room beside a bar


def say(told: Told, messages: Messages) -> str:
    """Return a term in the language of the messages."""
    return told if isinstance(told, str) else messages.text(told.key, **told.params)


def sheets_of(report: Report, messages: Messages, mark: str) -> tuple[ReportSheet, ...]:
    """Return the summary and one sheet per section that has rows."""
    summary = ReportSheet(
        say(term("summary"), messages),
        mark,
        (say(title_of(report), messages), ""),
        tuple((say(each.label, messages), each.value) for each in headlines(report)),
    )
    sections = [section for section in all_sections(report) if not section.is_empty]
    return (summary, *(_sheet(section, messages) for section in sections))


def paper_fields(report: Report, messages: Messages, mark: str) -> dict[str, object]:
    """Return what the template of the paper draws; the same report gives the same fields."""
    return {
        "made_at": report.made_at.isoformat(),
        "title": say(term("paper_title"), messages),
        "about": say(title_of(report), messages),
        "mark": mark,
        "headlines": [
            {"label": say(each.label, messages), "value": str(each.value), "mood": each.mood.value}
            for each in headlines(report)
        ],
        "sections": [_section(section, messages) for section in all_sections(report)],
    }


def _sheet(section: Section, messages: Messages) -> ReportSheet:
    return ReportSheet(
        say(section.title, messages),
        say(section.note, messages),
        tuple(say(column, messages) for column in section.columns),
        tuple(tuple(_cell(cell, messages) for cell in row) for row in section.rows),
        section.charted,
    )


def _section(section: Section, messages: Messages) -> dict[str, object]:
    return {
        "title": say(section.title, messages),
        "note": say(section.note if section.rows else term("nothing"), messages),
        "chart": _chart(section.chart, messages),
        "columns": [say(column, messages) for column in section.columns],
        "rows": [
            [{"text": _text(cell, messages), "is_number": isinstance(cell, int)} for cell in row]
            for row in section.rows
        ],
    }


def _chart(chart: Chart, messages: Messages) -> dict[str, object]:
    return {
        "is_line": chart.is_line,
        "legend": say(chart.legend, messages),
        "top": chart.top,
        "bars": [
            {
                "label": shorten(say(bar.label, messages), _LABEL_CHARS, placeholder=" …"),
                "value": bar.value,
                "shown": say(bar.shown, messages),
                "mood": bar.mood.value,
                "mark": bar.mark,
            }
            for bar in chart.bars
        ],
    }


def _cell(cell: Cell, messages: Messages) -> str | int | None:
    return cell if cell is None or isinstance(cell, int) else say(cell, messages)


def _text(cell: Cell, messages: Messages) -> str:
    found = _cell(cell, messages)
    return "–" if found is None else str(found)


T = TypeVar("T", IkdOffer, IkdTarget, SurveyAnswer)
PAPER = "laporan_periode"
_MANY = 60


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

    def __init__(
        self,
        units: UnitsOfWork,
        activities: ListActivities,
        clocks: RunClocks,
        calendar: KeepCalendar,
        tools: ReportTools,
    ) -> None:
        self._units, self._activities, self._clocks, self._tools = units, activities, clocks, tools
        self._calendar = calendar

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
            official=sum(line.is_official for line in records),
            missed=missed_of(tallies, self._elsewhere(unit, period)),
            minutes=minutes_of([line.minutes for line in visits if line.outcome in RECORDED]),
            steps=steps_of(
                [line.glance for line in lines if line.glance is not None],
                lambda glance: unit.repository(SopRun).get(glance.thing_id).profile,
                self._calendar.office_clock(unit),
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

    def _elsewhere(self, unit: Unit, period: Period) -> Iterator[MissedCount]:
        """Yield what the official application let pass; its recordings are kept, and no tally counts them."""
        repository, local = unit.repository(OfficialRecording), self._units.clock.local
        recordings = repository.of(period.activity_id) if period.activity_id else repository.search()
        for recording in recordings:
            if period.holds(local(recording.recorded_at).date()):
                yield from (MissedCount(each.position, each.reason, 1) for each in recording.exceptions)

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
