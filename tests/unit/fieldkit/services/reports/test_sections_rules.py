"""Each section for each thing that it may be about: which rows and bars, in which mood, under which name."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.clock import NOW

from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.printing import BLITAR, GROBOGAN, ClockState
from fieldkit.domain.documents import Document
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.reports import (
    ActivityFigures,
    CoverageLine,
    DayFigures,
    EndFigures,
    IkdFigures,
    IkdOutcome,
    MissedCount,
    Period,
    PromiseFigures,
    QualityCount,
    Report,
    Span,
    StepFigures,
    SurveyFigures,
    minutes_of,
)
from fieldkit.domain.sop.standing import How, Lack, Missing, StepEnd
from fieldkit.domain.visits import Outcome
from fieldkit.services.reports.make_reports import beside_sections, ends_section
from fieldkit.services.reports.sections import Bar, Chart, Mood, Section, Term, headlines, sections_of, term, title_of

DAY, MONTH = Period(Span.DAY, date(2026, 11, 21)), Period(Span.MONTH, date(2026, 11, 21))
ACTIVITY = ActivityFigures("a1", "Jemput bola", "Jimbe", date(2026, 11, 21), 7, 2, 1, 1, 4, 2)
STEP = StepFigures("s", "SOP", 1, "Menerima", 10, 3, 20, 60, 2)


def report(period: Period = DAY, **told: Any) -> Report:
    return Report(period, NOW, **told)


def section(name: str, found: Report) -> Section:
    every = (*sections_of(found), *beside_sections(found), ends_section(found))
    return next(each for each in every if each.name == name)


def said(told: object) -> object:
    """Return a term by its key alone, or text as it is."""
    return told.key.removeprefix("reports.") if isinstance(told, Term) else told


def bars(found: Section) -> list[tuple[object, int, Mood]]:
    return [(said(bar.label), bar.value, bar.mood) for bar in found.chart.bars]


def legend(found: Section) -> object:
    return said(found.chart.legend)


def counted(position: Position, samples: int = 10, **told: Any) -> QualityCount:
    return QualityCount(position, told.pop("device", "Suprema SN-1"), "nfiq2", samples, 60 * samples, 40, **told)


@pytest.mark.parametrize(
    ("found", "title"),
    [
        (report(), "title_day"),
        (report(MONTH), "month_11"),
        (report(MONTH, activity=ACTIVITY), "Jemput bola"),
    ],
)
def test_a_report_is_called_by_its_activity_its_month_or_its_day(found: Report, title: str) -> None:
    assert said(title_of(found)) == title


def test_a_number_above_everything_stands_out_only_where_it_says_something() -> None:
    promise = PromiseFigures(GROBOGAN, {ClockState.MISSED: 1})
    some = report(recorded=1, minutes=minutes_of([31]), promises=(promise,))
    neutral = [Mood.NEUTRAL] * 2
    assert [each.mood for each in headlines(report())] == [Mood.NEUTRAL] * 6
    assert [each.mood for each in headlines(some)] == [*neutral, Mood.GOOD, Mood.NEUTRAL, Mood.CAUTION, Mood.BAD]


def test_outcomes_that_happened_are_told_with_their_share() -> None:
    found = section("outcomes", report(outcomes=dict.fromkeys(Outcome, 1) | {Outcome.LARI: 0}))
    moods = {label: mood for label, _, mood in bars(found)}
    assert len(moods) == len(Outcome) - 1
    assert {label for label, mood in moods.items() if mood is Mood.GOOD} == {
        "field.outcome_direkam",
        "field.outcome_direkam_dengan_pengecualian",
        "field.outcome_direkam_resmi",
    }
    assert found.rows[-1][2] == "8 %"
    assert moods["end_reason.menolak"] is Mood.SOFT


@pytest.mark.parametrize(
    ("period", "recorded", "labels"),
    [
        (MONTH, (1, 2), ["1", "2"]),
        (DAY, (1, 2), ["1-11", "2-11"]),
        (MONTH, (1, 0), []),
        (MONTH, (3,), []),
        (MONTH, (1, 0, 2), ["1", "2", "3"]),
    ],
)
def test_a_line_over_days_needs_two_on_which_somebody_was_recorded(
    period: Period, recorded: tuple[int, ...], labels: list[str]
) -> None:
    days = tuple(DayFigures(date(2026, 11, no), count) for no, count in enumerate(recorded, 1))
    found = section("activities", report(period, days=days, activities=(ACTIVITY,)))
    assert [bar.label for bar in found.chart.bars] == labels
    assert (found.chart.is_line, legend(found)) == (bool(labels), "per_day" if labels else "")


def test_minutes_are_grouped_up_to_the_standard_and_beyond() -> None:
    found = section("minutes", report(minutes=minutes_of([5, 15, 25, 45, 90])))
    assert [mood for _, _, mood in bars(found)] == [Mood.GOOD] * 3 + [Mood.CAUTION] * 2
    first = [bar.label.params for bar in found.chart.bars if isinstance(bar.label, Term)]
    assert first == [
        {"first": 0, "last": 10},
        {"first": 11, "last": 20},
        {"first": 21, "last": 30},
        {"first": 31, "last": 60},
        {"first": 60},
    ]
    assert legend(found) == "minutes_legend"
    assert [row[1:] for row in found.rows] == [(1, "20 %")] * 5
    nobody = section("minutes", report())
    assert (nobody.rows, nobody.chart.bars, legend(nobody)) == ((), (), "")


def test_what_could_not_be_given_is_told_by_reason_the_most_frequent_first() -> None:
    missed = (
        MissedCount(Position.RIGHT_INDEX, ExceptionReason.WORN, 1),
        MissedCount(Position.EYE_LEFT, None, 3),
        MissedCount(Position.LEFT_INDEX, ExceptionReason.WORN, 1),
    )
    found = section("exceptions", report(missed=missed))
    assert bars(found) == [("failed", 3, Mood.BAD), ("reason.worn", 2, Mood.CAUTION)]
    assert [said(row[1]) for row in found.rows] == ["reason.worn", "failed", "reason.worn"]


@pytest.mark.parametrize(
    ("device", "named"),
    [
        ("Suprema BioMini SN-1", ("Suprema BioMini", "SN-1")),
        ("SN-1", ("SN-1", "")),
        ("", ("device_unknown", "")),
    ],
)
def test_a_device_is_told_by_model_and_serial(device: str, named: tuple[str, str]) -> None:
    found = section("devices", report(devices=(counted(Position.RIGHT_INDEX, device=device),)))
    assert tuple(map(said, found.rows[0][:2])) == named


@pytest.mark.parametrize(
    ("good", "enough", "mood"),
    [(5, 0, Mood.GOOD), (4, 1, Mood.CAUTION), (4, 0, Mood.BAD), (0, 5, Mood.CAUTION), (0, 4, Mood.BAD)],
)
def test_half_of_the_samples_decide_how_a_position_stands(good: int, enough: int, mood: Mood) -> None:
    positions = (
        counted(Position.RIGHT_INDEX, good=good, enough=enough),
        counted(Position.SIGNATURE, good=10),
        counted(Position.LEFT_INDEX, 0, attempts=2),
    )
    found = section("positions", report(positions=positions))
    assert bars(found) == [("position.right_index", 60, mood)]
    assert [row[2:4] for row in found.rows] == [(60, 40), (60, 40), (None, None)]
    assert legend(found) == "quality_legend"
    assert legend(section("positions", report(positions=positions[1:]))) == ""


def test_steps_are_compared_with_their_own_standard() -> None:
    steps = (STEP, replace(STEP, no=2, standard=100, mean=90), replace(STEP, no=3, standard=None))
    found = section("steps", report(steps=steps))
    assert bars(found) == [("1. Menerima", 200, Mood.BAD), ("2. Menerima", 90, Mood.GOOD)]
    assert [row[1:] for row in found.rows] == [(20, 10, 60, 3, 2), (90, 100, 60, 3, 2), (20, None, 60, 3, None)]
    assert (legend(found), found.charted) == ("steps_legend", 1)
    several = section("steps", report(steps=(STEP, replace(STEP, sop_id="t", sop="Lain"))))
    assert ([row[1] for row in several.rows], several.charted) == (["SOP", "Lain"], 2)
    assert legend(section("steps", report(steps=steps[2:]))) == ""


def test_a_promise_names_itself_where_there_are_several() -> None:
    every = dict.fromkeys(ClockState, 1)
    one = section("sla", report(promises=(PromiseFigures(GROBOGAN, every),)))
    assert bars(one) == [
        ("clock_kept", 1, Mood.GOOD),
        ("clock_missed", 1, Mood.BAD),
        ("clock_running", 1, Mood.SOFT),
        ("clock_paused", 1, Mood.CAUTION),
        ("clock_not_started", 1, Mood.SOFT),
    ]
    two = section("sla", report(promises=tuple(PromiseFigures(rule, every) for rule in (GROBOGAN, BLITAR))))
    assert [said(bar.label) for bar in two.chart.bars][::5] == ["kept_hours", "kept_workdays"]
    assert [said(row[0]) for row in two.rows] == ["promise_hours", "promise_workdays"]


def test_documents_are_told_by_where_they_are() -> None:
    found = section("documents", report(documents={Place.PERSON: 3, Place.DESA: 1, Place.DINAS: 0}))
    assert {(value, mood) for _, value, mood in bars(found)} == {(3, Mood.GOOD), (1, Mood.SOFT)}
    assert {row[2] for row in found.rows} == {"75 %", "25 %"}


def test_a_chart_is_as_long_as_its_longest_bar_or_mark() -> None:
    assert Chart(()).top == 1
    assert Chart((Bar("a", 5, ""), Bar("b", 2, "", mark=100))).top == 100
    assert Chart((Bar("a", 500, "", mark=100),), least_top=200).top == 500


def test_a_village_is_covered_when_nobody_is_left() -> None:
    lines = (CoverageLine("", 4, 4, 0), CoverageLine("JIMBE", 10, 4, 3), CoverageLine("KOSONG", 0, 0, 0))
    found = section("coverage", report(coverage=lines))
    assert bars(found) == [("JIMBE", 3, Mood.CAUTION), ("–", 0, Mood.GOOD), ("KOSONG", 0, Mood.GOOD)]
    assert [row[-1] for row in found.rows] == ["100 %", "40 %", ""]
    assert (found.rows[0][0], legend(found)) == ("–", "coverage_legend")


@pytest.mark.parametrize(
    ("ikd", "rows", "told"),
    [
        (IkdFigures(5), 1, ""),
        (IkdFigures(0, {IkdOutcome.ACTIVATED: 2, IkdOutcome.REFUSED: 0}), 1, ""),
        (IkdFigures(5, {IkdOutcome.ACTIVATED: 2}), 1, "ikd_legend"),
        (IkdFigures(5, {IkdOutcome.NOT_POSSIBLE: 3}, {"b": 1, "a": 1, "c": 2}), 4, "ikd_legend"),
    ],
)
def test_offers_of_ikd_are_told_against_what_was_wanted(ikd: IkdFigures, rows: int, told: str) -> None:
    found = section("ikd", report(ikd=ikd))
    assert (len(found.rows), legend(found)) == (rows, told)
    assert [row[0] for row in found.rows[1:]] == ["– c", "– a", "– b"][: rows - 1]


def test_an_element_of_the_survey_is_good_from_b_on() -> None:
    found = section("survey", report(survey=SurveyFigures(1, (3.05, 3.06, *[4.0] * 7))))
    assert [mood for _, _, mood in bars(found)][:3] == [Mood.CAUTION, Mood.GOOD, Mood.GOOD]
    assert legend(found) == "survey_legend"


def test_blanks_that_are_not_there_are_told_as_bad() -> None:
    lines = tuple(BlankFigures(Document.KTP_EL, place, left, 0, 0, 0, 0, 0, 0) for place, left in (("", 0), ("K", -1)))
    found = section("blanks", report(blanks=lines))
    assert bars(found) == [("KTP-el · Dinas", 0, Mood.SOFT), ("KTP-el · K", 0, Mood.BAD)]
    assert legend(found) == "blanks_legend"


def test_an_end_names_the_papers_that_are_missing_else_how_many_things_are() -> None:
    paper, why = Lack(Missing.OUTPUT, "Jadwal"), Lack(Missing.WHY)
    lacks = ((paper, why, Lack(Missing.OUTPUT, "SPPD")), (why, why), ())
    ends = tuple(EndFigures("a", StepEnd(no, "Langkah", How.DECLARED, each)) for no, each in enumerate(lacks))
    found = section("ends", report(ends=ends))
    assert [row[3] for row in found.rows] == ["Jadwal; SPPD", term("lacks", count=2), ""]
    assert [(said(bar.label), bar.value) for bar in found.chart.bars] == [("how_declared", 3)]
