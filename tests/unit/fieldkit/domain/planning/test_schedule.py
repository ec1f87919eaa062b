from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.app_context import TARGETS

from fieldkit.domain.errors import InputError
from fieldkit.domain.planning.outreach import Plan, Rhythm, ServiceCategory, Target, TargetState, Terrain
from fieldkit.domain.planning.schedule import (
    MOST_MINUTES,
    USUAL,
    CalendarChoice,
    CalendarDay,
    ConflictKind,
    CutiBersama,
    DayKind,
    Durations,
    Estimate,
    Holiday,
    HolidayYear,
    WorkCalendar,
    conflicts_of,
    crews_of,
    estimate,
    in_route,
    propose_days,
)

TODAY = date(2026, 11, 23)
NATAL = Holiday(date(2026, 12, 25), "Hari Raya Natal", DayKind.PUBLIC)
CALENDAR = WorkCalendar(
    {2026: HolidayYear(2026, (NATAL,), is_published=True), 2027: HolidayYear(2027, (), is_published=True)}
)
PLAN = Plan(
    "a1", "a1", (date(2026, 12, 3),), time(8), ("s1", "s2"), ("k1",), "AG 1234 K", Terrain.EASY, 0, way_minutes=30
)


def people(count: int, category: ServiceCategory = ServiceCategory.UMUM) -> list[Target]:
    return [
        replace(TARGETS[0], target_id=f"t{n}", house=n + 1, category=category, state=TargetState.PLANNED)
        for n in range(count)
    ]


def kinds(plan: Plan, *others: Plan, work: Estimate | None = None, today: date = TODAY) -> list[ConflictKind]:
    found = conflicts_of(plan, work or estimate(plan, people(1)), CALENDAR, others, today)
    return [conflict.kind for conflict in found]


def test_condition_terrain_and_way_make_the_minutes() -> None:
    work = estimate(PLAN, people(3) + people(1, ServiceCategory.LANSIA) + people(1, ServiceCategory.SAKIT))
    assert work.recording == 3 * 5 + 60 + 30
    assert work.walking == 5 * 5
    assert work.fixed == 2 * 30 + 30
    assert (work.days, work.total) == (1, 105 + 25 + 90)
    assert work.targets[ServiceCategory.UMUM] == 3
    rough = estimate(replace(PLAN, terrain=Terrain.REMOTE), people(3))
    assert rough.walking == 60


def test_odgj_take_more_than_an_hour_and_lansia_one() -> None:
    assert estimate(PLAN, people(1, ServiceCategory.LANSIA)).recording == 60
    assert estimate(PLAN, people(1, ServiceCategory.ODGJ)).recording > 60


def test_more_work_than_a_day_holds_goes_on_the_next_and_to_other_crews() -> None:
    lansia = people(12, ServiceCategory.LANSIA)  # 65 minutes each, five in 360
    alone = estimate(PLAN, lansia)
    assert (alone.crews, alone.days) == (1, 3)
    assert alone.stops == ((0, 0),) * 5 + ((1, 0),) * 5 + ((2, 0),) * 2
    two = replace(PLAN, team=("s1", "s2", "s3", "s4"), kits=("k1", "k2"))
    together = estimate(two, lansia)
    assert (together.crews, together.days) == (2, 2)
    assert together.stops == ((0, 0),) * 5 + ((0, 1),) * 5 + ((1, 0),) * 2


def test_a_day_may_be_full_to_the_minute() -> None:
    assert [estimate(PLAN, people(count)).days for count in (36, 37)] == [1, 2]  # 10 minutes each, in 360


def test_a_kit_without_two_people_is_no_crew() -> None:
    assert crews_of(replace(PLAN, kits=("k1", "k2"))) == 1
    assert crews_of(replace(PLAN, team=(), kits=())) == 1
    assert crews_of(replace(PLAN, team=("s1", "s2", "s3", "s4"), kits=("k1", "k2", "k3"))) == 2


def test_a_way_that_eats_the_day_leaves_one_visit_a_day_and_says_it_is_too_much() -> None:
    far = replace(PLAN, way_minutes=240)
    work = estimate(far, people(3))
    assert work.days == 3
    assert ConflictKind.TOO_MUCH_WORK in kinds(far, work=work)


def test_nobody_to_visit_needs_no_day() -> None:
    assert (estimate(PLAN, []).days, estimate(PLAN, []).stops) == (0, ())


@given(st.lists(st.sampled_from(list(ServiceCategory)), max_size=60), st.integers(1, 4), st.integers(0, 300))
def test_nobody_is_left_out_and_no_day_is_left_empty(categories: list[ServiceCategory], crews: int, way: int) -> None:
    crowd = [replace(person, category=c) for person, c in zip(people(len(categories)), categories, strict=True)]
    plan = replace(
        PLAN,
        team=tuple(f"s{n}" for n in range(2 * crews)),
        kits=tuple(f"k{n}" for n in range(crews)),
        way_minutes=way,
    )
    work = estimate(plan, crowd)
    assert len(work.stops) == len(crowd)
    assert list(work.stops) == sorted(work.stops)
    assert {day for day, _ in work.stops} == set(range(work.days))
    assert all(crew < crews for _, crew in work.stops)


def test_whom_the_route_does_not_know_comes_last() -> None:
    assert [t.target_id for t in in_route(people(4), ("t2", "gone", "t0"))] == ["t2", "t0", "t1", "t3"]


def test_one_visit_a_week_on_the_same_weekday_around_holidays() -> None:
    days = propose_days(CALENDAR, TODAY, 6, Rhythm.WEEKLY)
    assert days[:4] == tuple(date(2026, 11, 24) + timedelta(weeks=n) for n in range(4))
    off = CalendarDay("2026-12-01", date(2026, 12, 1), DayKind.DINAS_OFF, "Upacara")
    around = propose_days(WorkCalendar(CALENDAR.years, {off.on: off}), TODAY, 3, Rhythm.WEEKLY)
    assert around == (date(2026, 11, 24), date(2026, 11, 30), date(2026, 12, 8))


def test_a_week_with_another_visit_is_left_to_it() -> None:
    days = propose_days(CALENDAR, TODAY, 2, Rhythm.WEEKLY, [date(2026, 11, 25), date(2026, 12, 3)])
    assert days == (date(2026, 12, 7), date(2026, 12, 14))


def test_day_after_day_leaves_out_days_off_and_taken_days() -> None:
    days = propose_days(CALENDAR, date(2026, 12, 23), 3, Rhythm.DAILY, [date(2026, 12, 28)])
    assert days == (date(2026, 12, 24), date(2026, 12, 29), date(2026, 12, 30))
    assert propose_days(CALENDAR, TODAY, 0, Rhythm.DAILY) == ()


def test_a_proposal_ends_where_nobody_can_see() -> None:
    for free, is_seen in ((730, True), (731, False)):
        on = TODAY + timedelta(days=free)
        years = {year: HolidayYear(year, (), is_published=True) for year in range(2026, 2030)}
        works = CalendarDay(str(on), on, DayKind.DINAS_WORKS, "")
        taken = [TODAY + timedelta(days=n) for n in range(2_000) if n != free]
        found = propose_days(WorkCalendar(years, {on: works}), TODAY, 1, Rhythm.DAILY, taken)
        assert found == ((on,) if is_seen else ())


def test_a_clean_plan_has_no_conflict() -> None:
    assert kinds(PLAN) == []
    assert kinds(replace(PLAN, days=(TODAY,))) == []


def test_conflicts_of_a_kind_stand_by_day() -> None:
    plan = replace(PLAN, days=(date(2026, 11, 20), date(2026, 11, 19)))
    found = conflicts_of(plan, estimate(plan, []), CALENDAR, (), TODAY)
    assert [conflict.code for conflict in found] == ["past:2026-11-19", "past:2026-11-20"]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 12, 25), ConflictKind.HOLIDAY),
        (date(2026, 12, 5), ConflictKind.WEEKEND),
        (date(2026, 11, 20), ConflictKind.PAST),
        (date(2028, 1, 4), ConflictKind.NO_CALENDAR),
    ],
)
def test_a_day_that_cannot_be_is_named(on: date, expected: ConflictKind) -> None:
    assert kinds(replace(PLAN, days=(on,))) == [expected]


def test_the_holiday_is_called_by_its_name() -> None:
    plan = replace(PLAN, days=(NATAL.on,))
    assert conflicts_of(plan, estimate(plan, []), CALENDAR, (), TODAY)[0].subject == "Hari Raya Natal"


def test_kit_person_and_vehicle_booked_twice_are_named_with_the_other_activity() -> None:
    other = replace(PLAN, thing_id="a2", activity_id="a2", team=("s2", "s9"), vehicle="ag1234k")
    found = conflicts_of(PLAN, estimate(PLAN, people(1)), CALENDAR, [PLAN, other], TODAY)
    assert [(c.kind, c.subject, c.other, c.on) for c in found] == [
        (ConflictKind.KIT_TAKEN, "k1", "a2", PLAN.days[0]),
        (ConflictKind.PERSON_TAKEN, "s2", "a2", PLAN.days[0]),
        (ConflictKind.VEHICLE_TAKEN, "AG 1234 K", "a2", PLAN.days[0]),
    ]
    assert [c.code for c in found] == [
        "kit_taken:2026-12-03:k1",
        "person_taken:2026-12-03:s2",
        "vehicle_taken:2026-12-03",
    ]
    assert kinds(PLAN, replace(other, days=(date(2026, 12, 4),))) == []
    assert kinds(PLAN, replace(other, vehicle="AG 9 K", team=(), kits=())) == []
    assert kinds(replace(PLAN, vehicle=""), replace(other, vehicle="", team=(), kits=())) == []


def test_a_plan_without_team_or_kit_says_so() -> None:
    plan = replace(PLAN, team=(), kits=())
    assert kinds(plan) == [ConflictKind.NO_TEAM, ConflictKind.NO_KIT]
    found = conflicts_of(plan, estimate(plan, []), CALENDAR, (), TODAY)
    assert [conflict.code for conflict in found] == ["no_team", "no_kit"]


def test_more_work_than_the_days_hold_tells_both_numbers() -> None:
    work = estimate(PLAN, people(12, ServiceCategory.LANSIA))
    conflict = conflicts_of(PLAN, work, CALENDAR, (), TODAY)[0]
    assert (conflict.kind, conflict.needed, conflict.held) == (ConflictKind.TOO_MUCH_WORK, 3, 1)


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


def test_every_condition_and_terrain_has_minutes() -> None:
    USUAL.check()
    assert set(USUAL.per_person) == set(ServiceCategory)
    assert set(USUAL.between_houses) == set(USUAL.way) == set(Terrain)


@pytest.mark.parametrize(
    "durations",
    [
        replace(USUAL, per_person={**USUAL.per_person, ServiceCategory.UMUM: 0}),
        replace(USUAL, way={**USUAL.way, Terrain.EASY: -1}),
        replace(USUAL, between_houses={**USUAL.between_houses, Terrain.EASY: MOST_MINUTES + 1}),
        replace(USUAL, rest=-1),
    ],
)
def test_minutes_out_of_all_measure_are_refused(durations: Durations) -> None:
    with pytest.raises(InputError, match=r"efforts\.range"):
        durations.check()


def test_a_day_has_room_for_a_visit() -> None:
    with pytest.raises(InputError, match=r"efforts\.day_ends"):
        replace(USUAL, day_ends=time(9, 59)).check()
    replace(USUAL, day_ends=time(10)).check()


def test_the_least_and_the_most_minutes_are_taken() -> None:
    least = {ServiceCategory.UMUM: 1, ServiceCategory.ODGJ: MOST_MINUTES}
    replace(USUAL, per_person={**USUAL.per_person, **least}, rest=0, coordination=MOST_MINUTES).check()
