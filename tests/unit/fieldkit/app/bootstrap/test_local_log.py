from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from fieldkit.app.bootstrap import clock
from fieldkit.app.bootstrap.clock import LocalLog, keep_log, log_files

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
