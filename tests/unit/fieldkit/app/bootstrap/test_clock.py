"""Real time and real ids."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import RFC_4122, UUID

import pytest

from fieldkit.app.bootstrap import clock
from fieldkit.app.bootstrap.clock import (
    WIB,
    WIT,
    WITA,
    CorrectedClock,
    LocalLog,
    SystemClock,
    UuidV7,
    keep_log,
    log_files,
)
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


NIK, NAME = "3275014708790003", "Sulastri Handayani"
pytestmark = pytest.mark.allow_logs


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LocalLog]:
    kept = keep_log(tmp_path)
    yield kept
    kept.end()


def lines(home: Path) -> list[dict[str, object]]:
    return [json.loads(line) for file in reversed(log_files(home)) for line in file.read_text("utf-8").splitlines()]


def test_events_are_lines_with_time_origin_and_code(log: LocalLog, tmp_path: Path) -> None:
    logging.getLogger("ui.runtime.tasks").info("problem", extra={"code": "store.disk_full"})
    started, told = lines(tmp_path)
    assert (started["event"], told["event"], told["code"]) == ("program started", "problem", "store.disk_full")
    assert (told["from"], told["level"]) == ("ui.runtime.tasks", "INFO")
    assert str(told["at"]).endswith("+00:00")
    (file,) = log_files(tmp_path)
    assert file.stat().st_mode & 0o077 == 0


def test_nobody_is_named_whatever_is_logged_and_by_whom(log: LocalLog, tmp_path: Path) -> None:
    ours, theirs = logging.getLogger("sync.kit.engine"), logging.getLogger("httpx2")
    ours.error("sent %s", NIK)
    theirs.warning(f"GET /targets/{NIK}")
    theirs.warning("name %s", NAME, extra={"code": NAME})
    try:
        raise ValueError(f"{NAME} {NIK}")
    except ValueError as error:
        ours.exception("a run met what nobody foresaw")
        ours.error("bug: %s", NAME, extra={"error": error})
    text = "".join(file.read_text("utf-8") for file in log_files(tmp_path))
    for personal in (NIK, NAME, str(tmp_path)):
        assert personal not in text
    unforeseen, bug = lines(tmp_path)[-2:]
    for found in (unforeseen, bug):
        assert found["error"] == "ValueError"
        assert "test_local_log.py" in str(found["places"])


def test_its_size_is_bounded_and_the_latest_stays(
    log: LocalLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "MOST_BYTES", 2000)
    for number in range(200):
        logging.getLogger("drivers.registry").info("device", extra={"code": f"number {number}"})
    files = log_files(tmp_path)
    assert len(files) == clock.OLDER + 1
    assert all(file.stat().st_size <= 2000 for file in files)
    assert lines(tmp_path)[-1]["code"] == "number 199"


def test_a_folder_that_cannot_be_written_disturbs_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "log").write_text("in the way")
    kept = keep_log(tmp_path)
    logging.getLogger("fieldkit").error("lost")
    kept.end()
    assert capsys.readouterr().err == ""
    assert log_files(tmp_path) == []


def test_after_its_end_nothing_is_written(log: LocalLog, tmp_path: Path) -> None:
    log.end()
    before = lines(tmp_path)
    logging.getLogger("fieldkit").error("later")
    assert lines(tmp_path) == before
