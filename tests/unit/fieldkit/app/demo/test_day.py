from __future__ import annotations

from pathlib import Path

import pytest
from support.kept import sealed

from fieldkit.app.demo.day import Report, Subject, clear, count
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import InputError
from sync.gateway import provision


def entry(number: int, state: DeliveryState = DeliveryState.ACKNOWLEDGED) -> QueueEntry:
    return QueueEntry(sealed(number), state, 0, 0, "", None, None, "")


def stored(folder: Path, sha256: str) -> None:
    path = provision.sealed_path(folder, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"sealed")


def subject(record_id: str) -> Subject:
    return Subject("A", "1", record_id, "recorded", [], 20, seconds=8.0, device_seconds=6.5)


def test_both_sides_are_counted(tmp_path: Path) -> None:
    report = Report(tmp_path, tmp_path / "identity")
    entries = [entry(1), entry(2, DeliveryState.QUEUED)]
    report.subjects = [subject(e.record.record_id) for e in entries]
    stored(tmp_path, entries[0].record.sha256)
    count(report, entries, tmp_path)
    assert (report.sealed, report.acknowledged, report.lost, report.duplicated) == (2, 1, 1, 0)


def test_a_file_that_no_record_explains_is_a_duplicate(tmp_path: Path) -> None:
    report = Report(tmp_path, tmp_path / "identity")
    one = entry(1)
    report.subjects = [subject(one.record.record_id)]
    stored(tmp_path, one.record.sha256)
    stored(tmp_path, "ab" * 32)
    count(report, [one], tmp_path)
    assert (report.lost, report.duplicated) == (0, 1)


def test_the_overhead_is_what_neither_device_nor_person_took(tmp_path: Path) -> None:
    report = Report(tmp_path, tmp_path / "identity", subjects=[subject("r1"), subject("r2")])
    seconds = report.as_json()["seconds"]
    assert seconds["subject"] == 8.0
    assert seconds["device"] == 6.5
    assert seconds["app_overhead"] == 1.5


def test_a_second_day_takes_the_first_away_and_nothing_else(tmp_path: Path) -> None:
    clear(tmp_path)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "kit.db").touch()
    (tmp_path / "notes.txt").touch()
    clear(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {".fieldkit-demo", "notes.txt"}


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    with pytest.raises(InputError, match=r"demo\.not_ours"):
        clear(tmp_path)
    assert (tmp_path / "papers").exists()
