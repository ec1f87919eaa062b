"""Evaluasi: what an activity taught, beside its numbers; ends with the laporan kegiatan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial

from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people import Permission
from fieldkit.domain.reports import ActivityFigures, Evaluation, Period, Points, Report, Span
from fieldkit.domain.visits import VISIT_MINUTES
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.reports.evaluate import EvaluationView
from fieldkit.services.reports.make_reports import Overview, all_sections
from fieldkit.services.reports.sections import (
    ALGORITHM_COLUMN,
    SERIAL_COLUMN,
    SOP_COLUMN,
    Section,
    Term,
    Told,
    headlines,
    title_of,
)
from fieldkit.services.reports.sections import (
    Cell as ReportCell,
)
from ui.presenters.figures import (
    NO_CHART,
    NO_ROWS,
    ChartShown,
    Column,
    FigureCell,
    Number,
    Row,
    Rows,
    cell_words,
    chart_of,
    rows_of,
    words_of,
)
from ui.presenters.form import FormField
from ui.presenters.lists import Facts, Numbers, OfficeList, Panel
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Empty, Stage, Tag, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message, opens
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.work_form import Around, Filled, WorkForm

NAMES = tuple(field.name for field in fields(Points))
_SAVE_MS = 5_000
_MOST_LATE = 4


class EvaluationOfActivity(OfficeList):
    """Four lists that are kept by themselves until the report is written, which happens once."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str) -> None:
        super().__init__(context, navigator, activity_id)
        self._evaluation = context.office.evaluation
        self._read: EvaluationView | None = None

    def form(self) -> WorkForm:
        """Return the form; who does not evaluate only reads it."""
        return WorkForm(
            "",
            self._load,
            lambda values: self._evaluation.write(self._of, _points(values)),
            around=self._around,
            about=lambda: self._seen.letter.thing_id if self._seen.letter else "",
            reads=frozenset({Evaluation.KIND, Letter.KIND}),
            keeps_every_ms=_SAVE_MS,
            wide=dict.fromkeys(NAMES, 2),
        )

    @property
    def _seen(self) -> EvaluationView:
        assert self._read is not None
        return self._read

    def _load(self) -> tuple[FormField, ...]:
        seen = self._read = self._evaluation.view(self._of)
        return tuple(
            FormField(
                name,
                message(f"evaluasi.{name}"),
                "\n".join(getattr(seen.points, name)),
                message(f"evaluasi.{name}_hint"),
                is_long=True,
            )
            for name in NAMES
        )

    def _around(self, filled: Filled) -> Around:
        seen, may = self._seen, self._context.user.may(Permission.EVALUATE)
        late = tuple(
            Number(f"{each.minutes} / {each.standard_minutes}", f"{each.no}. {each.name}", Tone.CAUTION)
            for each in seen.times
            if each.is_late
        )[:_MOST_LATE]
        side: tuple[Panel, ...] = (
            Facts("", tags=(_tag(seen, self._day_text),)),
            Numbers(message("evaluasi.numbers"), _numbers(seen)),
            *((Numbers(message("evaluasi.late"), late),) if late else ()),
        )
        is_open = may and seen.letter is None
        return Around(
            self._commands(seen, filled, may=may),
            side,
            where=seen.activity.place,
            title=message("evaluasi.title", activity=seen.activity.name),
            note=message("evaluasi.kept_by_itself") if is_open else "",
            is_open=is_open,
        )

    def _commands(self, seen: EvaluationView, filled: Filled, *, may: bool) -> tuple[Command, ...]:
        points, of, write = _points(filled.texts), self._of, self._evaluation
        empty: Message = message("evaluasi.nothing_said") if points.is_empty else ""
        refused = empty if may else message("evaluasi.not_yours")
        minutes = self._writes(filled, lambda: write.minutes(of, points))
        report, words = self._writes(filled, lambda: write.report(of, points)), message("evaluasi.report")
        if seen.letter is not None:  # written once
            words = message("evaluasi.open_report")
            report = opens(self._navigator, "letter", letter_id=seen.letter.thing_id)
        return (
            Command("minutes", message("evaluasi.minutes"), Action.NEW, refused=refused, runs=minutes),
            Command("report", words, Action.ISSUE, Weight.PRIMARY, "" if seen.letter else refused, report),
        )

    def _writes(self, filled: Filled, work: Callable[[], Letter]) -> Callable[[], None]:
        """Return what writes a paper and shows it."""
        written = replace(self._shown(work), busy=message("ui.stage.busy"))
        return lambda: filled.accept(written)


def _points(texts: Mapping[str, str]) -> Points:
    return Points(**{name: tuple(texts.get(name, "").splitlines()) for name in NAMES})


def _tag(seen: EvaluationView, day: Callable[..., str]) -> Tag:
    if seen.letter is not None:
        return Tag(message("evaluasi.reported", day=day(seen.letter.made_at)), Tone.GOOD)
    if seen.evaluation is not None:
        return Tag(message("evaluasi.draft", day=day(seen.evaluation.at)), Tone.SOFT)
    return Tag(message("evaluasi.not_begun"), Tone.NEUTRAL)


def _numbers(seen: EvaluationView) -> tuple[Number, ...]:
    count = seen.count
    numbers = [
        Number(str(count.targets), message("common.targets")),
        Number(str(count.recorded), message("evaluasi.recorded"), Tone.GOOD),
        Number(str(count.with_exception), message("evaluasi.with_exception")),
        Number(str(count.revisit), message("evaluasi.revisit"), Tone.CAUTION if count.revisit else Tone.NEUTRAL),
        Number(str(count.unsent), message("evaluasi.unsent"), Tone.CAUTION if count.unsent else Tone.NEUTRAL),
    ]
    if seen.visits:
        over = Tone.CAUTION if seen.over_standard else Tone.NEUTRAL
        numbers += [
            Number(str(seen.visit_minutes), message("evaluasi.visit_minutes")),
            Number(str(seen.over_standard), message("evaluasi.over_standard", minutes=VISIT_MINUTES), over),
        ]
    return tuple(numbers)


# Laporan: numbers of a day, a month or an activity, with a chart and a table for each question.

_COMMON_WIDTH = 92  # px of a column of numbers
_WIDTHS = {
    **dict.fromkeys(("day", "column_exceptions"), 124),
    **dict.fromkeys(("column_attempts", "clock_paused"), 102),
    **dict.fromkeys(("column_waiting", "column_samples", "column_repeat", "column_retakes", "column_over"), 80),
    **dict.fromkeys(("column_times", "column_minutes", "column_standard"), 66),
    "clock_not_started": 112,
    "reason": 230,
}
_SPANS = tuple(Span)
_BELOW = (SOP_COLUMN, SERIAL_COLUMN, ALGORITHM_COLUMN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsState(ViewState):
    """The period, its first numbers, the sections to choose from, and the chosen one."""

    about: Message = ""
    span: Tag | None = None
    others: Message = ""  # how to come to another period
    numbers: tuple[Number, ...] = ()
    choices: tuple[Choice, ...] = ()
    chosen: str = ""
    title: Message = ""
    note: Message = ""
    chart: ChartShown = NO_CHART
    columns: tuple[Column, ...] = ()
    rows: Rows = NO_ROWS


class ReportsPresenter(OperatingPresenter[ReportsState]):
    """Reads a period, shows its sections one by one, and saves the whole."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str = "",
    ) -> None:
        super().__init__(ReportsState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator = context, navigator
        self._printing, self._messages = printing, messages
        self._reports = context.office.reports
        today = context.clock.today()
        self._period = Period(Span.ACTIVITY, today, activity_id) if activity_id else Period(Span.MONTH, today)
        self._activities: tuple[ActivityFigures, ...] = ()
        self._report: Report | None = None
        self._sections: tuple[Section, ...] = ()
        self._chosen = ""

    def start(self) -> None:
        """Read the period anew."""
        self._tasks.run(STORE, partial(self._reports.overview, self._period), self._found, self._failed)

    # --- which period

    def next_span(self) -> None:
        """Go from the day to the month to the activity and round again."""
        span = _SPANS[(_SPANS.index(self._period.span) + 1) % len(_SPANS)]
        self._go(replace(self._period, span=span))

    def today(self) -> None:
        """Go to the day or month of today, or to the newest activity."""
        self._go(replace(self._period, on=self._context.clock.today(), activity_id=""))

    def turn(self, by: int) -> None:
        """Go to the next period (1) or the one before (-1); of activities to the one of a later or earlier day."""
        if self._period.span is not Span.ACTIVITY:
            self._go(self._period.moved(by))
            return
        ids = [each.activity_id for each in self._activities]  # the newest first
        at = ids.index(self._period.activity_id) if self._period.activity_id in ids else 0
        if ids:
            self._go(replace(self._period, activity_id=ids[max(0, min(len(ids) - 1, at - by))]))

    # --- what of it

    def choose(self, name: str) -> None:
        """Show a section."""
        self._chosen = name
        self._draw()

    # --- out of the program

    def save_pdf(self) -> None:
        """Keep the report as PDF and say where."""
        self._bring_out(lambda report: self._printing.save(*self._reports.pdf(report, self._messages)))

    def save_xlsx(self) -> None:
        """Keep the report as XLSX and say where."""
        self._bring_out(lambda report: self._printing.save(*self._reports.xlsx(report, self._messages)))

    def print(self) -> None:
        """Print the report; without a printer keep it as PDF and say where."""

        def send(report: Report) -> str:
            if not self._printing.printer():
                return self._printing.save(*self._reports.pdf(report, self._messages))
            self._printing.print_pages(self._reports.pages(report, self._messages))
            return ""

        self._bring_out(send)

    accept = save_pdf

    # --- inside

    def _go(self, period: Period) -> None:
        if self.state.stage is not Stage.BUSY:
            self._period = period
            self.start()

    def _found(self, found: Overview) -> None:
        self._activities, self._report = found.activities, found.report
        self._sections = all_sections(found.report) if found.report else ()
        if found.report is None:
            empty = Empty.of("reports.no_activity")
            self._become(
                replace(self.state, stage=Stage.EMPTY, empty=empty, problem=None, retry=None, bar=Bar(leave(self.back)))
            )
            return
        if self._chosen not in [section.name for section in self._sections]:
            self._chosen = self._sections[0].name
        self._draw()

    def _draw(self) -> None:
        report, section = self._report, next((s for s in self._sections if s.name == self._chosen), None)
        if report is None or section is None:
            return
        span = report.period.span
        others = message("reports.other_activity" if span is Span.ACTIVITY else "reports.other_period")
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                retry=None,
                progress=None,
                about=words_of(title_of(report)),
                span=Tag(message(f"reports.span_{span.value}"), Tone.SOFT),
                others=others,
                numbers=tuple(
                    Number(str(each.value), words_of(each.label), Tone(each.mood.value)) for each in headlines(report)
                ),
                choices=tuple(Choice(each.name, words_of(each.title)) for each in self._sections),
                chosen=section.name,
                title=words_of(section.title),
                note=message("reports.nothing") if section.is_empty else words_of(section.note),
                chart=chart_of(section.chart),
                columns=_columns(section),
                rows=_rows(section),
                bar=self._bar(report),
            )
        )

    def _bar(self, report: Report) -> Bar:
        nothing: Message = message("reports.still_empty") if report.is_empty else ""
        return Bar(
            leave(self.back),
            (
                Command("next_span", message("reports.next_span"), Action.GROUP, Weight.PLAIN, runs=self.next_span),
                Command("print", message("common.print"), Action.PRINT, Weight.PLAIN, nothing, runs=self.print),
                Command("save_xlsx", message("reports.save_xlsx"), Action.NEW, refused=nothing, runs=self.save_xlsx),
                enter(message("reports.save_pdf"), self.save_pdf, nothing, name="save_pdf"),
            ),
        )

    def _bring_out(self, send: Callable[[Report], str]) -> None:
        report = self._report
        if report is not None and not report.is_empty and self.state.stage is Stage.CONTENT:
            self._operate(Operation(work=lambda: send(report), told=_told, busy=message("reports.writing")))


def _told(where: str) -> Message:
    return message("reports.saved", where=where) if where else message("reports.printed")


def _columns(section: Section) -> tuple[Column, ...]:
    """Return the columns but the one that the chart beside shows; the first takes what is left."""
    first, *others = [section.columns[at] for at in _shown(section)]
    return Column(words_of(first)), *(Column(words_of(each), _width(each)) for each in others)


def _width(title: Told) -> int:
    return _WIDTHS.get(title.key.removeprefix("reports."), _COMMON_WIDTH) if isinstance(title, Term) else 0


def _shown(section: Section) -> tuple[int, ...]:
    """Return the places of the columns that stand in the table; what a chart beside it shows is left out."""
    hidden = {section.charted} if section.is_in_chart and section.chart.bars else set[int]()
    return tuple(at for at in range(len(section.columns)) if at not in hidden and section.columns[at] not in _BELOW)


def _rows(section: Section) -> Rows:
    return rows_of(
        tuple(
            Row(
                str(number),
                tuple(
                    FigureCell(cell_words(row[at]), _second(section, row) if at == 0 else "", is_strong=at == 0)
                    for at in _shown(section)
                ),
            )
            for number, row in enumerate(section.rows)
        )
    )


def _second(section: Section, row: tuple[ReportCell, ...]) -> Message:
    """Return what stands below the name of a row: the SOP of a step, the serial number of a device."""
    return next((cell_words(row[at]) for at, column in enumerate(section.columns) if column in _BELOW), "")
