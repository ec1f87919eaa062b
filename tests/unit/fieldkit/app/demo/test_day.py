from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.kept import sealed
from support.signing import LETTER

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.demo import day
from fieldkit.app.demo.day import Report, Subject, clear, count, write_pictures_page, write_proofs
from fieldkit.app.demo.kit import PETUGAS, PINS
from fieldkit.domain.delivery import DeliveryState, QueueEntry
from fieldkit.domain.errors import InputError
from fieldkit.services.context.app_context import Door
from fieldkit.vault import certificates
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


@pytest.mark.days
def test_the_window_gets_a_door_behind_which_people_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def serve(door: Door, _home: Path, _papers: Path, _language: str, ready: Callable[[], None]) -> int:
        context = door.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
        overview = context.visits.overview()
        assert overview.count is not None
        seen.append(overview.count.targets)
        ready()
        return 7

    monkeypatch.setattr(day, "serve", serve)
    taken_away: list[int] = []
    assert day.run_live(tmp_path, "id", lambda: taken_away.append(len(seen))) == 7
    assert day.run_live(tmp_path, "id") == 7, "a second run goes on with the same kit"
    assert (seen, taken_away) == ([12, 12], [1])


def test_screens_and_pages_of_papers_stand_in_their_order(tmp_path: Path) -> None:
    screens = [tmp_path / "screenshots" / "001-masuk.png", tmp_path / "screenshots" / "002-<b>.png"]
    paper = tmp_path / "papers" / "surat.pdf"
    paper.parent.mkdir()
    paper.write_bytes(LETTER)
    page = write_pictures_page(tmp_path, "id", screens, [paper]).read_text("utf-8")
    found = [page.index(name) for name in ("Layar (2)", "001-masuk", "002-&lt;b&gt;", "Surat (1)", "pages/surat-1.png")]
    assert found == sorted(found)
    assert (tmp_path / "pages" / "surat-1.png").read_bytes().startswith(b"\x89PNG")


def test_only_an_acknowledged_record_has_a_receipt(tmp_path: Path) -> None:
    gateway = tmp_path / "gateway"
    provision.init(gateway, {"dinas": "Dinas Uji"}, ["127.0.0.1"], SystemClock(WIB))
    (ca,) = certificates.certificates_from_pem((gateway / "ca.pem").read_text("ascii"))
    waiting = QueueEntry(sealed(1), DeliveryState.QUEUED, 0, 0, "", None, None, "")
    received = QueueEntry(sealed(2), DeliveryState.ACKNOWLEDGED, 0, 0, "", None, None, "a.b.c")
    manifests, receipts = write_proofs(tmp_path / "proofs", ca, gateway, [waiting, received])
    assert [path.stem for path in manifests] == [waiting.record.record_id, received.record.record_id]
    assert [path.read_text("ascii") for path in receipts] == ["a.b.c\n"]
    assert manifests[0].read_text("ascii").startswith(waiting.record.manifest_jws + "\n-----BEGIN CERTIFICATE")
