"""What may be erased, and what must stay; the planted bugs are what a hasty engineer would have written."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import cast

import pytest
from support.clock import NOW, HandClock
from support.gateway import Kit, World
from support.offers import Offers, proofs_of
from support.outbox import SmallOutbox
from support.scripted_link import OURS, SEALED, SHA256, ScriptedLink, receipt

from fieldkit.domain.delivery import DeliveryState
from fieldkit.ports.delivery import PurgeCandidate, SyncReport
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsVerifier
from sync.gateway import provision
from sync.kit import announce as purge
from sync.kit.parts import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Holding, ProofAnswer, ProofQuestion

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


class Candidate(SmallOutbox):
    """An outbox with one candidate, which erases without looking."""

    def __init__(self, folder: Path, receipt_jws: str) -> None:
        super().__init__(folder)
        self.record_id, self.erased = RECORD_ID, list[str]()
        self.add(RECORD_ID, "manifest", SEALED, SHA256)
        self.candidate = PurgeCandidate(RECORD_ID, SHA256, len(SEALED), "manifest", receipt_jws)

    def purge_candidates(self) -> list[PurgeCandidate]:
        return [self.candidate]

    def purge(self, record_id: str, at: datetime) -> None:
        self.erased.append(record_id)


RECORD_ID = str(uuid.uuid4())


def proven(question: ProofQuestion) -> ProofAnswer:
    return ProofAnswer(digest=sha256(bytes.fromhex(question.nonce) + SEALED).hexdigest(), size_bytes=len(SEALED))


def purged(outbox: Candidate, after: timedelta = MONTH) -> tuple[list[str], list[str], int]:
    """Purge over a scripted link; return what was erased, the notes and how often the run asked whether to go on."""
    tally, asked = Tally(NOW), list[None]()
    link = cast("DataCenterLink", ScriptedLink(prove=[proven]))
    run = purge.Purge(outbox, link, JwsVerifier.of_key(certificates.public_der(OURS)), HandClock(), Random(1), tally)
    run.run(MONTH, NOW + after, {RECORD_ID: Holding.RECEIVED}, lambda: asked.append(None))
    assert tally.purged == outbox.erased
    return outbox.erased, [note.code for note in tally.notes], len(asked)


def test_a_record_goes_on_its_day_and_not_a_moment_before(tmp_path: Path) -> None:
    assert purged(Candidate(tmp_path, receipt(RECORD_ID)), MONTH - timedelta(seconds=1)) == ([], [], 0)
    assert purged(Candidate(tmp_path / "due", receipt(RECORD_ID))) == ([RECORD_ID], [], 1)


@pytest.mark.parametrize(
    ("receipt_jws", "note"),
    [
        (receipt(RECORD_ID, certificates.new_private_key()), "sync.receipt_untrusted"),
        (receipt(str(uuid.uuid4())), "sync.receipt_differs"),
        (receipt(RECORD_ID, sha256="0" * 64), "sync.receipt_differs"),
    ],
    ids=["signer", "record", "content"],
)
def test_no_receipt_but_its_own_lets_a_record_go(tmp_path: Path, receipt_jws: str, note: str) -> None:
    assert purged(Candidate(tmp_path, receipt_jws)) == ([], [note], 0)


def test_what_cannot_be_read_here_is_never_called_proven(tmp_path: Path) -> None:
    outbox = Candidate(tmp_path, receipt(RECORD_ID))
    (outbox.folder / RECORD_ID).unlink()
    assert purged(outbox) == ([], ["sync.sealed_file_missing"], 1)
