from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest
from support.clock import NOW
from support.reported import tally_of

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.printing import BLITAR, GROBOGAN, ClockState
from fieldkit.domain.reports import (
    DayFigures,
    Period,
    PromiseFigures,
    Report,
    Span,
    StepFigures,
    minutes_of,
    missed_of,
    qualities_by_device,
    qualities_by_position,
)
from fieldkit.domain.visits import Outcome
from fieldkit.services.reports.make_reports import say
from fieldkit.services.reports.sections import (
    MOST_BARS,
    MOST_PERCENT,
    Mood,
    Section,
    headlines,
    sections_of,
    title_of,
)

STEP = StepFigures("s", "SOP", 1, "Menerima surat", 10, 3, 25, 60, 2)


def full() -> Report:
    tallies = [tally_of("a1")]
    return Report(
        period=Period(Span.MONTH, date(2026, 11, 21)),
        made_at=NOW,
        recorded=3,
        with_exception=1,
        days=(DayFigures(date(2026, 11, 1), 1), DayFigures(date(2026, 11, 2), 2)),
        outcomes=dict.fromkeys(Outcome, 1),
        missed=missed_of(tallies),
        minutes=minutes_of([12, 40]),
        steps=(STEP, replace(STEP, no=2, standard=None), replace(STEP, sop_id="t", sop="Lain", mean=5)),
        promises=tuple(PromiseFigures(rule, dict.fromkeys(ClockState, 1)) for rule in (GROBOGAN, BLITAR)),
        positions=qualities_by_position(tallies),
        devices=qualities_by_device(tallies),
        documents=dict.fromkeys(Place, 1),
    )


def by_name(report: Report) -> Mapping[str, Section]:
    return {section.name: section for section in sections_of(report)}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("report", [full(), Report(Period(Span.DAY, date(2026, 11, 21)), NOW)], ids=["full", "empty"])
def test_everything_is_told_in_both_languages(report: Report, language: str) -> None:
    messages = strict_catalogue(language)
    assert say(title_of(report), messages)
    assert all(say(each.label, messages) for each in headlines(report))
    for section in sections_of(report):
        told = [section.title, section.note, section.chart.legend, *section.columns]
        told += [bar.label for bar in section.chart.bars] + [bar.shown for bar in section.chart.bars]
        told += [cell for row in section.rows for cell in row if cell is not None and not isinstance(cell, int)]
        for each in told:
            say(each, messages)  # a key that is missing raises
        assert all(len(row) == len(section.columns) for row in section.rows)


def test_an_empty_section_has_neither_rows_nor_bars() -> None:
    for section in sections_of(Report(Period(Span.DAY, date(2026, 11, 21)), NOW)):
        assert section.is_empty
        assert section.chart.bars == ()


def test_no_chart_has_more_bars_than_stand_legibly_below_each_other() -> None:
    steps = tuple(replace(STEP, no=no) for no in range(1, 40))
    assert len(by_name(replace(full(), steps=steps))["steps"].chart.bars) == MOST_BARS


def test_the_slowest_step_stands_first_and_a_very_slow_one_does_not_hide_the_others() -> None:
    steps = (replace(STEP, no=1, mean=5), replace(STEP, no=2, mean=9000), replace(STEP, no=3, mean=12))
    bars = by_name(replace(full(), steps=steps))["steps"].chart.bars
    assert [bar.label for bar in bars] == ["2. Menerima surat", "3. Menerima surat", "1. Menerima surat"]
    assert (bars[0].value, bars[0].mark) == (MOST_PERCENT, 100)
    assert [bar.mood for bar in bars] == [Mood.BAD, Mood.BAD, Mood.GOOD]


def test_the_sop_is_named_only_where_there_are_several() -> None:
    assert len(by_name(full())["steps"].columns) == 7
    assert len(by_name(replace(full(), steps=(STEP,)))["steps"].columns) == 6


def test_a_single_day_is_no_line() -> None:
    assert by_name(full())["activities"].chart.is_line
    one = replace(full(), days=(DayFigures(date(2026, 11, 1), 3),))
    assert by_name(one)["activities"].chart.bars == ()


def test_the_mood_of_a_position_follows_from_its_samples() -> None:
    moods = {bar.value: bar.mood for bar in by_name(full())["positions"].chart.bars}
    assert (moods[38], moods[52], moods[66]) == (Mood.BAD, Mood.CAUTION, Mood.GOOD)


def test_what_was_missed_stands_out_above_everything() -> None:
    assert [each.mood for each in headlines(full())][-2:] == [Mood.CAUTION, Mood.BAD]
