"""What may be erased, and what must stay; the planted bugs are what a hasty engineer would have written."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
from support.gateway import Kit, World
from support.offers import Offers, proofs_of
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.ports.data_center import SyncReport
from fieldkit.ports.outbox import PurgeCandidate
from sync.gateway import provision
from sync.kit import purge
from sync.kit.tally import Tally
from sync.protocol.messages import Holding

MONTH = timedelta(days=30)


def at_center(world: World, outbox: SmallOutbox, record_id: str) -> Path:
    return provision.sealed_path(world.folder, outbox.row(record_id)["sha256"])


def offer_proofs(world: World, outbox: SmallOutbox) -> Offers:
    def read(record_id: str) -> bytes | None:
        path = at_center(world, outbox, record_id)
        return path.read_bytes() if path.exists() else None

    offers = Offers(proofs=proofs_of(read))
    world.stop()
    world.start(offers)
    return offers


def delivered(world: World, kit: Kit, outbox: SmallOutbox) -> str:
    record_id = kit.queue(outbox, size=20_000)
    for _ in range(100):
        kit.run(outbox, world.url)
        if len(outbox.codes(record_id)) >= 2:
            return record_id
        time.sleep(0.05)
    raise AssertionError("no verdict came")


def faults(world: World, outbox: SmallOutbox, report: SyncReport) -> list[str]:
    """Name what was erased here without being there."""

    def is_there(record_id: str) -> bool:
        path = at_center(world, outbox, record_id)
        return path.exists() and sha256(path.read_bytes()).hexdigest() == outbox.row(record_id)["sha256"]

    return [record_id for record_id in report.purged if not is_there(record_id)]


def test_it_needs_verdict_age_and_proof(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offers = offer_proofs(world, outbox)
    record_id = delivered(world, kit, outbox)
    early = kit.run(outbox, world.url, retention=MONTH)
    kit.clock.advance(days=31)
    kept = kit.run(outbox, world.url, retention=None)
    assert offers.asked == []  # nothing is asked for before it may go
    late = kit.run(outbox, world.url, retention=MONTH)

    assert (early.purged, kept.purged, late.purged) == ((), (), (record_id,))
    assert not (outbox.folder / record_id).exists()
    assert outbox.row(record_id)["receipt"]
    assert late.counts_agree
    assert faults(world, outbox, late) == []


def test_whatever_the_dinas_set_a_day_must_pass(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offer_proofs(world, outbox)
    record_id = delivered(world, kit, outbox)
    assert kit.run(outbox, world.url, retention=timedelta(0)).purged == ()
    kit.clock.advance(hours=25)
    assert kit.run(outbox, world.url, retention=timedelta(0)).purged == (record_id,)


def test_the_laptops_clock_does_not_age_a_record(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offer_proofs(world, outbox)
    delivered(world, kit, outbox)
    kit.clock = type(kit.clock)(world.clock.at + timedelta(days=5 * 365))
    assert kit.run(outbox, world.url, retention=MONTH).purged == ()


def test_an_older_center_proves_nothing_and_is_no_fault(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    world.stop()
    world.start(Offers(proofs=lambda _: (404, {"detail": "Not Found"})))
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    report = kit.run(outbox, world.url, retention=MONTH)
    assert (report.purged, report.stopped_by) == ((), None)
    assert [note.code for note in report.notes] == ["sync.no_proofs"]
    assert (outbox.folder / record_id).exists()


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.allow_logs  # the gateway says that an object is gone
@pytest.mark.parametrize("harm", [lose, cut, flip])
def test_what_the_center_lost_or_harmed_stays_here(
    world: World, kit: Kit, outbox: SmallOutbox, harm: Callable[[Path], None]
) -> None:
    offer_proofs(world, outbox)
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    harm(at_center(world, outbox, record_id))
    report = kit.run(outbox, world.url, retention=MONTH)
    assert (report.purged, faults(world, outbox, report)) == ((), [])
    assert (outbox.folder / record_id).exists()
    if harm is flip:  # only a proof reads the whole object
        assert [note.code for note in report.notes] == ["sync.proof_differs"]
    else:
        assert report.resent == (record_id,)
        assert at_center(world, outbox, record_id).read_bytes() == (outbox.folder / record_id).read_bytes()


def test_what_the_center_cannot_find_when_asked_for_proof_is_queued_again(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    world.stop()
    world.start(Offers(proofs=lambda _: (404, {"code": "record.not_here"})))
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    report = kit.run(outbox, world.url, retention=MONTH)
    assert (report.purged, report.lost) == ((), (record_id,))
    assert outbox.state(record_id) is DeliveryState.QUEUED


def test_what_was_harmed_here_is_not_erased_either(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offer_proofs(world, outbox)
    harmed, gone = delivered(world, kit, outbox), delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    (outbox.folder / harmed).write_bytes(b"half of it")
    (outbox.folder / gone).unlink()
    report = kit.run(outbox, world.url, retention=MONTH)
    assert report.purged == ()
    assert [note.code for note in report.notes] == ["sync.sealed_file_damaged", "sync.sealed_file_missing"]


@pytest.mark.parametrize("status", [422, 500, 409])
def test_a_refused_proof_is_a_note(world: World, kit: Kit, outbox: SmallOutbox, status: int) -> None:
    world.stop()
    world.start(Offers(proofs=lambda _: (status, {"code": "odd"})))
    delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    report = kit.run(outbox, world.url, retention=MONTH)
    assert (report.purged, report.stopped_by, len(report.notes)) == ((), None, 1)


def test_a_purge_without_the_centers_word_is_caught(
    world: World, kit: Kit, outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: receipt and verdict are taken for possession."""

    def believe(self: purge.Purge, candidate: PurgeCandidate) -> bool:
        return True

    offer_proofs(world, outbox)
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    flip(at_center(world, outbox, record_id))
    monkeypatch.setattr(purge.Purge, "_is_proven", believe)
    assert faults(world, outbox, kit.run(outbox, world.url, retention=MONTH)) == [record_id]


@pytest.mark.parametrize("holding", [None, Holding.PARTIAL, Holding.LOST])
def test_nothing_is_even_asked_about_that_the_center_did_not_name_in_this_run(
    world: World, kit: Kit, outbox: SmallOutbox, holding: Holding | None
) -> None:
    offers = offer_proofs(world, outbox)
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    tally = Tally(kit.clock.now())

    def purged_with(holdings: dict[str, Holding]) -> list[str]:
        with closing(kit.link(world.url)) as link:
            run = purge.Purge(outbox, link, kit.receipts, kit.clock, Random(7), tally)
            run.run(MONTH, kit.clock.now(), holdings, lambda: None)
        return list(tally.purged)

    assert purged_with({record_id: holding} if holding else {}) == []
    assert offers.asked == []
    assert purged_with({record_id: Holding.RECEIVED}) == [record_id]


def test_a_made_up_proof_is_not_believed(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    world.stop()
    world.start(Offers(proofs=lambda _: (200, {"digest": "0" * 64, "size_bytes": 20_000})))
    record_id = delivered(world, kit, outbox)
    kit.clock.advance(days=31)
    flip(at_center(world, outbox, record_id))
    assert kit.run(outbox, world.url, retention=MONTH).purged == ()
    assert (outbox.folder / record_id).exists()
