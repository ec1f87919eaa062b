"""Bounds and order of a run; what the network does to it stands in tests/integration/sync."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from support.gateway import Kit, Patience, Progress, World
from support.outbox import SmallOutbox

from fieldkit.domain.delivery import DeliveryState
from fieldkit.ports.data_center import Budget
from sync.kit.engine import SyncEngine


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
