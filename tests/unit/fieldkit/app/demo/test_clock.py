from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.app.bootstrap.clock import WIB
from fieldkit.app.demo.clock import ClockedHome, DemoClock, FollowedClock, tell_by_file
from fieldkit.domain.trusted_time import ClockState, TimeSource, TrustedTime, judge

MONDAY = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("machine", "begins"),
    [
        (MONDAY, date(2026, 11, 20)),
        (MONDAY + timedelta(days=1), date(2026, 11, 23)),
        (MONDAY + timedelta(days=6), date(2026, 11, 27)),  # a Sunday
    ],
)
def test_a_day_begins_in_the_past_when_the_office_opens(machine: datetime, begins: date) -> None:
    clock = DemoClock.of_office_day(HandClock(machine))
    assert clock.local(clock.now()) == datetime.combine(begins, time(7, 30), WIB)
    assert clock.today() == begins


def test_it_runs_with_the_machine_and_is_put_ahead_never_back() -> None:
    machine = HandClock(MONDAY)
    clock = DemoClock.of_office_day(machine)
    machine.advance(minutes=5)
    assert f"{clock.local(clock.now()):%H:%M}" == "07:35"
    clock.wait_until(time(9, 15))
    assert f"{clock.local(clock.now()):%d %H:%M}" == "20 09:15"
    clock.wait_until(time(8, 0))
    assert f"{clock.local(clock.now()):%d %H:%M}" == "20 09:15"
    clock.wait_until(time(8, 0), date(2026, 11, 23))
    clock.pass_by(timedelta(minutes=25))
    assert f"{clock.local(clock.now()):%d %H:%M}" == "23 08:25"


def test_hours_that_are_left_out_are_no_jump_of_the_clock() -> None:
    clock = DemoClock.of_office_day(HandClock(MONDAY))
    trusted = TrustedTime(clock.now(), TimeSource.CENTER, clock.running())
    clock.pass_by(timedelta(days=4))
    assert judge(clock.now(), trusted, clock.running()).state is ClockState.FINE


def test_another_process_follows(tmp_path: Path) -> None:
    clock = DemoClock.of_office_day()
    clock.follow(tell_by_file(tmp_path / "clock"))
    other = FollowedClock(tmp_path / "clock")
    for _ in range(2):
        assert abs(other.now() - clock.now()) < timedelta(seconds=5)
        assert other.today() == clock.today()
        clock.pass_by(timedelta(days=3))


def test_the_kit_goes_by_it_with_its_own_correction(tmp_path: Path) -> None:
    clock = DemoClock.of_office_day()
    kit = ClockedHome(tmp_path, clock).clock()
    assert abs(kit.wall() - clock.now()) < timedelta(seconds=5)
    kit.correction = timedelta(minutes=3)
    assert kit.now() - clock.now() > timedelta(minutes=2)
    clock.pass_by(timedelta(days=1))
    assert kit.running().seconds >= timedelta(days=1).total_seconds()
