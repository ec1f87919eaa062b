from __future__ import annotations

from datetime import date

import pytest
from support.app_context import Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.calendar import DayKind, Holiday
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.services.planning.keep_calendar import DayOfWork, MonthOfWork, Visit
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.planning.month import MonthDay, MonthEntry, MonthPresenter, day_note, month_of, step_day, step_month

DECEMBER = date(2026, 12, 1)
JIMBE = Activity("a1", "Jemput bola", "Desa Jimbe", date(2026, 12, 3), ModePerekaman.LURING, "", "")


def work(*days: DayOfWork, is_published: bool = True) -> MonthOfWork:
    return MonthOfWork(DECEMBER, days, is_published)


def test_an_entry_tells_by_its_tone_how_firm_the_plan_is() -> None:
    visits = (Visit(JIMBE, True, True), Visit(JIMBE, True, False), Visit(JIMBE, False, False))
    before = DayOfWork(date(2026, 12, 2), None, False, ())
    month = month_of(work(before, DayOfWork(JIMBE.on, None, False, visits)), JIMBE.on, JIMBE.on)
    assert month.days[1].entries == tuple(
        MonthEntry("a1", "Desa Jimbe", tone) for tone in (Tone.GOOD, Tone.SOFT, Tone.NEUTRAL)
    )
    assert month.day == month.days[1]


@pytest.mark.parametrize(
    ("cursor", "there"),
    [
        (date(2026, 12, 31), date(2026, 12, 31)),
        (date(2026, 11, 30), DECEMBER),
        (date(2027, 1, 1), DECEMBER),
        (date(2025, 12, 24), DECEMBER),
    ],
)
def test_a_cursor_of_another_month_goes_to_the_first_day(cursor: date, there: date) -> None:
    month = month_of(work(), DECEMBER, cursor)
    assert (month.cursor, month.day) == (there, None)


def test_a_year_without_decree_says_so() -> None:
    month = month_of(work(is_published=False), DECEMBER, DECEMBER)
    assert month.warning == message("kalender.not_published", year=2026)
    assert month_of(work(), DECEMBER, DECEMBER).warning == ""


def test_a_day_says_its_name_and_that_the_dinas_works_on_it() -> None:
    natal = Holiday(date(2026, 12, 25), "Hari Raya Natal", DayKind.PUBLIC)
    works = Holiday(date(2026, 12, 19), "Jemput bola", DayKind.DINAS_WORKS)
    assert day_note(DayOfWork(natal.on, natal, True, ())) == "Hari Raya Natal"
    assert day_note(DayOfWork(works.on, works, False, ())) == message("kalender.works", reason="Jemput bola")
    assert month_of(work(DayOfWork(DECEMBER, None, False, ())), DECEMBER, DECEMBER).days == (MonthDay(DECEMBER),)


@pytest.mark.parametrize(
    ("first", "months", "there"),
    [(DECEMBER, 1, date(2027, 1, 1)), (date(2027, 1, 1), -1, DECEMBER), (DECEMBER, 0, DECEMBER)],
)
def test_months_step_over_the_end_of_the_year(first: date, months: int, there: date) -> None:
    assert step_month(first, months) == there


def test_days_step_over_a_leap_day() -> None:
    assert step_day(date(2028, 2, 28), 2) == date(2028, 3, 1)


def test_a_month_that_is_not_read_yet_shows_none(idle: Kit) -> None:
    state = MonthPresenter(idle.context, SameThread(), Steps()).state
    assert (state.stage, state.month) == (Stage.LOADING, None)
