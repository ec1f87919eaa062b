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
from support.letters import KASI
from support.reported import SLAP, report_month, tally_of
from support.sops import small_run

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.sla import ClockState
from fieldkit.domain.errors import StoreError
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.planning.outreach import ServiceCategory
from fieldkit.domain.reports.beside import IkdOffer, IkdOutcome
from fieldkit.domain.reports.report import Period, Report, Span
from fieldkit.domain.reports.tally import RecordingTally
from fieldkit.domain.sop.profile import ClockStart, Sla, SlaKind
from fieldkit.domain.sop.run import SopRun
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.reports import make_reports
from fieldkit.services.reports.make_reports import Reports

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
