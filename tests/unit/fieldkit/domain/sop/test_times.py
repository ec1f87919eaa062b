from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW
from support.sops import SMALL, never_closed, small_run

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.domain.planning.schedule import CalendarDay, DayKind, WorkCalendar
from fieldkit.domain.sop.profile import StandardTime, TimeUnit
from fieldkit.domain.sop.run import Ending, Hold, Overtime, StepTime, begin_run
from fieldkit.domain.sop.times import OfficeClock, Waiting, waits_of

FRIDAY_OFF = date(2026, 11, 27)
CALENDAR = WorkCalendar(
    changes={FRIDAY_OFF: CalendarDay(FRIDAY_OFF.isoformat(), FRIDAY_OFF, DayKind.DINAS_OFF, "Hari jadi")}
)
OFFICE = OfficeClock(CALENDAR, lambda at: at.astimezone(WIB))
HOUR = StandardTime("1 jam", 60, TimeUnit.HOURS, 60)


def on(day: int, clock: str) -> datetime:
    """Return a moment of November 2026 by the clock of the dinas; the 23rd is a Monday."""
    return datetime.combine(date(2026, 11, day), time.fromisoformat(clock), WIB).astimezone(UTC)


def took(begin: datetime, end: datetime, *holds: Hold, late: tuple[Overtime, ...] = ()) -> int | None:
    return OFFICE.real_minutes((StepTime(1, end, begin, holds, late),), HOUR)


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        (on(23, "09:00"), on(23, "09:40"), 40),
        (on(23, "11:50"), on(23, "13:10"), 20),  # a meal
        (on(23, "15:50"), on(24, "07:40"), 20),  # a night
        (on(20, "16:20"), on(23, "07:40"), 20),  # Friday evening to Monday morning
        (on(26, "15:50"), on(30, "07:40"), 20),  # a day off and a weekend
        (on(20, "11:20"), on(20, "13:10"), 20),  # the longer break of Friday
        (on(23, "07:30"), on(24, "07:30"), 450),  # a working day as the SOPs count it
        (on(20, "00:00"), on(21, "00:00"), 450),
        (on(21, "09:00"), on(22, "15:00"), 0),
        (on(23, "18:00"), on(23, "20:00"), 0),
    ],
)
def test_nights_meals_and_days_off_count_for_nobody(begin: datetime, end: datetime, minutes: int) -> None:
    assert took(begin, end) == OFFICE.minutes(begin, end) == minutes


MOMENTS = st.integers(0, 14 * 24 * 60).map(lambda minute: on(16, "00:00") + timedelta(minutes=minute))
SPANS = st.tuples(MOMENTS, MOMENTS).map(sorted)


@given(st.lists(MOMENTS, min_size=4, max_size=4), SPANS, SPANS)
def test_whatever_happens_nothing_outside_office_hours_and_noted_work_is_held_against_a_step(
    ends: list[datetime], hold: list[datetime], work: list[datetime]
) -> None:
    first, begin, end, last = sorted(ends)
    minute = timedelta(minutes=1)
    open_minutes = {first + n * minute for n in range((last - first) // minute) if _is_open(first + n * minute)}
    inside = {at for at in open_minutes if begin <= at < end}
    held = {at for at in inside if hold[0] <= at < hold[1]}
    more = [n for n in range((work[1] - work[0]) // minute) if not _is_open(work[0] + n * minute)]
    assert took(begin, end) == len(inside)
    waits = (Hold("Dinsos", "u1", *hold),)
    late = (Overtime("u1", *work),) * 2  # noted twice counts once
    assert took(begin, end, *waits, late=late) == len(inside) - len(held) + len(more)
    assert took(begin, end) + OFFICE.minutes(first, begin) + OFFICE.minutes(end, last) == len(open_minutes)


def _is_open(at: datetime) -> bool:
    local = at.astimezone(WIB)
    is_friday = local.weekday() == 4
    lunch, closes = (time(11, 30), time(16, 30)) if is_friday else (time(12), time(16))
    is_hour = time(7, 30) <= local.time() < closes and not lunch <= local.time() < time(13)
    return is_hour and local.weekday() < 5 and local.date() != FRIDAY_OFF


def test_holds_beyond_the_step_and_over_each_other_count_once() -> None:
    begin, end = on(23, "09:00"), on(23, "11:00")
    holds = (
        Hold("Dinsos", "u1", on(23, "08:00"), on(23, "09:30")),
        Hold("Desa", "u2", on(23, "09:20"), on(23, "09:40")),
        Hold("Desa", "u2", on(23, "10:50")),
    )
    assert took(begin, end, *holds) == 70


def test_clock_hours_never_stop_and_without_a_start_nothing_is_measured() -> None:
    begin, end = on(20, "15:00"), on(21, "15:00")
    hours = StandardTime("1 x 24 jam", 1440, TimeUnit.CALENDAR_HOURS, None)
    time_taken = StepTime(1, end, begin, (Hold("Dinsos", "u1", begin),))
    assert OFFICE.real_minutes((time_taken,), hours) == 1440
    assert OFFICE.real_minutes((time_taken, replace(time_taken, began_at=None)), HOUR) == 0
    assert OFFICE.real_minutes((replace(time_taken, began_at=None),), HOUR) is None
    assert OFFICE.real_minutes((replace(time_taken, ended_at=begin, began_at=end),), HOUR) is None
    assert OFFICE.real_minutes(()) is None


@pytest.mark.parametrize(
    ("unit", "working", "never_stops", "limit"),
    [
        (TimeUnit.CALENDAR_HOURS, None, True, 1440),
        (TimeUnit.DAYS, None, True, 1440),
        (TimeUnit.DAYS, 450, False, 450),
        (TimeUnit.HOURS, None, False, 1440),
        (TimeUnit.CALENDAR_HOURS, 450, False, 450),
    ],
)
def test_a_standard_is_compared_as_it_counts(
    unit: TimeUnit, working: int | None, never_stops: bool, limit: int
) -> None:
    standard = StandardTime("1 hari", 1440, unit, working)
    assert (standard.never_stops, standard.limit) == (never_stops, limit)


def test_a_step_waits_for_its_doer_from_its_turn_to_its_start_then_as_noted() -> None:
    later = NOW + timedelta(minutes=10)
    run = small_run()
    assert waits_of(run, 1, run.of(1).now) == (Waiting("Pemohon", NOW),)
    assert waits_of(run, 3, run.of(3).now) == ()
    begun = run.start(1, "u1", later).hold(1, Hold("Kades", "u1", later + timedelta(minutes=1)))
    first = Waiting("Pemohon", NOW, later)
    assert waits_of(begun, 1, begun.of(1).now) == (first, Waiting("Kades", later + timedelta(minutes=1)))
    end = later + timedelta(minutes=5)
    over = begun.complete(1, Ending(end, "u1"))
    assert waits_of(over, 1, over.of(1).now) == (first, Waiting("Kades", later + timedelta(minutes=1), end))
    assert waits_of(run.complete(1, Ending(end, "u1")), 1, run.complete(1, Ending(end, "u1")).of(1).now) == (
        Waiting("Pemohon", NOW, end),
    )
    at_once = run.start(1, "u1", NOW)
    assert waits_of(at_once, 1, at_once.of(1).now) == ()
    skipped = run.skip(1, Ending(end, "u1", reason="lisan"))
    assert waits_of(skipped, 1, skipped.of(1).now) == ()
    early = run.complete(4, Ending(end, "u1", reason="dulu"))
    assert waits_of(early, 4, early.of(4).now) == ()
    assert waits_of(early, 6, early.of(6).now) == ()


def test_a_step_of_nobody_waits_for_nobody() -> None:
    profile = replace(SMALL, steps=(replace(SMALL.steps[0], actors=()), *SMALL.steps[1:]))
    run = begin_run(profile, "a1", "u1", NOW)
    assert waits_of(run, 1, run.of(1).now) == ()
    assert never_closed(date(2026, 11, 21)).minutes(NOW, NOW + timedelta(hours=2)) == 0
