"""Real time and real ids."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from fieldkit.app.bootstrap.clock import WIB, WIT, WITA, CorrectedClock, SystemClock, UuidV7
from fieldkit.ports.clock import Clock, Ids, KitClock


class HandClock:
    """Shows what it is set to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return self.at.date()

    def local(self, at: datetime) -> datetime:
        return at


AT = datetime(2026, 11, 21, 2, 0, 0, 123_999, tzinfo=UTC)
AT_MS = 1_795_226_400_123


def test_time_is_aware_utc_and_close_to_now() -> None:
    clock: Clock = SystemClock(WIB)
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_wall_clock_and_calendar_are_those_of_the_dinas() -> None:
    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)
    assert [SystemClock(zone).local(late).isoformat() for zone in (WIB, WITA, WIT)] == [
        "2026-11-20T23:30:00+07:00",
        "2026-11-21T00:30:00+08:00",
        "2026-11-21T01:30:00+09:00",
    ]
    assert SystemClock(WIB).today() in {(datetime.now(UTC) + timedelta(hours=7, seconds=s)).date() for s in (-5, 0)}


def test_id_is_a_uuid_of_version_7_with_its_millisecond() -> None:
    ids: Ids = UuidV7(HandClock(AT))
    made = UUID(ids.new())
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == AT_MS


@pytest.mark.parametrize("backwards", [timedelta(0), timedelta(hours=1)])
def test_ids_grow_within_a_millisecond_and_when_the_clock_is_set_back(backwards: timedelta) -> None:
    clock = HandClock(AT)
    ids = UuidV7(clock)
    made = [ids.new()]
    clock.at -= backwards
    made += [ids.new() for _ in range(5000)]
    clock.at = AT + timedelta(milliseconds=1)
    made.append(ids.new())
    assert made == sorted(made)
    assert len(set(made)) == len(made)


@pytest.mark.parametrize("at", [datetime(1969, 12, 31, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)])
def test_a_dead_battery_makes_ids_all_the_same(at: datetime) -> None:
    ids = UuidV7(HandClock(at))
    made = [UUID(ids.new()) for _ in range(100)]
    assert made == sorted(set(made))
    assert {one.version for one in made} == {7}


@pytest.mark.parametrize("jump", [timedelta(days=-3), timedelta(days=-20_000), timedelta(0)])
def test_ids_sort_after_those_of_an_earlier_run_whatever_the_clock_says(jump: timedelta) -> None:
    known = UuidV7(HandClock(AT)).new()
    ids = UuidV7(HandClock(AT + jump))
    ids.rise_above(known)
    assert known < ids.new() < ids.new()


@pytest.mark.parametrize("strange", ["", "e1", "9b2f1c1e-7c1b-4d1e-9a55-000000000000", "f" * 40])
def test_what_is_no_id_of_ours_moves_nothing(strange: str) -> None:
    ids = UuidV7(HandClock(AT))
    ids.rise_above(strange)
    assert UUID(ids.new()).int >> 80 == AT_MS


def test_a_correction_moves_everything_but_the_wall() -> None:
    laptop = HandClock(AT)
    clock: KitClock = CorrectedClock(laptop, timedelta(days=3))
    assert (clock.now(), clock.wall()) == (AT + timedelta(days=3), AT)
    assert clock.today() == clock.local(AT + timedelta(days=3)).date()


def test_the_machine_counts_its_seconds() -> None:
    clock = CorrectedClock(SystemClock(WIB))
    first, second = clock.running(), clock.running()
    assert first.boot == second.boot != ""
    assert 0 < first.seconds <= second.seconds


def test_overflow_of_the_random_part_borrows_a_millisecond() -> None:
    ids = UuidV7(HandClock(AT), lambda bits: (1 << bits) - 1)
    first, second = UUID(ids.new()), UUID(ids.new())
    assert second > first
    assert (second.version, second.variant, second.int >> 80) == (7, RFC_4122, AT_MS + 1)


def test_threads_never_get_the_same() -> None:
    ids, made = UuidV7(SystemClock(WIB)), list[str]()
    threads = [threading.Thread(target=lambda: made.extend(ids.new() for _ in range(500))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 2000
