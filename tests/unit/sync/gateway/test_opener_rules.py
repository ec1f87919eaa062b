from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly
from support.gateway import receive as arrive
from support.standstill import wait_until

from fieldkit.vault.certificates import load_certificate
from sync.gateway.admission import Admission
from sync.gateway.blobs import Blobs
from sync.gateway.custody import Scrub
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Circumstances, OpenedRecord, Opener, OpenerWorker, Outcome, work
from sync.gateway.tables import records
from sync.protocol.messages import Announcement

Received = Callable[..., str]


@pytest.fixture
def receive(gateway_context: GatewayContext, kit: Kit) -> Received:
    def one(**record: object) -> str:
        record_id, manifest, sealed, _ = kit.record(size=500, **record)  # type: ignore[arg-type]  # record()'s own
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        arrive(gateway_context, kit, record_id, sealed)
        return record_id

    return one


def told(gateway_context: GatewayContext, kit: Kit) -> list[str]:
    return [item.code for item in Ledger(gateway_context).statuses(kit.name, "").items]


def test_nobody_is_another_for_having_no_nik_either_and_what_is_amended_is_kept(
    gateway_context: GatewayContext, kit: Kit, receive: Received
) -> None:
    first = receive(nik="")
    receive(nik="", amends=first)
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 2
    assert told(gateway_context, kit) == ["RECEIVED_AT_CENTRAL"] * 2
    with gateway_context.reading() as connection:
        kept = connection.execute(sa.select(records.c.nik_mac, records.c.amends).order_by(records.c.received_at)).all()
    assert sorted(kept, key=lambda row: row.amends or "") == [(None, None), (None, first)]


@pytest.mark.parametrize("content", [None, b"nothing that opens"])
def test_the_first_verdict_of_two_openers_counts(
    gateway_context: GatewayContext, kit: Kit, receive: Received, content: bytes | None
) -> None:
    receive(sealed=content)

    def while_another_judges(sealed: bytes, known: Circumstances) -> OpenedRecord:
        with gateway_context.engine.begin() as connection:
            connection.execute(sa.update(records).values(verdict="valid"))
        return open_plainly(sealed, known)

    opener = Opener(gateway_context, while_another_judges, NikRule())
    assert opener.run_pending() == 0
    assert opener.opened == {Outcome.BY_ANOTHER: 1}
    assert told(gateway_context, kit) == []


def test_it_stops_between_two_records_when_told(gateway_context: GatewayContext, receive: Received) -> None:
    receive(), receive(), receive()
    answers = iter((False, False, True))
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending(lambda: next(answers)) == 2


@pytest.mark.parametrize(("is_away", "looks"), [(True, 1), (False, 3)])
def test_a_store_that_is_away_is_asked_for_one_record_alone(
    gateway_context: GatewayContext, receive: Received, is_away: bool, looks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(), receive(), receive()
    asked: list[str] = []

    def fail(_blobs: Blobs, key: str) -> bytes:
        asked.append(key)
        raise PermissionError

    monkeypatch.setattr(Blobs, "get", fail)
    monkeypatch.setattr(Blobs, "is_away", lambda _blobs: is_away)
    with pytest.raises(PermissionError):
        Opener(gateway_context, open_plainly, NikRule()).run_pending()
    assert len(asked) == looks


@pytest.mark.allow_logs
def test_what_was_lost_and_found_again_is_opened_at_once(
    gateway_context: GatewayContext, receive: Received, folder: Path
) -> None:
    receive()
    with gateway_context.reading() as connection:
        path = folder / "objects" / str(connection.scalar(sa.select(records.c.key)))
    content = path.read_bytes()
    path.unlink()
    opener = Opener(gateway_context, open_plainly, NikRule())
    assert (opener.run_pending(), opener.opened) == (0, {Outcome.LOST: 1})
    path.write_bytes(content)
    Scrub(gateway_context).look()
    assert opener.run_pending() == 1


@pytest.mark.parametrize(
    ("sealed", "announced", "counts"),
    [
        ("revoked", timedelta(hours=1), 2),
        ("a moment earlier", timedelta(hours=1), 0),
        ("certified", timedelta(hours=1), 0),
        ("before certified", timedelta(hours=1), 2),
        ("before certified", timedelta(0), 2),
        ("before certified", timedelta(seconds=-1), 0),
    ],
)
def test_bounds_of_what_was_sealed_before_a_revocation(
    gateway_context: GatewayContext, kit: Kit, clock: HandClock, sealed: str, announced: timedelta, counts: int
) -> None:
    """The moment of the revocation is too late; a time before the certificate says nothing: then ours counts."""
    seen: list[Collection[int]] = []

    def open_sealed(file: bytes, known: Circumstances) -> OpenedRecord:
        seen.append(known.revoked)
        return open_plainly(file, known)

    revoked_at = clock.now() + timedelta(hours=20)
    begins = load_certificate(kit.answer.kit_certificate).not_valid_before_utc
    assert begins == load_certificate(kit.answer.admin_certificate).not_valid_before_utc
    second = timedelta(seconds=1)
    clock.at = {
        "revoked": revoked_at,
        "a moment earlier": revoked_at - second,
        "certified": begins,
        "before certified": begins - second,
    }[sealed]
    record_id, manifest, content, _ = kit.record(size=500)
    clock.at = revoked_at + announced
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    arrive(gateway_context, kit, record_id, content)
    clock.at = revoked_at
    Admission(gateway_context).revoke_kit(kit.name)
    Opener(gateway_context, open_sealed, NikRule()).run_pending()
    assert [len(revoked) for revoked in seen] == [counts]


class Scripted(Opener):
    """Fails or works as a list says, and notes what it was asked."""

    def __init__(self, *script: Exception | None) -> None:
        self.script, self.asked = list(script), list[str]()

    def release(self) -> int:
        self.asked.append("release")
        return 0

    def run_pending(self, _is_stopping: Callable[[], bool] = lambda: False) -> int:
        self.asked.append("run")
        if self.script and (error := self.script.pop(0)):
            raise error
        return 0


@pytest.mark.parametrize(
    ("error", "word"),
    [(OSError("disk"), "disk"), (sa.exc.TimeoutError("10.1.2.3"), "TimeoutError")],
)
def test_what_keeps_an_opener_waiting_is_told_once_until_it_works_again(
    error: Exception, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    opener = Scripted(error, error, None, error, None, None)
    work(opener, lambda: not opener.script, lambda: None)
    assert opener.asked == ["release", *["run"] * 6]
    assert caplog.messages == [f"the opener waits: {word}"] * 2


def test_a_release_that_failed_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    opener = Scripted(None, None)
    failing: Iterator[Exception] = iter((OSError("disk"),))

    def release() -> int:
        opener.asked.append("release")
        for error in failing:
            raise error
        return 0

    opener.release = release  # type: ignore[method-assign]  # fails once
    work(opener, lambda: not opener.script, lambda: None)
    assert opener.asked == ["release", "release", "run", "run"]
    assert len(caplog.messages) == 1


def test_a_worker_looks_when_woken_and_not_before_and_ends_at_once() -> None:
    opener = Scripted()
    worker = OpenerWorker(opener, every_s=threading.TIMEOUT_MAX)
    worker.start()
    for runs in (1, 2, 3):
        wait_until(lambda runs=runs: opener.asked.count("run") == runs)
        worker.wake()
    wait_until(lambda: opener.asked.count("run") == 4)
    worker.stop()
    assert (worker.is_alive, opener.asked.count("run") <= 5) == (False, True)


def test_a_doubtful_record_keeps_only_so_much_of_its_note(
    gateway_context: GatewayContext, kit: Kit, receive: Received
) -> None:
    receive()
    opener = Opener(gateway_context, lambda *given: replace(open_plainly(*given), note="n" * 65), NikRule())
    opener.run_pending()
    assert [item.reason for item in Ledger(gateway_context).statuses(kit.name, "").items] == ["n" * 64, ""]
