"""Bounds and order of a run; what the network does to it stands in tests/integration/sync."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import cast

import pytest
from support.clock import HandClock
from support.gateway import Kit, Patience, Progress, World
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink
from support.tries import some_of

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.data_center import Budget
from fieldkit.ports.outbox import RunNote
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsVerifier
from sync.kit import engine
from sync.kit.engine import SyncEngine
from sync.kit.parts import EnoughError
from sync.kit.transport import DataCenterLink
from sync.protocol.outcomes import RunStoppedError
from sync.protocol.pacing import back_off


def test_a_run_shows_its_steps_in_order_and_counts_up(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=300_000)
    progress = Progress()
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1))

    engine.run_once(Budget(), progress, Patience())

    steps = list(dict.fromkeys(shown.step.rpartition(".")[2] for shown in progress.shown))
    assert steps == ["hello", "reconcile", "announce", "send", "statuses"]
    sending = [shown for shown in progress.shown if shown.record_id == record_id]
    assert [shown.sent_bytes for shown in sending] == sorted({shown.sent_bytes for shown in sending})
    assert {(shown.size_bytes, shown.records_total) for shown in sending} == {(300_000, 1)}


def test_the_same_engine_runs_again(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1))
    for _ in range(2):
        record_id = kit.queue(outbox, size=10_000)
        assert engine.run_once(Budget(), Progress(), Patience()).acknowledged == (record_id,)


def test_budgets_end_a_run_and_leave_the_rest_queued(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    ids = [kit.queue(outbox, size=10_000) for _ in range(3)]
    by_records = kit.run(outbox, world.url, Budget(max_records=1))
    by_bytes = kit.run(outbox, world.url, Budget(max_bytes=1))
    by_time = kit.run(outbox, world.url, Budget(max_time=timedelta(0)))

    assert by_records.acknowledged == (ids[0],)
    assert by_bytes.acknowledged == (ids[1],)
    assert by_time.acknowledged == ()
    assert not by_time.is_cancelled
    assert outbox.state(ids[2]) is DeliveryState.QUEUED
    assert outbox.row(ids[2])["attempts"] == 0


def test_a_record_that_must_wait_is_not_sent_before_its_time(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    outbox.retry_later(record_id, kit.clock.now() + timedelta(minutes=5), "sync.server_error")
    assert kit.run(outbox, world.url).acknowledged == ()
    kit.clock.advance(minutes=6)
    assert kit.run(outbox, world.url).acknowledged == (record_id,)


def test_what_a_killed_run_left_is_taken_up(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    sending, received = kit.queue(outbox), kit.queue(outbox)
    for record_id in (sending, received):
        outbox.mark_sending(record_id)
    outbox.mark_received(received)  # but the gateway never heard of it: a restored server
    assert set(kit.run(outbox, world.url).acknowledged) == {sending, received}


class Faulty(SmallOutbox):
    """An outbox whose one method fails from its n-th call on."""

    def fail(self, method: str, error: Exception, calls: int = 1) -> None:
        true, left = getattr(self, method), [calls]

        def failing(*arguments: object) -> object:
            left[0] -= 1
            if left[0] <= 0:
                raise error
            return true(*arguments)

        setattr(self, method, failing)

    def mend(self) -> None:
        for name in [name for name in vars(self) if name != "folder"]:
            delattr(self, name)


METHODS = [
    "pending",
    "held",
    "counts",
    "sealed_bytes",
    "mark_sending",
    "mark_progress",
    "mark_received",
    "acknowledge",
    "status_cursor",
    "last_run",
    "save_run",
]
ERRORS = {
    "disk full": StoreError("store.disk_full"),
    "row gone": StoreError("store.not_found", key="x"),
    "moved meanwhile": RuleError("delivery.no_way", current="x", wanted="y"),
    "bad sector": OSError(5, "Input/output error"),
    "no room": OSError(28, "No space left on device"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Kit]]:
    made = World(tmp_path_factory.mktemp("office") / "gateway")
    made.start()
    yield made, made.enrol_kit("kit-01")
    made.stop()


@pytest.mark.parametrize("error", some_of(ERRORS, 2))
@pytest.mark.parametrize("method", METHODS)
def test_nothing_that_store_and_disk_do_is_raised_or_loses_anything(
    office: tuple[World, Kit], tmp_path: Path, method: str, error: str
) -> None:
    (world, kit), outbox = office, Faulty(tmp_path / "kit")
    record_id = kit.queue(outbox, size=20_000)
    outbox.fail(method, ERRORS[error])
    url = "https://127.0.0.1:1" if method == "last_run" else world.url

    report = kit.run(outbox, url, retention=timedelta(0))

    assert report.stopped_by or report.notes or report.postponed or report.quarantined
    assert (outbox.folder / record_id).exists()
    outbox.mend()
    if outbox.state(record_id) is DeliveryState.QUARANTINED:
        outbox.send_again(record_id, "u1")
    kit.clock.advance(hours=1)
    kit.run(outbox, world.url)
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED


def test_a_full_disk_is_named_and_leaves_the_queue(office: tuple[World, Kit], tmp_path: Path) -> None:
    """A note that cannot be written does not keep the report back, and no record is held back for it."""
    (world, kit), outbox = office, Faulty(tmp_path / "kit")
    record_id = kit.queue(outbox, size=20_000)
    for method in ("mark_progress", "retry_later", "save_run"):
        outbox.fail(method, StoreError("store.disk_full"))
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert (report.stopped_by.code, report.waiting) == ("store.disk_full", 1)
    assert report.next_try_at is not None
    assert outbox.state(record_id) is DeliveryState.SENDING


@pytest.mark.parametrize("method", ["held", "mark_sending", "save_run", "counts"])
def test_a_bug_is_logged_with_its_trace_and_reported(
    office: tuple[World, Kit], tmp_path: Path, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    (world, kit), outbox = office, Faulty(tmp_path / "kit")
    kit.queue(outbox, size=20_000)
    outbox.fail(method, ZeroDivisionError("a bug"))
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert (report.stopped_by.code, report.stopped_by.params) == ("sync.unforeseen", {"kind": "ZeroDivisionError"})
    assert "a bug" in caplog.text
    assert "Traceback" in caplog.text


def test_a_harmed_row_does_not_stop_the_others(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    outbox.add("no-uuid-at-all", "manifest", b"sealed", "0" * 64)
    odd_digest = kit.record(size=1000)
    outbox.add(*odd_digest[:3], "not hex")
    odd_manifest = kit.record(size=1000)
    outbox.add(odd_manifest[0], "mänifest\ud800"[:8], odd_manifest[2], odd_manifest[3])
    good = kit.queue(outbox, size=1000)
    report = kit.run(outbox, world.url)
    assert report.quarantined == ("no-uuid-at-all", odd_digest[0], odd_manifest[0])
    assert (report.acknowledged, report.stopped_by) == ((good,), None)


def test_a_time_to_try_again_of_another_century_holds_nothing_up(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox)
    outbox.retry_later(record_id, kit.clock.now() + timedelta(days=1500), "sync.server_error")
    assert kit.run(outbox, world.url).acknowledged == (record_id,)


class Counted(SmallOutbox):
    """An outbox that counts what it is told to, or fails at it."""

    def __init__(self, folder: Path, counts: dict[DeliveryState, int] | Exception) -> None:
        super().__init__(folder)
        self._counts = counts

    def counts(self) -> dict[DeliveryState, int]:
        if isinstance(self._counts, Exception):
            raise self._counts
        return self._counts


def engine_over(
    outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch, error: Exception | None = None
) -> tuple[SyncEngine, list[str]]:
    """Return an engine whose run only fails with an error, and what is done."""
    done: list[str] = []

    class OnlyRun:
        def __init__(self, *_: object) -> None:
            pass

        def deliver(self, _progress: object) -> None:
            done.append("deliver")
            if error is not None:
                raise error

        def purge(self, retention: timedelta | None) -> None:
            done.append(f"purge {retention}")

    monkeypatch.setattr(engine, "Run", OnlyRun)
    link = cast("DataCenterLink", ScriptedLink(close=[None]))
    verifier = JwsVerifier.of_key(keys.public_der(OURS))
    return SyncEngine(outbox, link, verifier, HandClock(), Random(1), timedelta(days=3)), done


@pytest.mark.parametrize(
    ("error", "purges"),
    [
        (None, True),
        (StoreError("store.disk_full"), True),
        (StoreError("store.busy"), False),
        (RunStoppedError("sync.stalled"), False),
        (EnoughError(), False),
    ],
)
def test_a_run_that_ended_early_erases_only_to_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception | None, purges: bool
) -> None:
    run, done = engine_over(SmallOutbox(tmp_path), monkeypatch, error)
    run.run_once(Budget(), Progress(), Patience())
    assert done == ["deliver", "purge 3 days, 0:00:00"][: 1 + purges]


@pytest.mark.parametrize(
    ("counts", "waiting", "held"),
    [
        ({}, 0, 0),
        (StoreError("store.busy"), 0, 0),
        ({DeliveryState.ACKNOWLEDGED: 4, DeliveryState.PURGED: 3, DeliveryState.QUEUED: 2}, 2, 7),
    ],
)
def test_the_report_counts_what_waits_and_what_was_held(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counts: dict[DeliveryState, int] | Exception,
    waiting: int,
    held: int,
) -> None:
    run, _ = engine_over(Counted(tmp_path, counts), monkeypatch)
    report = run.run_once(Budget(), Progress(), Patience())
    assert (report.waiting, report.held_here) == (waiting, held)


def test_failures_in_a_row_are_counted_and_wait_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = SmallOutbox(tmp_path)
    run, _ = engine_over(outbox, monkeypatch, RunStoppedError("sync.stalled"))
    random = Random(1)
    for failures in (1, 2, 3):
        report = run.run_once(Budget(), Progress(), Patience())
        note = outbox.last_run()
        assert note is not None
        assert (note.failures, note.next_try_at) == (failures, HandClock().now() + back_off(failures, random))
        assert report.next_try_at == note.next_try_at
    outbox.save_run(RunNote(HandClock().now()))
    run.run_once(Budget(), Progress(), Patience())
    note = outbox.last_run()
    assert note is not None
    assert note.failures == 1
