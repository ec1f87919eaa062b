from __future__ import annotations

from datetime import timedelta

import pytest
from support.kept import NOW, CountedIds, fill_queue
from support.room import PETUGAS, STORES, Room

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import InputError, Problem, RuleError, StoreError
from fieldkit.domain.people.accounts import User
from fieldkit.ports.data_center import Budget, ProgressSink, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.outbox import RunNote
from fieldkit.services.delivery.deliver import Deliver
from fieldkit.services.office_bundles.office_words import STANDINGS
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.outbox import SqlOutbox


class OneRecordARun:
    """A data center that takes the oldest waiting record."""

    def __init__(self, outbox: SqlOutbox, room: Room) -> None:
        self.outbox, self.room, self.budgets = outbox, room, list[Budget]()
        self.problem: Problem | None = None
        self.forked = ""

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        self.budgets.append(budget)
        at = self.room.clock.now()
        done = []
        for record in self.outbox.pending(at)[:1]:
            self.outbox.mark_sending(record.record_id)
            self.outbox.mark_received(record.record_id)
            self.outbox.acknowledge(record.record_id, "receipt", at)
            done.append(record.record_id)
        self.outbox.save_run(RunNote(at))
        return SyncReport(at, at, acknowledged=tuple(done), stopped_by=self.problem, forked=self.forked)


class Nobody:
    """Watches nothing and cancels nothing."""

    def offer(self, progress: object) -> None: ...

    def is_cancelled(self) -> bool:
        return False


def deliver(room: Room, user: User = PETUGAS) -> tuple[Deliver, OneRecordARun]:
    outbox = SqlOutbox(room.store, room.files, room.clock)
    center = OneRecordARun(outbox, room)
    return Deliver(UnitsOfWork(room.store, room.clock, CountedIds(), user), outbox, center), center


def test_an_empty_queue(room: Room) -> None:
    view = deliver(room)[0].queue()
    assert (view.entries, view.sealed, view.unsent, view.oldest_unsent_at, view.last_run_at) == ((), 0, 0, None, None)


def test_sending_is_logged_with_what_it_did(room: Room) -> None:
    first, second = fill_queue(room.store, [1, 2])
    delivery, _ = deliver(room)
    report = delivery.send(Nobody(), Nobody())
    assert report.acknowledged == (first.record_id,)
    with room.store.read() as unit:
        (event,) = unit.events.of("sync")
        assert unit.records.next_link().chain == second.link.chain
    assert (event.kind, event.actor) == ("sync_run", PETUGAS.user_id)
    assert first.record_id in event.payload


def test_who_may_not_send_sends_nothing(room: Room) -> None:
    fill_queue(room.store, [1])
    delivery, center = deliver(room, STORES)
    with pytest.raises(RuleError) as caught:
        delivery.send(Nobody(), Nobody())
    assert caught.value.code == "delivery.not_your_role"
    assert center.budgets == []


def test_the_budget_is_handed_on(room: Room) -> None:
    delivery, center = deliver(room)
    delivery.send(Nobody(), Nobody(), Budget(max_records=3))
    delivery.send(Nobody(), Nobody())
    assert center.budgets == [Budget(max_records=3), Budget()]


def test_what_the_network_does_is_in_the_report(room: Room) -> None:
    delivery, center = deliver(room)
    center.problem = Problem("sync.unreachable")
    assert delivery.send(Nobody(), Nobody()).stopped_by == Problem("sync.unreachable")


def test_counts_and_the_oldest_are_of_all_whatever_is_searched_for(room: Room) -> None:
    fill_queue(room.store, [1, 2, 3])
    delivery, _ = deliver(room)
    delivery.send(Nobody(), Nobody())
    everything, nothing = delivery.queue(), delivery.queue("nobody of this name")
    assert nothing.entries == ()
    assert len(everything.entries) == 3
    for view in (everything, nothing):
        assert (view.sealed, view.unsent) == (3, 2)
        assert view.counts[DeliveryState.ACKNOWLEDGED] == 1
        assert view.oldest_unsent_at == NOW + timedelta(minutes=2)
        assert view.last_run_at == NOW


def test_when_all_is_acknowledged_nothing_is_old(room: Room) -> None:
    fill_queue(room.store, [1])
    delivery, _ = deliver(room)
    delivery.send(Nobody(), Nobody())
    assert (delivery.queue().unsent, delivery.queue().oldest_unsent_at, delivery.due()) == (0, None, [])


def test_what_may_be_sent_now(room: Room) -> None:
    first, second = fill_queue(room.store, [1, 2])
    delivery, center = deliver(room)
    center.outbox.mark_sending(first.record_id)
    center.outbox.retry_later(first.record_id, NOW + timedelta(minutes=10), "sync.refused")
    assert delivery.due() == [second.record_id]
    room.clock.at = NOW + timedelta(hours=2)
    assert set(delivery.due()) == {first.record_id, second.record_id}


def test_a_taken_place_begins_a_new_chain(room: Room) -> None:
    fill_queue(room.store, [1])
    delivery, center = deliver(room)
    with room.store.read() as unit:
        before = unit.records.next_link().chain
    center.forked = "manifest.fork"
    delivery.send(Nobody(), Nobody())
    with room.store.read() as unit:
        link = unit.records.next_link()
        (begun,) = unit.events.of(link.chain)
    assert link.chain != before
    assert (link.sequence, begun.kind, begun.sequence) == (1, "chain_begun", 1)
    assert "manifest.fork" in begun.payload


def test_held_records_are_decided_about(room: Room) -> None:
    first, _ = fill_queue(room.store, [1, 2])
    delivery, center = deliver(room)
    center.outbox.quarantine(first.record_id, "sync.too_large")
    delivery.set_aside(first.record_id, " terlalu besar ")
    assert delivery.why_aside(first.record_id) == "terlalu besar"
    assert delivery.queue().why_aside == {first.record_id: "terlalu besar"}
    delivery.take_back(first.record_id)
    center.outbox.quarantine(first.record_id, "sync.too_large")
    delivery.send_again(first.record_id)
    assert delivery.entry(first.record_id).state is DeliveryState.QUEUED
    with room.store.read() as unit:
        actors = [event.actor for event in unit.events.of(first.record_id) if event.kind != "record_quarantined"]
    assert actors == [PETUGAS.user_id] * 3


def test_a_reason_is_needed_and_the_role(room: Room) -> None:
    (first,) = fill_queue(room.store, [1])
    delivery, center = deliver(room)
    center.outbox.quarantine(first.record_id, "sync.too_large")
    with pytest.raises(InputError, match=r"delivery\.reason_needed"):
        delivery.set_aside(first.record_id, "  ")
    stores, _ = deliver(room, STORES)
    for act in (stores.send_again, stores.take_back, lambda record_id: stores.set_aside(record_id, "x")):
        with pytest.raises(RuleError, match=r"delivery\.not_your_role"):
            act(first.record_id)


@pytest.mark.parametrize(
    ("problem", "told"), [(None, "store.disk_full"), (Problem("sync.unreachable"), "sync.unreachable")]
)
def test_a_full_disk_does_not_hide_what_was_delivered(
    room: Room, monkeypatch: pytest.MonkeyPatch, problem: Problem | None, told: str
) -> None:
    (first,) = fill_queue(room.store, [1])
    delivery, center = deliver(room)
    center.problem = problem

    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    monkeypatch.setattr("fieldkit.services.delivery.deliver.records_delivered", full)
    report = delivery.send(Nobody(), Nobody())
    assert report.acknowledged == (first.record_id,)
    assert report.stopped_by is not None
    assert report.stopped_by.code == told


def test_what_came_last_from_the_office_stands_with_the_queue(room: Room) -> None:
    delivery = deliver(room)[0]
    assert delivery.queue().from_office is None
    with room.store.write() as unit:
        at = {"made_at": "2026-11-20T01:00:00+00:00", "refused": 0, "code": ""}
        refused = {"users/": {**at, "version": 0, "applied_at": None, "refused": 1}}
        unit.settings.put(STANDINGS, refused)
    assert delivery.queue().from_office is None  # nothing of it counts here
    with room.store.write() as unit:
        came = {
            "policy/": {**at, "version": 2, "applied_at": "2026-11-21T01:00:00+00:00"},
            "sop/kia": {**at, "version": 5, "applied_at": "2026-11-22T01:00:00+00:00"},
            **refused,
        }
        unit.settings.put(STANDINGS, came)
    newest = delivery.queue().from_office
    assert newest is not None
    assert (newest.stream, newest.version) == ("sop/kia", 5)
