from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from openpyxl import load_workbook
from support.app_context import ACTIVITY, TARGETS, TODAY, Kit
from support.clock import NOW
from support.letters import KASI
from support.reported import SLAP, report_month, tally_of
from support.sops import small_run

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.printing import ClockState
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.reports import (
    CoverageLine,
    IkdFigures,
    IkdOffer,
    IkdOutcome,
    Period,
    RecordingTally,
    Report,
    Span,
    StepFigures,
    SurveyFigures,
    qualities_by_position,
)
from fieldkit.domain.sop.profile import ClockStart, Sla, SlaKind
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.reports import make_reports
from fieldkit.services.reports.make_reports import Reports, all_sections, beside_sections, paper_fields, say, sheets_of
from fieldkit.services.reports.sections import Term

GROBOGAN = Sla("1 x 24 jam", SlaKind.CALENDAR_MINUTES, 1440, step=8, counted_from=ClockStart.PENUNGGALAN)
# Somebody may be too ill on the day ("sakit"), and "umum" is an ordinary word; the others name only a category.
CATEGORIES = frozenset(ServiceCategory) - {ServiceCategory.SAKIT, ServiceCategory.UMUM}
INDONESIAN = strict_catalogue("id")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KASI)
    kit.plan(*TARGETS)
    report_month(kit)
    kit.apply(kit.seal(1, TARGETS[0]), "PRINT_READY_RECORD")
    kit.seal(2, TARGETS[1])
    with kit.store.write() as unit:
        run = replace(small_run(), thing_id="a1", activity_id="a1")
        unit.repository(SopRun).save(replace(run, profile=replace(run.profile, sla=(GROBOGAN,))))
    yield kit
    kit.store.close()


def reports(kit: Kit) -> Reports:
    return kit.context.office.reports


def of(kit: Kit, span: Span, on: date = TODAY) -> Report:
    return reports(kit).read(Period(span, on, "a1"))


def test_a_month_is_everything_that_happened_in_it(kit: Kit) -> None:
    report = of(kit, Span.MONTH)
    assert report.visits == 22
    assert report.outcomes[Outcome.DIREKAM] == 9
    assert (report.recorded, report.unsent) == (2, 2)
    assert (report.minutes.count, report.minutes.longest, report.minutes.over) == (12, 63, 7)
    assert [each.activity_id for each in report.activities] == ["a1"]
    assert report.documents[Place.PERSON] == 2
    assert {count.device for count in report.devices} >= {SLAP}
    assert sum(count.count for count in report.missed) == 22


def test_a_day_and_another_month_have_their_own_numbers(kit: Kit) -> None:
    today = of(kit, Span.DAY)
    assert 0 < today.visits < 22
    assert sum(count.count for count in today.missed) == 11
    assert of(kit, Span.MONTH, TODAY.replace(month=10)).is_empty


def test_an_activity_has_all_of_its_days_and_nothing_of_others(kit: Kit) -> None:
    report = of(kit, Span.ACTIVITY, TODAY - timedelta(days=400))
    assert (report.visits, report.recorded) == (22, 2)
    assert report.activity is not None
    assert report.activity.targets == len(TARGETS)
    with pytest.raises(StoreError, match="not_found"):
        reports(kit).read(Period(Span.ACTIVITY, TODAY, "elsewhere"))


def test_a_promise_is_kept_missed_or_still_waits(kit: Kit) -> None:
    (promise,) = of(kit, Span.MONTH).promises
    assert promise.rule.words == "1 x 24 jam"
    assert (promise.of(ClockState.RUNNING), promise.of(ClockState.NOT_STARTED)) == (1, 1)
    kit.clock.advance(days=2)
    (late,) = of(kit, Span.MONTH).promises
    assert (late.of(ClockState.MISSED), late.of(ClockState.NOT_STARTED)) == (1, 1)


@pytest.mark.days
def test_the_same_report_gives_the_same_paper(kit: Kit) -> None:
    report = of(kit, Span.MONTH)
    name, pdf = reports(kit).pdf(report, INDONESIAN)
    assert (name, pdf[:5]) == ("laporan-202611", b"%PDF-")
    assert reports(kit).pdf(report, INDONESIAN)[1] == pdf
    assert len(reports(kit).pages(report, INDONESIAN)) == len(pypdfium2.PdfDocument(pdf))


def test_a_spreadsheet_has_a_sheet_with_a_chart_per_question(kit: Kit) -> None:
    name, content = reports(kit).xlsx(of(kit, Span.ACTIVITY), INDONESIAN)
    book = load_workbook(io.BytesIO(content))
    assert name == "laporan-kegiatan-20261121-desa-jimbe-a1.xlsx"
    assert book.sheetnames[:2] == ["1 Ringkasan", "2 Hasil kunjungan"]
    outcomes = book["2 Hasil kunjungan"]
    assert [cell.value for cell in outcomes[5]] == ["Direkam", 9, "41 %"]
    assert all(len(sheet._charts) == 1 for sheet in book.worksheets[1:])


@pytest.mark.days
@pytest.mark.parametrize("language", ["id", "en"])
def test_nobody_is_in_a_report(kit: Kit, language: str) -> None:
    messages = strict_catalogue(language)
    for span in Span:
        report = of(kit, span)
        pdf = pypdfium2.PdfDocument(reports(kit).pdf(report, messages)[1])
        book = load_workbook(io.BytesIO(reports(kit).xlsx(report, messages)[1]))
        pages = " ".join(page.get_textpage().get_text_range() for page in pdf)
        cells = " ".join(str(cell.value) for sheet in book for row in sheet for cell in row)
        for told in (pages.replace("\r\n", " "), cells):
            assert "Direkam" in told or "Recorded" in told
            assert not re.search(r"\d{16}|\d{6}\*+\d{2}", told)
            for target in TARGETS:
                assert target.biodata.name not in told
                assert target.biodata.nik.masked not in told
            for category in CATEGORIES:
                assert not re.search(rf"\b{category.value}\b", told, re.IGNORECASE)


def test_each_export_is_in_the_log_with_its_digest(kit: Kit) -> None:
    report = of(kit, Span.MONTH)
    content = (reports(kit).pdf(report, INDONESIAN)[1], reports(kit).xlsx(report, INDONESIAN)[1])
    reports(kit).pages(report, INDONESIAN)
    with kit.store.read() as unit:
        events = unit.events.of("report:202611")
    assert {event.kind for event in events} == {"report_exported"}
    told = [json.loads(event.payload) for event in events]
    assert [each["form"] for each in told] == ["pdf", "xlsx", "print"]
    assert [each["digest"] for each in told[:2]] == [sha256(each).hexdigest() for each in content]


@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_read_reports(kit: Kit, role: Role) -> None:
    context = kit.context_of(User("u9", "Wati", role))
    assert context.office.reports.overview(context.office.reports.month()).activities
    assert not context.office.reports.read(context.office.reports.month()).is_empty


def test_an_activity_is_told_when_its_day_or_something_of_it_lies_in_the_period(kit: Kit) -> None:
    year_ago, tomorrow = TODAY - timedelta(days=365), TODAY + timedelta(days=1)
    for name, on in (("idle", tomorrow), ("busy", year_ago), ("past", year_ago)):
        kit.context.visits.take_over(replace(ACTIVITY, activity_id=name, on=on), [])
    now = kit.clock.now()
    with kit.store.write() as unit:
        for name, outcome in (("busy", Outcome.DIREKAM), ("past", Outcome.DIREKAM)):
            at = now if name == "busy" else now - timedelta(days=365)
            unit.repository(Visit).save(Visit(f"v-{name}", name, "x", "u1", at, at, outcome))
        for name, on in (("busy", TODAY), ("past", year_ago)):
            unit.repository(RecordingTally).save(tally_of(name, on, recorded=1))
        for name in ("a1", "past"):
            unit.repository(IkdOffer).save(IkdOffer(name, name, IkdOutcome.ACTIVATED, now, "u1"))
    today, month = of(kit, Span.DAY), of(kit, Span.MONTH)
    assert {each.activity_id for each in today.activities} == {"a1", "busy"}
    assert {each.activity_id for each in month.activities} == {"a1", "busy", "idle"}
    assert today.minutes.count == sum(today.outcomes[each] for each in (Outcome.DIREKAM, *list(Outcome)[1:2]))
    assert month.ikd.asked == 1
    assert sum(count.samples for count in today.positions) < sum(count.samples for count in month.positions)
    alone = of(kit, Span.ACTIVITY)
    assert [each.activity_id for each in alone.activities] == ["a1"]
    assert (alone.visits, month.visits) == (22, 23)
    assert sum(count.samples for count in alone.positions) < sum(count.samples for count in month.positions)


def test_records_are_counted_with_their_exceptions_and_receipts(kit: Kit) -> None:
    outbox, record = kit.outbox, kit.seal(3, TARGETS[2])
    outbox.mark_sending(record)
    outbox.mark_received(record)
    outbox.acknowledge(record, "receipt", kit.clock.now())
    report = of(kit, Span.MONTH)
    assert (report.recorded, report.unsent, report.with_exception) == (3, 2, 0)
    assert [end.activity for end in report.ends] == [ACTIVITY.name] * len(report.ends)


def test_many_runs_are_read_at_once_and_few_one_by_one(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    with kit.store.write() as unit:
        run = unit.repository(SopRun).get("a1")
        unit.repository(SopRun).save(replace(run, thing_id="a9", activity_id="a9"))
    few = of(kit, Span.MONTH)
    monkeypatch.setattr(make_reports, "_MANY", 0)
    assert of(kit, Span.MONTH) == few


def test_an_overview_is_of_the_newest_activity_unless_one_is_named(kit: Kit) -> None:
    kit.context.visits.take_over(replace(ACTIVITY, activity_id="a9", on=TODAY - timedelta(days=9)), [])
    newest = reports(kit).overview(Period(Span.ACTIVITY, TODAY.replace(day=1)))
    assert newest.report is not None
    assert (newest.report.period.activity_id, newest.report.period.on) == ("a1", TODAY)
    named = reports(kit).overview(Period(Span.ACTIVITY, TODAY, "a9"))
    assert named.report is not None
    assert named.report.activity is not None
    assert (named.report.activity.activity_id, len(named.activities)) == ("a9", 2)
    with pytest.raises(StoreError, match="not_found"):
        reports(kit).overview(Period(Span.ACTIVITY, TODAY, "elsewhere"))
    month = reports(kit).overview(Period(Span.MONTH, TODAY))
    assert month.report is not None
    assert (month.report.activity, len(month.report.activities)) == (None, 2)


def test_without_an_activity_there_is_nothing_to_report(tmp_path: Path) -> None:
    with Kit(tmp_path, KASI) as bare:
        overview = bare.context.office.reports.overview(Period(Span.MONTH, TODAY))
    assert (overview.activities, overview.report) == ((), None)


@pytest.mark.parametrize(
    ("span", "name", "about"),
    [
        (Span.DAY, "laporan-20261121", "report:20261121"),
        (Span.ACTIVITY, "laporan-kegiatan-20261121-desa-jimbe-a1", "a1"),
    ],
)
def test_an_export_is_named_by_what_it_is_about(kit: Kit, span: Span, name: str, about: str) -> None:
    assert reports(kit).xlsx(of(kit, span), INDONESIAN)[0] == f"{name}.xlsx"
    with kit.store.read() as unit:
        assert unit.events.of(about)[-1].kind == "report_exported"


@pytest.mark.parametrize(
    ("on", "born"),
    [
        (date(2026, 11, 21), date(2009, 11, 21)),
        (date(2028, 2, 29), date(2011, 2, 28)),
        (date(2028, 3, 29), date(2011, 3, 29)),
        (date(2028, 2, 28), date(2011, 2, 28)),
    ],
)
def test_who_is_17_by_a_day_was_born_by_another(on: date, born: date) -> None:
    assert make_reports._born_by(on) == born


COVERAGE = (CoverageLine("JIMBE", 10, 4, 3), CoverageLine("", 2, 2, 0))
IKD = IkdFigures(20, {IkdOutcome.ACTIVATED: 5, IkdOutcome.REFUSED: 2}, {"belum mau": 2})
SURVEY = SurveyFigures(3, (3.5, 3.0, 3.0, 4.0, 3.0, 3.5, 4.0, 2.5, 3.0))


def report(**told: object) -> Report:
    return Report(Period(Span.DAY, date(2026, 11, 21)), NOW, **told)  # type: ignore[arg-type]


def test_only_what_has_something_to_say_stands_there_and_before_how_steps_ended() -> None:
    assert beside_sections(report()) == ()
    full = report(coverage=COVERAGE, ikd=IKD, survey=SURVEY)
    assert [section.name for section in all_sections(full)][-4:] == ["coverage", "ikd", "survey", "ends"]
    assert [section.name for section in beside_sections(report(ikd=IkdFigures(20)))] == ["ikd"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_section_is_told_in_every_language(language: str) -> None:
    messages = strict_catalogue(language)
    coverage, ikd, survey = beside_sections(report(coverage=COVERAGE, ikd=IKD, survey=SURVEY))
    assert coverage.rows[0] == ("JIMBE", 10, 4, 3, 3, "40 %")
    assert (coverage.rows[1][0], [bar.value for bar in coverage.chart.bars]) == ("–", [3, 0])
    assert [row[1] for row in ikd.rows] == [5, 2, 2]
    assert (len(survey.rows), survey.rows[7][1], survey.chart.top) == (9, "2,50", 400)
    assert "81,94" in say(survey.note, messages)
    for section in (coverage, ikd, survey):
        told = (section.title, section.note, section.chart.legend, *section.columns, *(row[0] for row in section.rows))
        assert all(say(each, messages) for each in told if not isinstance(each, int) and each is not None)


def test_blanks_are_told_by_sort_and_place_with_what_is_left() -> None:
    lines = (
        BlankFigures(Document.KTP_EL, "", 100, 50, 0, 2, -40, -1, 3),
        BlankFigures(Document.KTP_EL, "KIT-07", 0, 0, 25, 0, 40, 0, 0),
    )
    (section,) = beside_sections(report(blanks=lines))
    assert section.rows[0] == ("KTP-el · Dinas", 100, 50, 0, 2, -40, -1, 107)
    assert [bar.value for bar in section.chart.bars] == [row[section.charted] for row in section.rows] == [107, 15]
    assert isinstance(section.note, Term)
    assert section.note.params == {"received": 50, "printed": 25, "spoilt": 2, "withdrawn": 3}
    for language in LANGUAGES:
        told = (section.title, section.note, section.chart.legend, *section.columns)
        assert all(say(each, strict_catalogue(language)) for each in told)


LONG = "Bidang memverifikasi data sasaran, menyusun jadwal dan petugas serta membuat surat balasan"
REPORT = Report(
    Period(Span.MONTH, date(2026, 11, 21)),
    NOW,
    positions=qualities_by_position([tally_of("a1")]),
    steps=(StepFigures("s", "SOP", 3, LONG, None, 1, 9, 9, 0), StepFigures("s", "SOP", 4, LONG, 5, 1, 9, 9, 1)),
)


def test_a_paper_has_plain_values_only_and_every_section() -> None:
    fields = paper_fields(REPORT, INDONESIAN, "tanda")
    assert json.loads(json.dumps(fields)) == fields
    assert fields["about"] == "November 2026"
    sections = fields["sections"]
    assert isinstance(sections, list)
    assert len(sections) == 10
    assert sections[0]["note"] == "Belum ada yang tercatat pada masa ini."


def test_a_long_name_is_shortened_beside_a_bar_and_whole_in_the_table() -> None:
    sections = paper_fields(REPORT, INDONESIAN, "")["sections"]
    assert isinstance(sections, list)
    steps = sections[6]
    assert [bar["label"] for bar in steps["chart"]["bars"]] == ["4. Bidang memverifikasi data …"]
    assert [row[0]["text"] for row in steps["rows"]] == [f"3. {LONG}", f"4. {LONG}"]
    assert steps["rows"][0][2] == {"text": "–", "is_number": False}


def test_a_spreadsheet_leaves_empty_sections_out_and_keeps_numbers_numbers() -> None:
    sheets = sheets_of(REPORT, INDONESIAN, "tanda")
    assert [sheet.title for sheet in sheets] == ["Ringkasan", "Mutu per jari", "Waktu langkah SOP"]
    assert sheets[0].note == "tanda"
    assert sheets[1].rows[0][1:5] == ("nfiq2", 66, 46, 12)
    assert sheets[2].rows[0][2] is None
