"""What lies on a stick is parted: others' records go to the data center, our own into our queue."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.kept import CountedIds
from support.room import PETUGAS, STORES, Keys, Room

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding
from fieldkit.domain.people.accounts import User
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import find_pairs
from fieldkit.ports.data_center import Brought, CarriedPair, CarryReport, NotCarried
from fieldkit.services.delivery.carry_records import CarryRecords
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.outbox import SqlOutbox


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
