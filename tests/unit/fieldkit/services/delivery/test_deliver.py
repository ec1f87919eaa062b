from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from support.kept import NOW, CountedIds, fill_queue
from support.room import PETUGAS, STORES, Keys, Room

from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import InputError, Problem, RuleError, StoreError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.domain.people import User
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import find_pairs
from fieldkit.ports.delivery import (
    Brought,
    Budget,
    CarriedPair,
    CarryReport,
    NotCarried,
    ProgressSink,
    RunNote,
    SyncReport,
)
from fieldkit.ports.devices import Cancel
from fieldkit.services.delivery.deliver import CarryRecords, Deliver, log_line
from fieldkit.services.office_bundles import STANDINGS
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


class Taker:
    """A data center that takes all."""

    def __init__(self) -> None:
        self.got: list[str] = []

    def carry(self, pairs: Sequence[CarriedPair], progress: object, cancel: object) -> CarryReport:
        self.got += [pair.record_id for pair in pairs]
        return CarryReport(carried=tuple(self.got))


def carrying(room: Room, taker: Taker, user: User = PETUGAS, searched: list[str] | None = None) -> CarryRecords:
    """Return the service; `searched` hears each time that the folder is searched for what is to be adopted."""
    units = UnitsOfWork(room.store, room.clock, CountedIds("carry"), user)

    def adopt() -> Sequence[str]:
        (searched if searched is not None else []).append("searched")
        return room.recover().adopted

    return CarryRecords(
        units,
        lambda tree: find_pairs(Place(tree)).pairs,
        taker,
        room.files,
        room.manifests(),
        adopt=adopt,
    )


def noted(room: Room) -> list[str]:
    with room.store.read() as unit:
        return [event.kind for event in unit.events.of("sync")]


def stick_with(room: Room, folder: Path, record_id: str) -> Path:
    folder.mkdir()
    for path in room.files.path(record_id).parent.glob(f"{record_id}.*"):
        shutil.copy(path, folder)
    return folder


def test_others_records_are_handed_in_and_noted(room: Room, tmp_path: Path) -> None:
    (tmp_path / "x.age").write_bytes(b"sealed elsewhere")
    (tmp_path / "x.manifest").write_text("a.b.c\n")
    (tmp_path / "y.age").write_bytes(b"without a manifest")
    taker = Taker()
    report = carrying(room, taker).carry(tmp_path, None, None)  # type: ignore[arg-type]
    assert (report.carried, report.adopted) == (("x", "y"), ())
    with room.store.read() as unit:
        (event,) = unit.events.of("sync")
    assert (event.kind, event.actor, '"x"' in event.payload) == ("records_carried", PETUGAS.user_id, True)


def test_our_own_lost_file_comes_back_into_the_queue(room: Room, tmp_path: Path) -> None:
    """The store knows the record, its file was damaged, and the stick has it whole."""
    record_id = room.seal().record.record_id
    whole = room.files.path(record_id).read_bytes()
    stick = stick_with(room, tmp_path / "stick", record_id)
    room.files.path(record_id).write_bytes(b"bad sectors")
    taker = Taker()
    report = carrying(room, taker).carry(stick, None, None)  # type: ignore[arg-type]
    assert (taker.got, report.carried, report.adopted) == ([], (), ())
    assert (report.queued, report.found, report.left) == ((record_id,), 1, 0)
    assert room.files.path(record_id).read_bytes() == whole
    assert noted(room) == []  # nothing was handed in or adopted


def test_only_a_whole_copy_of_what_is_damaged_here_is_taken_in(room: Room, tmp_path: Path) -> None:
    record_id = room.seal().record.record_id
    file = room.files.path(record_id)
    whole = file.read_bytes()
    stick = stick_with(room, tmp_path / "stick", record_id)
    for here, there, after in (
        (whole, b"half of it", whole),
        (b"bad sectors", b"half of it", b"bad sectors"),
        (whole, whole, whole),
    ):
        file.write_bytes(here)
        (stick / f"{record_id}.age").write_bytes(there)
        searched: list[str] = []
        carrying(room, Taker(), searched=searched).carry(stick, None, None)  # type: ignore[arg-type]
        assert (file.read_bytes(), searched) == (after, [])


def test_our_text_beside_the_file_of_another_proves_nothing(room: Room, tmp_path: Path) -> None:
    record_id = room.seal().record.record_id
    stick = stick_with(room, tmp_path / "stick", record_id)
    for path in stick.iterdir():
        path.rename(path.with_stem("another"))
    taker = Taker()
    carrying(room, taker).carry(stick, None, None)  # type: ignore[arg-type]
    assert taker.got == ["another"]


def test_what_the_center_has_of_ours_is_told(room: Room, tmp_path: Path) -> None:
    record_id = room.seal().record.record_id
    stick = stick_with(room, tmp_path / "stick", record_id)
    outbox = SqlOutbox(room.store, room.files, room.clock)
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, "receipt", room.clock.now())
    assert outbox.counts() == {DeliveryState.ACKNOWLEDGED: 1}
    report = carrying(room, Taker()).carry(stick, None, None)  # type: ignore[arg-type]
    assert (report.held_already, report.queued, report.refused) == ((record_id,), (), ())
    outbox.purge(record_id, room.clock.now())
    report = carrying(room, Taker()).carry(stick, None, None)  # type: ignore[arg-type]
    assert (report.held_already, report.queued, report.refused) == ((record_id,), (), ())
    assert not room.files.path(record_id).exists()  # what was purged does not come back


def test_who_may_not_send_carries_nothing(room: Room, tmp_path: Path) -> None:
    taker = Taker()
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        carrying(room, taker, STORES).carry(tmp_path, None, None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"stick\.not_there"):
        carrying(room, taker).carry(tmp_path / "nowhere", None, None)  # type: ignore[arg-type]


def test_our_own_that_is_unknown_here_and_damaged_on_the_stick_is_named(
    room: Room, sealing_keys: Keys, tmp_path: Path
) -> None:
    """A record of this kit of which only half lies on the stick must not go by in silence."""
    (tmp_path / "elsewhere").mkdir()
    elsewhere = Room(tmp_path / "elsewhere", sealing_keys)
    elsewhere.plan()
    record_id = elsewhere.seal().record.record_id
    elsewhere.store.close()
    stick = stick_with(elsewhere, tmp_path / "stick", record_id)
    whole = (stick / f"{record_id}.age").read_bytes()
    (stick / f"{record_id}.age").write_bytes(b"half of it")
    report = carrying(room, Taker()).carry(stick, None, None)  # type: ignore[arg-type]
    assert (report.refused, report.queued) == ((NotCarried(record_id, "sync.sealed_file_damaged"),), ())
    assert not room.files.path(record_id).exists()
    (stick / f"{record_id}.age").write_bytes(whole)
    again = carrying(room, Taker()).carry(stick, None, None)  # type: ignore[arg-type]
    assert (again.adopted, again.refused, again.left, again.queued) == ((record_id,), (), 0, ())
    assert "records_carried" in noted(room)


def test_what_the_office_laid_on_the_stick_is_taken_with_the_records(room: Room, tmp_path: Path) -> None:
    standing = BundleStanding(BundleKind.POLICY, "", 3)
    carry = carrying(room, Taker())
    carry._bring = lambda tree: Brought((standing,)) if tree == tmp_path else Brought()
    report = carry.carry(tmp_path, None, None)  # type: ignore[arg-type]
    assert (report.brought.taken, report.found) == ((standing,), 0)


def test_a_paper_names_the_end_of_the_log(room: Room) -> None:
    with room.store.read() as unit:
        head, line = unit.events.head(), log_line(unit)
    assert head is not None
    assert line == {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:16]}


def test_a_log_without_a_row_has_nothing_to_print(room: Room) -> None:
    room.store.begin_chain()
    with room.store.read() as unit:
        assert log_line(unit) == {}
