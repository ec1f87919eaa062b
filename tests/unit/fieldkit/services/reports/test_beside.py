from __future__ import annotations

from datetime import date

import pytest
from support.clock import NOW

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.blanks import BlankFigures
from fieldkit.domain.documents import Document
from fieldkit.domain.reports.beside import CoverageLine, IkdFigures, IkdOutcome, SurveyFigures
from fieldkit.domain.reports.report import Period, Report, Span
from fieldkit.services.reports.beside import beside_sections
from fieldkit.services.reports.ends import all_sections
from fieldkit.services.reports.papers import say
from fieldkit.services.reports.sections import Term

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
