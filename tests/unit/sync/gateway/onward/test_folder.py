from __future__ import annotations

import csv
import hashlib
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.clock import true_clock
from support.gateway import Kit, enrolled_kit, receive
from support.onward import hand_over

from fieldkit.domain.errors import InputError
from fieldkit.ports.delivery import Answer, OnwardState, Outcome
from fieldkit.vault.certificates import new_private_key, public_der
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.folder import HAND_OVER_TYP, PATH, FolderHandOver, read_acknowledgements
from sync.gateway.onward.queue import Loan, OnwardQueue
from sync.gateway.tables import onward, records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.onward.conftest import Arrive

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


def test_only_files_of_answers_are_read(adapter: FolderHandOver, to: Path, tmp_path: Path) -> None:
    answer = "record_id,result\nr-1,accepted\n"
    (tmp_path / "elsewhere.csv").write_text(answer)
    lay(to, "A.CSV", answer)
    (to / "answers" / "folder.csv").mkdir()
    (to / "answers" / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    os.utime(tmp_path / "elsewhere.csv", (time.time() - 60,) * 2)
    assert len(collected(adapter)) == 1
    assert sorted(path.name for path in (to / "answers").iterdir()) == ["folder.csv", "link.csv", "read"]


@pytest.mark.parametrize(("age_s", "is_read"), [(1.5, False), (2.0, True)])
def test_a_file_is_read_after_two_quiet_seconds(
    adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch, age_s: float, is_read: bool
) -> None:
    path = lay(to, "a.csv", "record_id,result\nr-1,accepted\n")
    written_s = path.stat().st_mtime
    monkeypatch.setattr("sync.gateway.onward.folder.time", SimpleNamespace(time=lambda: written_s + age_s))
    assert len(collected(adapter)) == is_read


@pytest.mark.parametrize(("age_s", "is_swept"), [(24 * 3600.0, False), (24 * 3600.5, True)])
def test_half_a_batch_is_swept_after_a_day(
    adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch, age_s: float, is_swept: bool
) -> None:
    half, notes = to / "batch-000007.partial", to / "batch-notes.partial"
    for place in (half, notes):
        place.mkdir(parents=True)
        os.utime(place, (1_000_000.0,) * 2)
    monkeypatch.setattr("sync.gateway.onward.folder.time", SimpleNamespace(time=lambda: 1_000_000.0 + age_s))
    collected(adapter)
    assert (half.exists(), notes.exists()) == (not is_swept, True)  # whose name is none of ours


@pytest.mark.parametrize(("more", "numbers"), [(0, ["r-1"]), (-1, [])])
def test_a_file_of_answers_has_a_greatest_size(
    adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch, more: int, numbers: list[str]
) -> None:
    size = lay(to, "a.csv", "record_id,result\nr-1,accepted\n").stat().st_size
    monkeypatch.setattr("sync.gateway.onward.folder._MOST_BYTES", size + more)
    assert [answer.number for answer in collected(adapter)] == numbers
    (report,) = (to / "answers" / "read").glob("*.report.csv")
    assert ("onward.answers_unreadable" in report.read_text()) is (numbers == [])


def test_a_line_that_says_nothing_is_no_last_word(adapter: FolderHandOver, to: Path) -> None:
    lay(to, "a.csv", "record_id,result\nr-1,accepted\nr-1,perhaps\n")
    assert [answer.number for answer in collected(adapter)] == ["r-1"]


def test_a_number_is_used_for_what_is_new_only_and_a_manifest_signed_where_the_key_is(to: Path) -> None:
    keyless = FolderHandOver(to, "SIAK", true_clock(), None)
    keyless.hand_over([hand_over("r-1")])
    assert {path.name for path in (to / "batch-000001").iterdir()} == {"manifest.json", "r-1"}
    assert keyless.hand_over([hand_over("r-1", is_again=True)])[0].batch == "000001"
    assert keyless.hand_over([hand_over("r-2")])[0].batch == "000002"


def test_a_batch_that_has_its_name_is_kept_though_the_disk_failed_then(
    adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: Path) -> None:
        if folder == to:
            raise OSError(5, "no disk")

    with monkeypatch.context() as patched:
        patched.setattr("sync.gateway.onward.folder.sync_folder", fails)
        with pytest.raises(OSError, match="no disk"):
            adapter.hand_over([hand_over("r-1")])
    assert (to / "batch-000001" / "manifest.json").exists()
    assert adapter.hand_over([hand_over("r-1", is_again=True)])[0].batch == "000001"


def test_a_batch_is_on_the_disk_before_it_has_its_name(
    adapter: FolderHandOver, to: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders, files = list[tuple[str, bool]](), list[int]()

    def note(folder: Path) -> None:
        folders.append((str(folder.relative_to(to.parent)), (to / "batch-000001").exists()))

    monkeypatch.setattr("sync.gateway.onward.folder.sync_folder", note)
    monkeypatch.setattr("sync.gateway.onward.folder.write_durably", lambda path, content: path.write_bytes(content))
    monkeypatch.setattr(os, "fsync", lambda handle: files.append(os.fstat(handle).st_size))
    adapter.hand_over([hand_over("r-1")])
    half = "onward/batch-000001.partial"
    assert folders[0] == ("onward/.numbers", False)
    assert set(folders[1:-1]) == {(half, False), (f"{half}/r-1", False), (f"{half}/r-1/samples", False)}
    assert folders[-1] == ("onward", True)
    written = [path.stat().st_size for path in (to / "batch-000001").rglob("*") if path.is_file()]
    assert sorted(files) == sorted([0, *written])  # the number first, which holds nothing yet
    lay(to, "a.csv", "record_id,result\nr-1,accepted\n")
    collected(adapter)
    assert folders[-1] == ("onward/answers", True)


YES, NO = OnwardState.ACKNOWLEDGED, OnwardState.REJECTED


def test_a_list_in_indonesian_with_semicolons_is_read() -> None:
    text = (
        "\ufeffNomor rekaman;Hasil;Alasan;Nomor resmi;Status\r\n"
        "r-1;Diterima;;REG-1;PRR\r\n"
        '\r\nr-2;ditolak;"foto; kabur";;\r\n'
        ";diterima;;;\r\nr-3;mungkin;;;\r\n"
    )
    lines = read_acknowledgements("jawaban.csv", text.encode())
    assert [line.answer for line in lines] == [
        Answer("r-1", Outcome(YES, "", "REG-1", "PRR")),
        Answer("r-2", Outcome(NO, "foto; kabur")),
        None,
        None,
    ]
    assert [(line.place, line.number, line.fault) for line in lines[2:]] == [
        (5, "", "onward.no_number"),
        (6, "r-3", "onward.no_result"),
    ]


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_is_read(wrapped: bool) -> None:
    rows = [
        {"record_id": "r-1", "accepted": True, "registration_number": 17},
        {"record_id": "", "transaction_id": "t-2", "result": "rejected", "reason": None},
    ]
    lines = read_acknowledgements("x.JSON", json.dumps({"records": rows} if wrapped else rows).encode())
    assert [line.answer for line in lines] == [Answer("r-1", Outcome(YES, "", "17")), Answer("t-2", Outcome(NO))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b""),
        ("a.csv", b"name;result\nx;yes\n"),
        ("a.csv", b"\xff\xfe"),
        ("a.csv", b'record_id,result\n"' + b"x" * 200_000),
        ("a.json", b"{"),
        ("a.json", b'{"records": 1}'),
        ("a.json", b"[1]"),
        ("a.json", b"[" * 100_000),
    ],
)
def test_what_is_no_list_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(InputError) as caught:
        read_acknowledgements(name, content)
    assert caught.value.code == "onward.answers_unreadable"


@pytest.mark.parametrize(("rows", "is_list"), [(3, True), (4, False)])
def test_a_file_has_so_many_lines_at_most(monkeypatch: pytest.MonkeyPatch, rows: int, is_list: bool) -> None:
    monkeypatch.setattr("sync.gateway.onward.folder._MOST_LINES", 3)
    told = [{"number": str(number), "result": "ok"} for number in range(rows)]
    table = "\n".join(["number,result", *(f"{number},ok" for number in range(rows - 1))])
    for name, text in (("a.json", json.dumps(told)), ("a.csv", table)):
        with nullcontext() if is_list else pytest.raises(InputError, match=r"onward\.answers_unreadable"):
            assert {line.fault for line in read_acknowledgements(name, text.encode())} == {""}


def test_of_two_columns_the_first_that_is_filled_counts() -> None:
    text = (
        "record_id,transaction_id,number,result,hasil,reason,kode\n,t-1,n-1,,ya,,X\nr-2,t-2,,ok,tidak,why,\n , ,,,,,\n"
    )
    (first, second) = read_acknowledgements("a.csv", text.encode())
    assert first.answer == Answer("t-1", Outcome(YES, code="X"))
    assert second.answer == Answer("r-2", Outcome(YES, "why"))
    for name, content in (("a.txt", b"number,result\nr-1,ya"), ("a.json", b'[{"nomor": "r-1", "diterima": "ya"}]')):
        assert [line.answer for line in read_acknowledgements(name, content)] == [Answer("r-1", Outcome(YES))]


@pytest.fixture
def client(gateway_context: GatewayContext) -> Iterator[TestClient]:
    with TestClient(build_app(gateway_context, None)) as made:
        yield made


@pytest.fixture
def waiting(queue: OnwardQueue, arrive: Arrive) -> Loan:
    """A record that an ABIS searches for."""
    arrive()
    queue.take_in()
    (loan,) = queue.borrow(1)
    queue.settle(loan, Outcome(OnwardState.HANDED_OVER))
    return loan


def candidate(person: str) -> dict[str, object]:
    return {"personId": person, "rank": 1, "score": 9.5}


@pytest.mark.parametrize(("other", "code"), [(False, "PRINT_READY_RECORD"), (True, "ADJUDICATE_RECORD")])
def test_candidates_become_a_status_of_the_abis(
    gateway_context: GatewayContext, client: TestClient, waiting: Loan, kit: Kit, other: bool, code: str
) -> None:
    found = [candidate(waiting.person), *([candidate("q")] if other else [])]
    for _ in range(2):
        assert client.post(PATH, params={"transactionId": waiting.transaction_id}, json=found).status_code == 204
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [(item.code, item.source) for item in items][-1] == (code, "SIAK")
    assert len([item for item in items if item.source == "SIAK"]) == 2


def test_an_error_is_a_matter_for_a_person(client: TestClient, waiting: Loan, queue: OnwardQueue) -> None:
    headers = {"Content-Type": "application/error+json"}
    params = {"transactionId": waiting.transaction_id}
    said = client.post(PATH, params=params, headers=headers, content=b'{"code": 5, "message": "no template"}')
    assert said.status_code == 204
    assert queue.borrow(1) == ()


@pytest.mark.parametrize(("content", "status"), [(b"{", 400), (b"{}", 400), (b"[1]", 400), (b"[" * 99_999, 400)])
def test_what_cannot_be_read_is_refused(client: TestClient, waiting: Loan, content: bytes, status: int) -> None:
    assert client.post(PATH, params={"transactionId": waiting.transaction_id}, content=content).status_code == status


@pytest.mark.parametrize("transaction", ["", "x", "\0"])
def test_nobody_answers_what_was_not_asked(client: TestClient, waiting: Loan, transaction: str) -> None:
    assert client.post(PATH, params={"transactionId": transaction}, json=[]).status_code == 403


def test_an_error_is_kept_in_its_words_whatever_form_it_has(
    gateway_context: GatewayContext, client: TestClient, waiting: Loan
) -> None:
    headers, params = {"Content-Type": "application/error+json"}, {"transactionId": waiting.transaction_id}
    told = []
    for content in (b'{"code": 5, "message": "no template"}', b"[]", b"7"):
        assert client.post(PATH, params=params, headers=headers, content=content).status_code == 204
        with gateway_context.reading() as connection:
            told.append(tuple(connection.execute(sa.select(onward.c.state, onward.c.reason)).one()))
    assert told == [("failed", "5 no template"), ("failed", ""), ("failed", "")]


def test_who_has_no_nik_is_known_by_the_record_and_an_answer_is_of_its_kit(
    gateway_context: GatewayContext, client: TestClient, kit: Kit, queue: OnwardQueue, arrive: Arrive, folder: Path
) -> None:
    other = enrolled_kit(folder, gateway_context, kit.clock, "kit-02")
    record_id = arrive(nik="")
    queue.take_in()
    (loan,) = queue.borrow(1)
    _, manifest, sealed, _ = other.record(size=200, record_id=record_id)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(verdict=""))
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    further = arrive()
    assert further != record_id
    found = [candidate(record_id)]
    assert client.post(PATH, params={"transactionId": loan.transaction_id}, json=found).status_code == 204
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [item.code for item in items if item.source == "SIAK"] == ["PRINT_READY_RECORD"]
