"""Heads handed in, anchors kept, and a place that is taken."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox

from fieldkit.domain.delivery.anchors import Anchor, AnchorSource, ChainHead
from fieldkit.ports.data_center import Budget, SyncReport
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsSigner, JwsVerifier
from sync.kit.anchoring import Anchoring
from sync.kit.engine import SyncEngine
from sync.protocol.messages import ANCHOR_TYP


class Book:
    """An `AnchorBook` in memory."""

    def __init__(self, *heads: ChainHead) -> None:
        self._heads, self.kept = heads, list[Anchor]()

    def heads(self) -> Sequence[ChainHead]:
        return self._heads

    def keep(self, anchors: Sequence[Anchor]) -> None:
        self.kept += anchors


OLD, NEW = ChainHead("c1", 90, "a" * 64), ChainHead("c2", 7, "b" * 64)


def run(world: World, kit: Kit, outbox: SmallOutbox, book: Book, offers: Offers) -> SyncReport:
    world.stop()
    world.start(offers)
    anchoring = Anchoring(book, JwsVerifier.of_certificate(kit.answer.kit_certificate))
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), None, anchoring)
    return engine.run_once(Budget(), Progress(), Patience())


def echo(question: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    return 200, {"words": [""] * len(question["anchors"]), "kept": question["anchors"]}


def test_heads_are_handed_in_and_what_is_held_is_kept(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, book = kit.queue(outbox, size=5000), Book(OLD, NEW)
    report = run(world, kit, outbox, book, Offers(anchors=echo))
    assert (report.acknowledged, report.stopped_by, report.forked) == ((record_id,), None, "")
    assert [(each.chain, each.sequence, each.digest, each.source) for each in book.kept] == [
        ("c1", 90, "a" * 64, AnchorSource.CENTER),
        ("c2", 7, "b" * 64, AnchorSource.CENTER),
    ]
    assert kit.receipts is not None
    assert book.kept[0].jws.count(".") == 2


def test_an_older_center_is_no_fault(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, book = kit.queue(outbox, size=5000), Book(NEW)
    report = run(world, kit, outbox, book, Offers(anchors=lambda _: (404, {"detail": "Not Found"})))
    assert (report.acknowledged, report.stopped_by, report.notes, book.kept) == ((record_id,), None, (), [])


@pytest.mark.parametrize("status", [409, 422, 500])
def test_a_refusal_is_a_note(world: World, kit: Kit, outbox: SmallOutbox, status: int) -> None:
    record_id = kit.queue(outbox, size=5000)
    report = run(world, kit, outbox, Book(NEW), Offers(anchors=lambda _: (status, {"code": "odd"})))
    assert (report.acknowledged, report.stopped_by, len(report.notes)) == ((record_id,), None, 1)


@pytest.mark.parametrize(
    ("words", "forked"),
    [
        (["anchor.forked", ""], ""),  # nobody writes on the old chain any more
        (["", "anchor.behind"], "anchor.behind"),
        (["", "anchor.forked"], "anchor.forked"),
        (["", "anchor.invalid"], ""),
        (["anchor.forked"], ""),  # one word too few says nothing
    ],
)
def test_a_place_that_is_taken_calls_for_a_new_chain(
    world: World, kit: Kit, outbox: SmallOutbox, words: list[str], forked: str
) -> None:
    report = run(world, kit, outbox, Book(OLD, NEW), Offers(anchors=lambda _: (200, {"words": words, "kept": []})))
    assert report.forked == forked


def test_what_we_never_signed_anchors_nothing(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    word = {"kit": kit.name, "chain": "c2", "sequence": 7, "digest": "b" * 64, "at": kit.clock.now().isoformat()}
    forged = JwsSigner(keys.new_private_key(), kit.name).sign(word, ANCHOR_TYP)
    receipt = kit.signer.sign(word, "fieldkit-receipt+jwt")
    shapeless = kit.signer.sign({**word, "digest": "x"}, ANCHOR_TYP)
    true = kit.signer.sign(word, ANCHOR_TYP)
    book = Book(NEW)
    offers = Offers(anchors=lambda _: (200, {"words": [""], "kept": [forged, receipt, shapeless, "x", true]}))
    report = run(world, kit, outbox, book, offers)
    assert [each.jws for each in book.kept] == [true]
    assert [note.code for note in report.notes] == ["sync.anchor_foreign"]


def test_a_log_without_events_asks_nothing(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    offers = Offers(anchors=echo)
    run(world, kit, outbox, Book(), offers)
    run(world, kit, outbox, Book(ChainHead("c1", 0, "harmed")), offers)
    assert offers.asked == []
