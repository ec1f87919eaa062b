from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.planning.calendar import (
    CalendarChoice,
    CalendarDay,
    CutiBersama,
    DayKind,
    Holiday,
    HolidayYear,
    WorkCalendar,
)

NATAL = Holiday(date(2026, 12, 25), "Hari Raya Natal", DayKind.PUBLIC)
CUTI_NATAL = Holiday(date(2026, 12, 24), "Cuti Bersama Hari Raya Natal", DayKind.CUTI_BERSAMA)
YEAR = HolidayYear(2026, (NATAL, CUTI_NATAL), is_published=True)
AS_WORKING = CalendarChoice(cuti_bersama=CutiBersama.WORKING_DAY)


def changed(on: date, kind: DayKind) -> WorkCalendar:
    return WorkCalendar({2026: YEAR}, {on: CalendarDay(on.isoformat(), on, kind, "Surat edaran bupati")})


days = st.dates(date(1999, 1, 1), date(2080, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    named = draw(st.lists(st.tuples(days, st.sampled_from([DayKind.PUBLIC, DayKind.CUTI_BERSAMA])), max_size=40))
    changes = draw(st.dictionaries(days, st.sampled_from([DayKind.DINAS_OFF, DayKind.DINAS_WORKS]), max_size=10))
    choice = CalendarChoice(cuti_bersama=draw(st.sampled_from(list(CutiBersama))))
    years: dict[int, HolidayYear] = {}
    for on, kind in named:
        before = years.get(on.year, HolidayYear(on.year, (), is_published=True))
        years[on.year] = HolidayYear(on.year, (*before.holidays, Holiday(on, "Libur", kind)), is_published=True)
    return WorkCalendar(years, {on: CalendarDay(str(on), on, kind, "x") for on, kind in changes.items()}, choice)


@given(calendars(), days, st.integers(1, 60))
def test_adding_working_days_grows_and_never_lands_on_a_day_off(
    calendar: WorkCalendar, start: date, count: int
) -> None:
    reached = [calendar.add_workdays(start, n) for n in range(count + 1)]
    assert reached[0] == start
    assert all(later > earlier for earlier, later in pairwise(reached))
    assert all(calendar.is_workday(on) for on in reached[1:])
    between = (start + timedelta(days=n) for n in range(1, (reached[-1] - start).days + 1))
    assert sum(map(calendar.is_workday, between)) == count


@given(calendars(), days, days, st.integers(0, 30))
def test_who_starts_later_never_ends_earlier(calendar: WorkCalendar, one: date, other: date, count: int) -> None:
    early, late = sorted((one, other))
    assert calendar.add_workdays(early, count) <= calendar.add_workdays(late, count)


def test_weekends_and_named_days_are_off_and_say_why() -> None:
    calendar = WorkCalendar({2026: YEAR})
    assert calendar.day_off(date(2026, 12, 25)) == NATAL
    assert calendar.day_off(date(2026, 12, 26)) == Holiday(date(2026, 12, 26), "", DayKind.WEEKEND)
    assert calendar.day_off(date(2026, 12, 23)) is None


def test_cuti_bersama_is_off_or_worked_as_the_dinas_chose() -> None:
    assert WorkCalendar({2026: YEAR}).day_off(date(2026, 12, 24)) == CUTI_NATAL
    assert WorkCalendar({2026: YEAR}, choice=AS_WORKING).is_workday(date(2026, 12, 24))
    saturday = HolidayYear(2026, (Holiday(date(2026, 12, 26), "Cuti", DayKind.CUTI_BERSAMA),), is_published=True)
    assert not WorkCalendar({2026: saturday}, choice=AS_WORKING).is_workday(date(2026, 12, 26))


def test_a_public_holiday_outweighs_the_cuti_bersama_of_its_day() -> None:
    both = HolidayYear(2026, (NATAL, Holiday(NATAL.on, "Cuti", DayKind.CUTI_BERSAMA)), is_published=True)
    assert not WorkCalendar({2026: both}, choice=AS_WORKING).is_workday(NATAL.on)


def test_the_dinas_has_the_last_word() -> None:
    monday, saturday = date(2026, 12, 28), date(2026, 12, 19)
    off = changed(monday, DayKind.DINAS_OFF).day_off(monday)
    assert off == Holiday(monday, "Surat edaran bupati", DayKind.DINAS_OFF)
    assert changed(saturday, DayKind.DINAS_WORKS).is_workday(saturday)
    assert changed(NATAL.on, DayKind.DINAS_WORKS).is_workday(NATAL.on)
    named = changed(saturday, DayKind.DINAS_WORKS).named(saturday)
    assert named is not None
    assert named.kind is DayKind.DINAS_WORKS


def test_year_ends_and_leap_days_are_days_like_others() -> None:
    calendar = WorkCalendar()
    assert calendar.add_workdays(date(2027, 12, 31), 1) == date(2028, 1, 3)
    assert calendar.next_workday(date(2028, 2, 28)) == date(2028, 2, 29)
    assert calendar.add_workdays(date(2028, 2, 29), 1) == date(2028, 3, 1)


def test_a_year_is_published_by_decree_or_by_the_word_of_the_dinas() -> None:
    calendar = WorkCalendar({2026: YEAR, 2028: HolidayYear(2028, (NATAL,), is_published=False)})
    assert [calendar.is_published(year) for year in (2026, 2027, 2028)] == [True, False, False]
    confirmed = WorkCalendar(calendar.years, choice=CalendarChoice(confirmed_years=(2028,)))
    assert confirmed.is_published(2028)


def test_a_calendar_without_working_days_is_refused_instead_of_counting_for_ever() -> None:
    start = date(2026, 1, 1)
    span = (start + timedelta(days=n) for n in range(3_800))
    calendar = WorkCalendar({}, {on: CalendarDay(str(on), on, DayKind.DINAS_OFF, "tutup") for on in span})
    with pytest.raises(ValueError, match="no working day"):
        calendar.next_workday(start)
    with pytest.raises(ValueError, match="forward"):
        calendar.add_workdays(start, -1)


def test_a_change_is_found_by_day_and_reason() -> None:
    day = CalendarDay("2026-12-28", date(2026, 12, 28), DayKind.DINAS_OFF, "Rapat kerja")
    assert (day.words, CalendarChoice().words) == ("2026-12-28 Rapat kerja", "")
