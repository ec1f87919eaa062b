"""Bounds and order of a run; what the network does to it stands in tests/integration/sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from support.clock import HandClock
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink
from support.tries import some_of

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.delivery import Budget, HeldRecord, RunNote
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsVerifier
from sync.kit import engine
from sync.kit.engine import Comparison, SyncEngine
from sync.kit.parts import EnoughError, RunParts
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Holding
from sync.protocol.outcomes import RunStoppedError, back_off


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
    verifier = JwsVerifier.of_key(certificates.public_der(OURS))
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


def holding(word: str) -> Offers:
    def answer(question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        words = [{"record_id": record["record_id"], "holding": word} for record in question["records"]]
        return 200, {"records": words}

    return Offers(reconcile=answer)


def say(world: World, word: str) -> None:
    world.stop()
    world.start(holding(word))


@pytest.mark.parametrize("word", ["unknown", "announced", "partial", "lost"])
def test_what_is_acknowledged_and_gone_is_queued_again(world: World, kit: Kit, outbox: SmallOutbox, word: str) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    say(world, word)
    report = kit.run(outbox, world.url)
    # The gateway does have it: the new receipt comes at once.
    assert (report.resent, report.lost, report.acknowledged) == ((record_id,), (), (record_id,))


def test_another_record_of_the_same_id_is_named_and_nothing_is_sent(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    waiting = kit.queue(outbox, size=5000)
    say(world, "conflict")
    report = kit.run(outbox, world.url)
    assert report.lost == (record_id,)
    assert outbox.state(record_id) is DeliveryState.ACKNOWLEDGED
    assert (report.quarantined, outbox.row(waiting)["reason"]) == ((waiting,), "sync.digest_conflict")


@pytest.mark.parametrize(
    ("reason", "word", "is_released"),
    [
        ("sync.chain_forked", "unknown", True),
        ("sync.chain_forked", "conflict", False),
        ("sync.digest_conflict", "unknown", True),
        ("sync.digest_conflict", "conflict", False),
        ("sync.too_large", "unknown", False),
        ("sync.too_large", "received", True),
    ],
)
def test_a_held_record_goes_on_when_its_reason_ended(
    world: World, kit: Kit, outbox: SmallOutbox, reason: str, word: str, is_released: bool
) -> None:
    record_id = kit.queue(outbox, size=5000)
    outbox.quarantine(record_id, reason)
    say(world, word)
    kit.run(outbox, world.url)
    assert bool(outbox.row(record_id)["released"]) is is_released
    assert (outbox.state(record_id) is DeliveryState.QUARANTINED) is not is_released


def test_it_goes_on_only_once(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=5000)
    say(world, "unknown")
    for _ in range(2):
        if outbox.state(record_id) is not DeliveryState.QUARANTINED:
            outbox.quarantine(record_id, "sync.chain_forked")
        (outbox.folder / record_id).unlink(missing_ok=True)
        kit.run(outbox, world.url)
    assert outbox.row(record_id)["reason"] == "sync.sealed_file_missing"
    outbox._write("UPDATE queue SET reason='sync.chain_forked'")
    assert kit.run(outbox, world.url).quarantined == ()
    assert outbox.state(record_id) is DeliveryState.QUARANTINED


def test_the_purged_are_asked_about_only_when_the_numbers_differ(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id = kit.queue(outbox, size=5000)
    kit.run(outbox, world.url)
    outbox.purge(record_id, kit.clock.now())
    offers = holding("unknown")
    world.stop()
    world.start(offers)
    assert kit.run(outbox, world.url).lost == ()
    assert offers.asked == []
    kit.queue(outbox, size=5000)
    outbox._write("UPDATE queue SET state='purged'")
    assert len(kit.run(outbox, world.url).lost) == 2


def test_what_was_erased_and_is_there_is_not_lost() -> None:
    words = {Holding.RECEIVED: False, Holding.PARTIAL: True, Holding.LOST: True, Holding.CONFLICT: True}
    names = [str(UUID(int=number)) for number in range(len(words))]
    answers = [SimpleNamespace(record_id=UUID(name), holding=word) for name, word in zip(names, words, strict=True)]
    parts = SimpleNamespace(
        outbox=SimpleNamespace(purged=lambda: [HeldRecord(name, "0" * 64, DeliveryState.PURGED) for name in names]),
        link=ScriptedLink(reconcile=[SimpleNamespace(records=answers)]),
        tally=SimpleNamespace(lost=[]),
    )
    Comparison(cast("RunParts", parts)).purged()
    assert parts.tally.lost == [name for name, is_lost in zip(names, words.values(), strict=True) if is_lost]


def test_what_was_acknowledged_is_lost_unless_it_is_there() -> None:
    words = {Holding.RECEIVED: (False, False), Holding.CONFLICT: (True, False), Holding.PARTIAL: (True, True)}
    for number, (word, (is_lost, is_queued)) in enumerate(words.items()):
        name, gone = str(UUID(int=number)), list[str]()
        parts = SimpleNamespace(
            outbox=SimpleNamespace(
                held=lambda name=name: [HeldRecord(name, "0" * 64, DeliveryState.ACKNOWLEDGED)],
                lost_at_center=lambda record_id, _at, gone=gone: gone.append(record_id),
            ),
            link=ScriptedLink(
                reconcile=[SimpleNamespace(records=[SimpleNamespace(record_id=UUID(name), holding=word)])]
            ),
            tally=SimpleNamespace(lost=[]),
            clock=HandClock(),
            unless_changed=nullcontext,
            holdings={},
        )
        Comparison(cast("RunParts", parts)).held()
        assert (parts.tally.lost, gone) == ([name] * is_lost, [name] * is_queued)


def compared(records: list[HeldRecord], answered: list[str]) -> tuple[dict[str, Holding], list[str]]:
    """Compare with a data center that speaks of these ids; return what it holds and what was held back."""
    words = [SimpleNamespace(record_id=UUID(name), holding=Holding.RECEIVED) for name in answered]
    quarantined: list[str] = []
    parts = SimpleNamespace(
        outbox=SimpleNamespace(held=lambda: records),
        link=ScriptedLink(reconcile=[SimpleNamespace(records=words)]),
        quarantine=lambda record_id, _code: quarantined.append(record_id),
        holdings={},
    )
    Comparison(cast("RunParts", parts)).held()
    return parts.holdings, quarantined


def test_an_answer_about_other_records_is_nonsense() -> None:
    first, second = (str(UUID(int=number)) for number in (1, 2))
    records = [HeldRecord(name, "0" * 64, DeliveryState.QUEUED) for name in (first, second)]
    assert compared(records, [first, second])[0] == dict.fromkeys((first, second), Holding.RECEIVED)
    for answered in ([second, first], [first], [first, second, second], [first, str(UUID(int=3))]):
        with pytest.raises(RunStoppedError, match="nonsense"):
            compared(records, answered)


@pytest.mark.parametrize("state", list(DeliveryState))
def test_a_harmed_row_is_held_back_while_it_waits_to_be_sent(state: DeliveryState) -> None:
    waits = {DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.RECEIVED}
    _, quarantined = compared([HeldRecord("no id", "0" * 64, state)], [])
    assert quarantined == (["no id"] if state in waits else [])
