from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from support.gateway import Kit, Patience, World
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.ports.data_center import Budget
from sync.kit.parts import Bounds, EnoughError, RunParts, pages
from sync.kit.tally import Tally
from sync.protocol.pacing import back_off


def parts(world: World, kit: Kit, outbox: SmallOutbox) -> RunParts:
    tally = Tally(kit.clock.now())
    bounds = Bounds(Budget(), Patience(), tally)
    return RunParts(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), tally, bounds)


def test_bounds_tell_patience_from_budget(kit: Kit) -> None:
    tally = Tally(kit.clock.now())
    Bounds(Budget(max_bytes=10, max_time=timedelta(hours=1)), Patience(), tally).check()
    tally.sent_bytes = 10
    with pytest.raises(EnoughError):
        Bounds(Budget(max_bytes=10), Patience(), tally).check()
    with pytest.raises(EnoughError):
        Bounds(Budget(max_time=timedelta(0)), Patience(), tally).check()
    assert not tally.is_cancelled
    with pytest.raises(EnoughError):
        Bounds(Budget(), Patience(0), tally).check()
    assert tally.is_cancelled


def test_what_is_held_back_is_told(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    run, record_id = parts(world, kit, outbox), kit.queue(outbox, size=1000)
    run.quarantine(record_id, "sync.digest_conflict")
    assert outbox.state(record_id) is DeliveryState.QUARANTINED
    assert run.tally.quarantined == [record_id]


@pytest.mark.parametrize(("most", "left"), [(None, 3), (2, 2), (9, 3)])
def test_no_more_records_are_sent_than_may_be(kit: Kit, outbox: SmallOutbox, most: int | None, left: int) -> None:
    for _ in range(3):
        kit.queue(outbox, size=100)
    bounds = Bounds(Budget(max_records=most), Patience(), Tally(kit.clock.now()))
    assert len(bounds.cut(outbox.pending(kit.clock.now()))) == left


def test_the_next_try_waits_by_how_many_failed(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    run, record_id = parts(world, kit, outbox), kit.queue(outbox, size=1000)
    (record,) = run.due()
    run.postpone(replace(record, attempts=3), "sync.server_error")
    wait = back_off(4, Random(1))
    assert wait != back_off(2, Random(1))
    now = kit.clock.now()
    assert [r.record_id for r in outbox.pending(now + wait)] == [record_id]
    assert list(outbox.pending(now + wait - timedelta(seconds=1))) == []
    assert run.tally.postponed == [record_id]
    run.put_back(record_id, "sync.stalled")
    assert [r.record_id for r in run.due()] == [record_id], "in front, without a wait"
    assert outbox.row(record_id)["reason"] == "sync.stalled"


def test_what_is_released_is_told_once(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    run, record_id = parts(world, kit, outbox), kit.queue(outbox, size=1000)
    outbox.quarantine(record_id, "sync.digest_conflict")
    for _ in range(2):
        run.release(record_id)
        assert [note.code for note in run.tally.notes] == ["sync.released"]
        outbox.quarantine(record_id, "sync.digest_conflict")
    assert outbox.state(record_id) is DeliveryState.QUARANTINED


def test_what_somebody_else_moved_meanwhile_is_passed_over(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    run, record_id = parts(world, kit, outbox), kit.queue(outbox, size=1000)
    (record,) = run.due()
    outbox.quarantine(record_id, "x")
    outbox.set_aside(record_id, "a person was faster", "u1")
    run.postpone(record, "sync.server_error")
    run.put_back(record_id, "sync.stalled")
    assert outbox.state(record_id) is DeliveryState.SET_ASIDE
    assert run.tally.postponed == []
    assert [note.code for note in run.tally.notes] == ["delivery.no_way"]


def test_only_that_is_passed_over(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    run = parts(world, kit, outbox)
    with run.unless_changed():
        raise StoreError("store.not_found", key="x")
    with run.unless_changed():
        raise RuleError("delivery.no_way")
    assert [note.code for note in run.tally.notes] == ["store.not_found", "delivery.no_way"]
    with pytest.raises(StoreError), run.unless_changed():
        raise StoreError("store.disk_full")


def test_pages_lose_nothing() -> None:
    assert list(pages(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(pages([], 2)) == []
