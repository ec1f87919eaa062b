from __future__ import annotations

import csv
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from support.clock import true_clock
from support.onward import hand_over

from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import Answer, OnwardState, Outcome
from fieldkit.vault.jws import JwsSigner, JwsVerifier
from fieldkit.vault.keys import new_private_key, public_der
from sync.gateway.onward.folder import HAND_OVER_TYP, FolderHandOver

KEY = new_private_key()


@pytest.fixture
def adapter(to: Path) -> FolderHandOver:
    return FolderHandOver(to, "SIAK", true_clock(), JwsSigner(KEY, "gateway"))


def lay(to: Path, name: str, text: str, age_s: float = 60.0) -> Path:
    """Lay an acknowledgement file into the folder, as somebody did a while ago."""
    path = to / "answers" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def collected(adapter: FolderHandOver, says: Callable[[Answer], str] = lambda answer: "") -> list[Answer]:
    seen: list[Answer] = []

    def settle(answer: Answer) -> str:
        seen.append(answer)
        return says(answer)

    adapter.collect(settle)
    return seen


def test_a_batch_is_whole_private_and_signed(adapter: FolderHandOver, to: Path) -> None:
    outcomes = adapter.hand_over([hand_over("r-1"), hand_over("r-2")])
    assert outcomes == [Outcome(OnwardState.HANDED_OVER, batch="000001")] * 2
    place = to / "batch-000001"
    manifest = json.loads((place / "manifest.json").read_bytes())
    assert [record["record_id"] for record in manifest["records"]] == ["r-1", "r-2"]
    files = [file for record in manifest["records"] for file in record["files"]]
    assert {file["name"] for file in files} == {
        str(path.relative_to(place)) for path in place.rglob("r-*/**/*") if path.is_file()
    }
    for file in files:
        content = (place / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    signed = JwsVerifier.of_key(public_der(KEY)).verify((place / "manifest.jws").read_text(), HAND_OVER_TYP)
    assert signed == {"batch": "000001", "sha256": hashlib.sha256((place / "manifest.json").read_bytes()).hexdigest()}
    for path in (to, *to.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_number_is_never_given_twice_also_when_batches_are_carried_away(adapter: FolderHandOver, to: Path) -> None:
    adapter.hand_over([hand_over("r-1")])
    (to / "batch-000001").rename(to.parent / "carried")
    assert adapter.hand_over([hand_over("r-2")])[0].batch == "000002"


def test_workers_share_the_folder(adapter: FolderHandOver, to: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda n: adapter.hand_over([hand_over(f"r-{n}")])[0].batch, range(12)))
    assert sorted(outcomes) == [f"{n:06d}" for n in range(1, 13)]
    assert not list(to.glob("*.partial"))


def test_what_an_earlier_try_brought_there_is_not_written_again(adapter: FolderHandOver, to: Path) -> None:
    adapter.hand_over([hand_over("r-1")])
    outcomes = adapter.hand_over([hand_over("r-1", is_again=True), hand_over("r-2", is_again=True)])
    assert [outcome.batch for outcome in outcomes] == ["000001", "000002"]
    assert not (to / "batch-000002" / "r-1").exists()
    assert adapter.hand_over([hand_over("r-2", is_again=True)])[0].batch == "000002"
    assert not (to / "batch-000003").exists()


def test_what_was_carried_away_is_not_written_again(adapter: FolderHandOver, to: Path) -> None:
    adapter.hand_over([hand_over("r-1")])
    (to / "batch-000001").rename(to.parent / "carried")
    assert adapter.hand_over([hand_over("r-1", is_again=True)])[0].batch == "000001"
    assert list(to.glob("batch-*")) == []


def test_what_a_dead_worker_left_half_written_was_not_handed_over(adapter: FolderHandOver, to: Path) -> None:
    adapter.hand_over([hand_over("r-1")])
    half = (to / "batch-000001").rename(to / "batch-000001.partial")
    assert adapter.hand_over([hand_over("r-1", is_again=True)])[0].batch == "000002"
    os.utime(half, (time.time() - 2 * 24 * 3600,) * 2)
    collected(adapter)
    assert not half.exists()
    assert adapter.hand_over([hand_over("r-1", is_again=True)])[0].batch == "000002"


def test_a_record_that_cannot_be_written_out_fails_alone(adapter: FolderHandOver, to: Path) -> None:
    def broken() -> dict[str, bytes]:
        raise InputError("an2.rule", rule="14.FGP")

    bad = replace(hand_over("r-1"), others=broken)
    failed, done = adapter.hand_over([bad, hand_over("r-2")])
    assert (failed, done.state) == (Outcome(OnwardState.FAILED, "an2.rule"), OnwardState.HANDED_OVER)
    assert adapter.hand_over([bad])[0].state is OnwardState.FAILED
    assert [path.name for path in to.glob("batch-*")] == ["batch-000001"]


def test_a_full_disk_leaves_no_half_batch(adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "no room")

    with monkeypatch.context() as patched:
        patched.setattr("sync.gateway.onward.folder.os.fsync", full)
        with pytest.raises(OSError, match="no room"):
            adapter.hand_over([hand_over("r-1")])
    assert not list(to.glob("batch-*"))


def test_answers_are_read_moved_and_reported(adapter: FolderHandOver, to: Path) -> None:
    path = lay(to, "a.csv", "record_id,result\nr-1,accepted\nr-2,rejected\n3315014107900001,perhaps\n")
    lay(to, "b.json", '[{"record_id": "r-3", "accepted": true}]')
    lay(to, "notes.txt", "not ours")
    seen = collected(adapter, lambda answer: "onward.unknown" if answer.number == "r-2" else "")
    assert [answer.number for answer in seen] == ["r-1", "r-2", "r-3"]
    assert not path.exists()
    assert (to / "answers" / "notes.txt").exists()
    (report,) = (to / "answers" / "read").glob("*a.csv.report.csv")
    assert list(csv.reader(report.read_text().splitlines()))[1:] == [
        ["2", "r-1", "ok"],
        ["3", "r-2", "onward.unknown"],
        ["4", "••••", "onward.no_result"],
    ]
    assert collected(adapter) == []


def test_the_last_word_of_a_file_on_a_record_counts(adapter: FolderHandOver, to: Path) -> None:
    lay(to, "a.csv", "record_id,result\nr-1,rejected\nr-2,accepted\nr-1,accepted\n")
    assert [(each.number, each.outcome.state) for each in collected(adapter)] == [
        ("r-2", OnwardState.ACKNOWLEDGED),
        ("r-1", OnwardState.ACKNOWLEDGED),
    ]
    (report,) = (to / "answers" / "read").glob("*a.csv.report.csv")
    assert list(csv.reader(report.read_text().splitlines()))[1] == ["2", "r-1", "onward.said_later"]


def test_a_file_that_is_being_written_waits(adapter: FolderHandOver, to: Path) -> None:
    path = lay(to, "a.csv", "record_id,result\nr-1,accepted\n", age_s=0)
    assert collected(adapter) == []
    lay(to, "a.csv", path.read_text())

    def grows(_answer: Answer) -> str:
        with path.open("a") as file:
            file.write("r-2,accepted\n")
        return ""

    collected(adapter, grows)
    lay(to, "a.csv", path.read_text())
    assert [answer.number for answer in collected(adapter)] == ["r-1", "r-2"]


def test_a_file_that_nobody_can_read_is_put_away_with_the_reason(adapter: FolderHandOver, to: Path) -> None:
    lay(to, "a.json", "{")
    assert collected(adapter) == []
    (report,) = (to / "answers" / "read").glob("*a.json.report.csv")
    assert "onward.answers_unreadable" in report.read_text()


def test_what_a_dead_worker_left_is_swept_later(adapter: FolderHandOver, to: Path) -> None:
    old, young = to / "batch-000007.partial", to / "batch-000008.partial"
    for place in (old, young):
        (place / "r-1").mkdir(parents=True)
    os.utime(old, (time.time() - 2 * 24 * 3600,) * 2)
    collected(adapter)
    assert (old.exists(), young.exists()) == (False, True)
