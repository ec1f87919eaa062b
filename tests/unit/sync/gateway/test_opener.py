from __future__ import annotations

import errno
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly
from support.gateway import receive as arrive

from fieldkit.domain.errors import VaultError
from fieldkit.domain.recording.record import ChainLink
from sync.gateway.admission import Admission
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import DecidedElsewhere, Ledger, NikRule
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, OpenerWorker, OpenSealed
from sync.gateway.opening.claims import Claims
from sync.gateway.tables import records
from sync.protocol.messages import Announcement, StatusItem
from tests.unit.sync.gateway.conftest import enrolled


@pytest.fixture
def receive(gateway_context: GatewayContext, kit: Kit) -> Callable[..., str]:
    def one(**record: object) -> str:
        record_id, manifest, sealed, _ = kit.record(size=500, **record)  # type: ignore[arg-type]  # record()'s own
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        arrive(gateway_context, kit, record_id, sealed)
        return record_id

    return one


def statuses(gateway_context: GatewayContext, kit: Kit) -> list[StatusItem]:
    return list(Ledger(gateway_context).statuses(kit.name, "").items)


def test_a_valid_record_gets_its_verdict_once(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str]
) -> None:
    receive()
    opener = Opener(gateway_context, open_plainly, NikRule())
    assert (opener.run_pending(), opener.run_pending()) == (1, 0)
    assert [(item.code, item.verdict, item.source) for item in statuses(gateway_context, kit)] == [
        ("RECEIVED_AT_CENTRAL", "valid", "uji coba"),
        ("PRINT_READY_RECORD", "valid", "uji coba"),
    ]


def test_the_nik_is_kept_only_as_a_keyed_hash(
    gateway_context: GatewayContext, receive: Callable[..., str], folder: Path
) -> None:
    receive(nik="3315014107900123")
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    with gateway_context.engine.begin() as connection:
        mac = connection.scalar(sa.select(records.c.nik_mac))
    assert mac is not None
    assert len(mac) == 64
    database = b"".join(path.read_bytes() for path in folder.glob("gateway.sqlite3*"))
    assert b"3315014107900123" not in database


def says(record: OpenedRecord | None, code: str = "") -> OpenSealed:
    def open_sealed(_sealed: bytes, _known: Circumstances) -> OpenedRecord:
        if record is None:
            raise VaultError(code)
        return record

    return open_sealed


def test_what_does_not_open_fails_with_the_reason(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str]
) -> None:
    receive()
    Opener(gateway_context, says(None, "vault.age_no_identity"), NikRule()).run_pending()
    (item,) = statuses(gateway_context, kit)
    assert (item.code, item.verdict, item.reason) == ("ENROLL_FAILURE_AT_CENTRAL", "invalid", "vault.age_no_identity")


@pytest.mark.parametrize(
    "other", [{"record_id": "x"}, {"kit": "kit-02"}, {"link": ChainLink("c2", 1, "")}, {"link": ChainLink("c1", 7, "")}]
)
def test_content_that_is_not_what_the_manifest_says_fails(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str], other: dict[str, object]
) -> None:
    truth = {"record_id": receive(), "kit": kit.name, "link": ChainLink("c1", 1, "")}
    opened = OpenedRecord(**{**truth, **other}, nik="3315014107900001")  # type: ignore[arg-type]  # built from both
    Opener(gateway_context, says(opened), NikRule()).run_pending()
    assert [item.reason for item in statuses(gateway_context, kit)] == ["gateway.record_mismatch"]


def test_penunggalan_may_answer_later(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str], clock: HandClock
) -> None:
    receive()
    clock.advance(minutes=1)
    receive(sealed=b"nothing that opens")
    Opener(gateway_context, open_plainly, DecidedElsewhere("Dinas Uji")).run_pending()
    assert [(item.code, item.verdict, item.source) for item in statuses(gateway_context, kit)] == [
        ("PROCESSING", "valid", "Dinas Uji"),
        ("ENROLL_FAILURE_AT_REGIONAL", "invalid", "Dinas Uji"),
    ]


def test_revoked_certificates_are_told_to_the_seal(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str], folder: Path, clock: HandClock
) -> None:
    told: list[Collection[int]] = []

    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        told.append(known.revoked)
        return open_plainly(sealed, known)

    enrolled(folder, gateway_context, clock, "kit-02")
    Admission(gateway_context).revoke_kit("kit-02")
    receive()
    Opener(gateway_context, open_sealed, NikRule()).run_pending()
    assert [len(revoked) for revoked in told] == [2]


def row_of(gateway_context: GatewayContext, record_id: str) -> sa.Row[Any]:
    with gateway_context.engine.begin() as connection:
        return connection.execute(sa.select(records).where(records.c.record_id == record_id)).one()


def verdicts(gateway_context: GatewayContext) -> dict[str, str]:
    with gateway_context.engine.begin() as connection:
        return {row.record_id: row.verdict for row in connection.execute(sa.select(records))}


@pytest.mark.parametrize("nik", ["\ud800", "\0", "３３１５"])
def test_content_that_nobody_wrote_by_hand_is_invalid_and_the_next_is_opened(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str], nik: str
) -> None:
    poison, good = receive(), receive()
    opener = Opener(gateway_context, with_nik(nik), NikRule())
    assert opener.run_pending() == 2
    assert verdicts(gateway_context) == {poison: "invalid", good: "valid"}
    assert [item.reason for item in statuses(gateway_context, kit) if item.record_id == UUID(poison)] == [
        "gateway.enrollment_incomplete"
    ]


def with_nik(nik: str) -> OpenSealed:
    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened = open_plainly(sealed, known)
        return replace(opened, nik=nik) if opened.link.sequence == 1 else opened

    return open_sealed


def breaks_at(first: int, error: Exception) -> OpenSealed:
    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        opened = open_plainly(sealed, known)
        if opened.link.sequence == first:
            raise error
        return opened

    return open_sealed


def test_a_record_that_breaks_our_code_is_set_aside_and_the_next_is_opened(
    gateway_context: GatewayContext, receive: Callable[..., str], caplog: pytest.LogCaptureFixture, clock: HandClock
) -> None:
    poison, good = receive(), receive()
    opener = Opener(gateway_context, breaks_at(1, ZeroDivisionError("Siti Aminah 3315014107900001")), NikRule())
    assert (opener.run_pending(), opener.run_pending()) == (1, 0)
    assert verdicts(gateway_context) == {poison: "", good: "valid"}
    row = row_of(gateway_context, poison)
    assert (row.set_aside_error, row.set_aside_at, row.tries) == ("ZeroDivisionError", clock.now(), 1)
    (said,) = caplog.messages
    assert poison in said
    assert "open_sealed" in said
    assert "Siti" not in caplog.text
    assert caplog.records[0].exc_info is None


@pytest.mark.allow_logs
def test_what_was_set_aside_is_tried_once_at_each_start_and_later_once_a_day(
    gateway_context: GatewayContext, receive: Callable[..., str], clock: HandClock
) -> None:
    poison = receive()
    broken = Opener(gateway_context, breaks_at(1, ZeroDivisionError()), NikRule())
    broken.run_pending()
    for _ in range(5):
        broken.release()
        broken.run_pending()
        broken.run_pending()
    assert row_of(gateway_context, poison).tries == 3
    clock.advance(days=2)
    mended = Opener(gateway_context, open_plainly, NikRule())
    assert (mended.release(), mended.run_pending()) == (1, 1)
    row = row_of(gateway_context, poison)
    assert (row.verdict, row.set_aside_at, row.set_aside_error) == ("valid", None, "")


def test_a_record_that_ends_the_process_is_not_met_again_by_the_same_start(
    gateway_context: GatewayContext, receive: Callable[..., str]
) -> None:
    class Killed(BaseException):
        pass

    poison, good = receive(), receive()
    deadly = Opener(gateway_context, breaks_at(1, Killed()), NikRule())  # type: ignore[arg-type]  # stands for SIGKILL
    for start in range(1, 5):
        deadly.release()
        if start <= 3:
            with pytest.raises(Killed):
                deadly.run_pending()
        deadly.run_pending()
        assert verdicts(gateway_context) == {poison: "", good: "valid"}
    assert row_of(gateway_context, poison).set_aside_error == "ProcessDied"


def test_a_database_that_is_away_is_no_fault_of_the_record(
    gateway_context: GatewayContext, receive: Callable[..., str]
) -> None:
    record_id = receive()
    away = sa.exc.OperationalError("", {}, Exception())
    with pytest.raises(sa.exc.OperationalError):
        Opener(gateway_context, breaks_at(1, away), NikRule()).run_pending()
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 1
    assert row_of(gateway_context, record_id).tries == 1


def test_what_a_full_database_could_not_take_back_waits_again_when_there_is_room(
    gateway_context: GatewayContext, receive: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    record_id = receive()
    opener = Opener(gateway_context, open_plainly, NikRule())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Claims, "give_back", full)
        patched.setattr(Opener, "_judge", full)
        for _ in range(2):
            with pytest.raises(OSError, match="No space"):
                opener.run_pending()
    assert opener.run_pending() == 1  # without a new start of the program
    assert row_of(gateway_context, record_id).tries == 1


@pytest.mark.parametrize("harm", ["missing", "damaged"])
def test_a_lost_object_does_not_stop_the_verdicts_behind_it(
    gateway_context: GatewayContext,
    receive: Callable[..., str],
    folder: Path,
    harm: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    lost, good = receive(), receive()
    path = folder / "objects" / row_of(gateway_context, lost).key
    content = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 1
    assert verdicts(gateway_context) == {lost: "", good: "valid"}
    assert row_of(gateway_context, lost).lost_at is not None
    assert harm in caplog.text


def test_an_object_that_cannot_be_read_now_waits_and_the_next_is_opened(
    gateway_context: GatewayContext, receive: Callable[..., str], folder: Path
) -> None:
    waits, good = receive(), receive()
    path = folder / "objects" / row_of(gateway_context, waits).key
    content = path.read_bytes()
    path.unlink()
    path.mkdir()  # reading a folder fails with another error than a missing file
    with pytest.raises(IsADirectoryError):
        Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert verdicts(gateway_context) == {waits: "", good: "valid"}
    path.rmdir()
    path.write_bytes(content)
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 1


def test_a_doubtful_clock_is_said_with_the_verdict(
    gateway_context: GatewayContext, kit: Kit, receive: Callable[..., str]
) -> None:
    def open_sealed(sealed: bytes, known: Circumstances) -> OpenedRecord:
        return replace(open_plainly(sealed, known), note="time.implausible")

    receive()
    Opener(gateway_context, open_sealed, NikRule()).run_pending()
    assert [(item.verdict, item.reason) for item in statuses(gateway_context, kit)] == [
        ("valid", "time.implausible"),
        ("valid", ""),
    ]


@pytest.mark.parametrize(("sealed", "announced", "counts"), [(-1, 1, 0), (1, 1, 2), (1, -1, 0), (-9999, 1, 2)])
def test_a_revocation_counts_for_what_was_sealed_after_it(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, sealed: int, announced: int, counts: int
) -> None:
    """By the laptop's own time, unless the gateway saw the seal earlier or the time is older than the certificate."""
    told: list[Collection[int]] = []

    def open_sealed(file: bytes, known: Circumstances) -> OpenedRecord:
        told.append(known.revoked)
        return open_plainly(file, known)

    revoked_at = clock.now() + timedelta(hours=20)
    clock.at = revoked_at + timedelta(hours=sealed)
    record_id, manifest, content, _ = kit.record(size=500)
    clock.at = revoked_at + timedelta(hours=announced)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    arrive(gateway_context, kit, record_id, content)
    clock.at = revoked_at
    Admission(gateway_context).revoke_kit(kit.name)
    Opener(gateway_context, open_sealed, NikRule()).run_pending()
    assert [len(revoked) for revoked in told] == [counts]


def test_the_executor_works_when_woken_and_survives_a_missing_disk(
    gateway_context: GatewayContext,
    kit: Kit,
    receive: Callable[..., str],
    caplog: pytest.LogCaptureFixture,
    folder: Path,
) -> None:
    executor = OpenerWorker(Opener(gateway_context, open_plainly, NikRule()), every_s=0.05)
    objects = folder / "objects" / "sealed"
    receive()
    objects.rename(folder / "away")
    executor.start()
    while not caplog.records:
        time.sleep(0.01)
    assert executor.is_alive
    (folder / "away").rename(objects)
    executor.wake()
    for _ in range(200):
        if statuses(gateway_context, kit):
            break
        time.sleep(0.02)
    executor.stop()
    assert not executor.is_alive
    assert len(statuses(gateway_context, kit)) == 2
