from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from support.gateway import Kit, Patience, World
from support.outbox import SmallOutbox

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import Problem, RuleError, StoreError
from fieldkit.ports.delivery import Budget, SyncReport
from sync.kit.parts import Bounds, EnoughError, RunParts, Tally, pages, stops
from sync.protocol.outcomes import back_off


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


def raising(error: Exception) -> object:
    def act() -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (StoreError("store.disk_full"), "store.disk_full"),
        (OSError(28, "No space left on device"), "store.disk_full"),
        (OSError(5, "Input/output error"), "store.disk_failed"),
    ],
)
def test_the_first_reason_counts(error: Exception, code: str) -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert not stops(tally, lambda: None)
    assert stops(tally, raising(error))  # type: ignore[arg-type]
    assert stops(tally, raising(StoreError("store.damaged")))  # type: ignore[arg-type]
    assert tally.stopped_by is not None
    assert tally.stopped_by.code == code


def test_enough_is_no_problem() -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert stops(tally, raising(EnoughError()))  # type: ignore[arg-type]
    assert tally.stopped_by is None


def test_a_bug_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    tally = Tally(datetime(2026, 11, 21, tzinfo=UTC))
    assert stops(tally, raising(KeyError("x")))  # type: ignore[arg-type]
    assert tally.stopped_by == Problem("sync.unforeseen", {"kind": "KeyError"})
    assert "Traceback" in caplog.text


def test_ctrl_c_goes_through() -> None:
    with pytest.raises(KeyboardInterrupt):
        stops(Tally(datetime(2026, 11, 21, tzinfo=UTC)), raising(KeyboardInterrupt()))  # type: ignore[arg-type]


NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_nothing_counted_is_lost_in_the_report() -> None:
    tally = Tally(
        NOW,
        ["a"],
        ["b"],
        ["c"],
        ["d"],
        ["e"],
        ["f"],
        resumed_uploads=1,
        resumed_bytes=2,
        sent_bytes=3,
        statuses=4,
        held_there=5,
        clock_skew_s=6.0,
        stopped_by=Problem("sync.stalled"),
        notes=[Problem("sync.no_proofs")],
        forked="manifest.fork",
        is_cancelled=True,
    )
    report = tally.close(NOW + timedelta(seconds=9), waiting=7, held_here=8, next_try_at=NOW)
    for field in fields(Tally):
        kept = getattr(tally, field.name)
        assert getattr(report, field.name) == (tuple(kept) if isinstance(kept, list) else kept)
    assert (report.waiting, report.held_here, report.next_try_at) == (7, 8, NOW)
    assert {field.name for field in fields(Tally)} < {field.name for field in fields(SyncReport)}


def test_what_was_sent_again_is_lost_no_more() -> None:
    tally = Tally(NOW, lost=["a", "b"], resent=["b"])
    report = tally.close(NOW, 0, 0, None)
    assert (report.lost, report.resent) == (("a",), ("b",))


def test_a_note_is_told_once() -> None:
    tally = Tally(NOW)
    for _ in range(3):
        tally.note(Problem("sync.no_proofs"))
    assert tally.notes == [Problem("sync.no_proofs")]


def test_a_run_that_did_nothing_counts_nothing() -> None:
    report = Tally(NOW).close(NOW, 0, 0, None)
    counts = [getattr(report, field.name) for field in fields(Tally) if field.type in ("int", int)]
    assert counts
    assert not any(counts)
    assert not report.is_cancelled


def test_a_place_in_the_chain_that_is_taken_is_told() -> None:
    tally = Tally(NOW)
    tally.fork("manifest.fork")
    assert (tally.forked, [note.code for note in tally.notes]) == ("manifest.fork", ["sync.new_chain"])
