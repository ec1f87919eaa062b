from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, KETUA, Kit
from support.counted_work import calls_of

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.planning.schedule import FRIDAY, MONDAY_TO_THURSDAY, CutiBersama, DayKind, WorkHours
from fieldkit.services.calendar import KeepCalendar

ADMIN = User("u9", "Yuni Astuti", Role.ADMIN_DINAS)
THIRD, SATURDAY = date(2026, 12, 3), date(2026, 12, 19)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, ADMIN)
    yield kit
    kit.store.close()


@pytest.fixture
def keeping(kit: Kit) -> KeepCalendar:
    return kit.context.office.calendar


def plan(activity_id: str, *days: date, approved_by: str = "") -> Plan:
    return Plan(activity_id, activity_id, days, clock_time(8), (), (), "", Terrain.EASY, 240, approved_by=approved_by)


def test_the_clocks_count_by_holidays_and_the_changes_of_the_dinas(kit: Kit, keeping: KeepCalendar) -> None:
    assert keeping.calendar().is_workday(THIRD)
    keeping.change(THIRD, DayKind.DINAS_OFF, " Upacara hari jadi ")
    keeping.change(SATURDAY, DayKind.DINAS_WORKS, "Jemput bola desa jauh")
    calendar = keeping.calendar()
    assert not calendar.is_workday(THIRD)
    assert calendar.is_workday(SATURDAY)
    assert [(day.on, day.reason) for day in keeping.changes()] == [
        (THIRD, "Upacara hari jadi"),
        (SATURDAY, "Jemput bola desa jauh"),
    ]
    keeping.restore(THIRD)
    assert keeping.calendar().is_workday(THIRD)
    with kit.store.read() as unit:
        kinds = [event.kind for event in unit.events.of(THIRD.isoformat())]
    assert kinds == ["calendar_changed", "calendar_restored"]


def test_a_change_needs_a_reason_and_must_change_something(keeping: KeepCalendar) -> None:
    for kind, reason, code in (
        (DayKind.DINAS_OFF, "  ", "calendar.no_reason"),
        (DayKind.DINAS_WORKS, "x", "calendar.is_so_already"),
        (DayKind.PUBLIC, "x", "calendar.not_a_change"),
    ):
        with pytest.raises(InputError) as refused:
            keeping.change(THIRD, kind, reason)
        assert refused.value.code == code
    assert keeping.changes() == []


def test_a_change_can_be_written_anew_with_another_reason(keeping: KeepCalendar) -> None:
    keeping.change(THIRD, DayKind.DINAS_OFF, "Upacara")
    keeping.change(THIRD, DayKind.DINAS_OFF, "Upacara hari jadi")
    assert [day.reason for day in keeping.changes()] == ["Upacara hari jadi"]


def test_cuti_bersama_and_confirmed_years_are_kept(keeping: KeepCalendar) -> None:
    christmas_eve = date(2026, 12, 24)
    assert not keeping.calendar().is_workday(christmas_eve)
    assert not keeping.calendar().is_published(2029)
    keeping.choose(CutiBersama.WORKING_DAY)
    keeping.confirm(2029)
    keeping.confirm(2029)
    calendar = keeping.calendar()
    assert calendar.is_workday(christmas_eve)
    assert calendar.is_published(2029)
    assert calendar.choice.confirmed_years == (2029,)


def test_only_the_profile_keeper_changes_it_and_the_log_knows_who(kit: Kit, tmp_path: Path) -> None:
    kit.context.office.calendar.change(THIRD, DayKind.DINAS_OFF, "Upacara")
    with kit.store.read() as unit:
        event = unit.events.of("2026-12-03")[0]
    assert (event.kind, event.actor) == ("calendar_changed", "u9")
    assert "Upacara" not in str(event.payload)
    other = Kit(tmp_path / "other", KETUA)
    with pytest.raises(RuleError):
        other.context.office.calendar.change(THIRD, DayKind.DINAS_OFF, "Upacara")
    other.store.close()


def test_a_month_has_whole_weeks_with_names_and_visits(kit: Kit, keeping: KeepCalendar) -> None:
    jimbe = replace(ACTIVITY, activity_id="a2", name="B", on=THIRD)
    with kit.store.write() as unit:
        unit.activities.save(jimbe)
        unit.activities.save(replace(ACTIVITY, activity_id="a3", name="A", on=THIRD - timedelta(days=1)))
        unit.activities.save(replace(ACTIVITY, activity_id="a4", name="C", on=THIRD))
        unit.repository(Plan).save(plan("a2", THIRD, THIRD + timedelta(days=7), approved_by="u5"))
        unit.repository(Plan).save(plan("a3", THIRD))
    month = keeping.month(2026, 12)
    assert (month.days[0].on, month.days[-1].on, month.is_published) == (date(2026, 11, 30), date(2027, 1, 3), True)
    by_day = {day.on: day for day in month.days}
    assert [(v.activity.name, v.has_plan, v.is_approved) for v in by_day[THIRD].visits] == [
        ("A", True, False),
        ("B", True, True),
        ("C", False, False),
    ]
    assert [v.activity for v in by_day[date(2026, 12, 10)].visits] == [jimbe]
    natal = by_day[date(2026, 12, 25)]
    assert natal.is_off
    assert natal.named is not None
    assert natal.named.name == "Hari Raya Natal"
    boxing_day = by_day[date(2026, 12, 26)]
    assert (boxing_day.is_off, boxing_day.named) == (True, None)


def test_february_of_a_leap_year_and_years_without_decree(keeping: KeepCalendar) -> None:
    month = keeping.month(2028, 2)
    assert date(2028, 2, 29) in {day.on for day in month.days}
    assert not month.is_published


def test_the_months_from_1900_to_2199_are_shown(keeping: KeepCalendar) -> None:
    for year, number in ((1900, 1), (2026, 12), (2199, 12)):
        assert keeping.month(year, number).first == date(year, number, 1)
    for year, number in ((1899, 12), (2026, 0), (2026, 13), (2200, 1)):
        with pytest.raises(InputError, match=r"calendar\.no_such_month"):
            keeping.month(year, number)


def test_a_month_of_many_activities_costs_as_much_more_as_they_are(kit: Kit, keeping: KeepCalendar) -> None:
    def work(numbers: range) -> int:
        with kit.store.write() as unit:
            for n in numbers:
                on = date(2026, 12, 1) + timedelta(days=n % 28)
                unit.activities.save(replace(ACTIVITY, activity_id=f"b{n}", on=on))
                unit.repository(Plan).save(plan(f"b{n}", on))
        month = keeping.month(2026, 12)  # read once already
        assert sum(len(day.visits) for day in month.days) == numbers.stop
        return calls_of(lambda: keeping.month(2026, 12))

    of_thirty = work(range(30))
    assert work(range(30, 300)) < 11 * of_thirty


def test_office_hours_are_those_of_the_decree_until_the_dinas_sets_its_own(kit: Kit, keeping: KeepCalendar) -> None:
    monday, friday = date(2026, 11, 23), date(2026, 11, 27)
    assert keeping.calendar().hours_of(monday) == MONDAY_TO_THURSDAY
    assert keeping.calendar().hours_of(friday) == FRIDAY
    early = WorkHours(clock_time(7), clock_time(14), clock_time(12), clock_time(12, 30))
    keeping.set_hours(early, MONDAY_TO_THURSDAY)
    assert keeping.calendar().hours_of(monday) == early
    assert keeping.calendar().hours_of(friday) == MONDAY_TO_THURSDAY
    with kit.store.read() as unit:
        clock = keeping.office_clock(unit)
    assert clock.minutes(at(monday, 6), at(monday, 23)) == 6 * 60 + 30


@pytest.mark.parametrize(
    "changes",
    [
        {"opens": clock_time(12, 30)},
        {"break_begins": clock_time(13, 30)},
        {"break_ends": clock_time(16, 30)},
        {"break_begins": clock_time(7, 30), "break_ends": clock_time(16)},
    ],
)
def test_office_hours_out_of_order_are_refused(keeping: KeepCalendar, changes: dict[str, clock_time]) -> None:
    wrong = replace(MONDAY_TO_THURSDAY, **changes)
    for hours in ((wrong, FRIDAY), (FRIDAY, wrong)):
        with pytest.raises(InputError, match=r"calendar\.hours"):
            keeping.set_hours(*hours)
    keeping.set_hours(replace(MONDAY_TO_THURSDAY, break_begins=clock_time(7, 30), break_ends=clock_time(7, 30)), FRIDAY)


def at(on: date, hour: int) -> datetime:
    return datetime.combine(on, clock_time(hour), WIB)
