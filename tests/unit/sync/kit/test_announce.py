"""A bad manifest is refused alone, whatever the data center makes of the page it stands on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox

from fieldkit.domain.delivery import Anchor, AnchorSource, DeliveryState
from fieldkit.domain.events import ChainHead
from fieldkit.ports.delivery import Budget, QueuedRecord, SyncReport
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from sync.kit.announce import Anchoring, Announcing, ReceiptError, announce_due, fits_manifest, read_receipt
from sync.kit.engine import SyncEngine
from sync.kit.parts import RunParts
from sync.protocol.messages import ANCHOR_TYP, RECEIPT_TYP, Announced, Holding
from sync.protocol.outcomes import RecordRefusedError, RecordRetryError, RunStoppedError


def queued(*names: str) -> list[QueuedRecord]:
    return [QueuedRecord(name, name, 1, "0" * 64, DeliveryState.QUEUED) for name in names]


class Told:
    """A data center that chokes on some manifests, and what came of it."""

    def __init__(self, choke: Callable[[], Exception], *bad: str) -> None:
        self.pages: list[list[str]] = []
        self.taken: list[str] = []
        self.noted: list[str] = []
        self.refused: list[tuple[str, str]] = []
        self.failed: list[tuple[str, str]] = []
        self._choke, self._bad = choke, bad
        self.announcing = Announcing(
            self.ask,
            self.noted.append,
            lambda record, code: self.refused.append((record.record_id, code)),
            lambda record, code: self.failed.append((record.record_id, code)),
        )

    def ask(self, manifests: Sequence[str]) -> Sequence[Announced]:
        self.pages.append(list(manifests))
        if any(bad in manifests for bad in self._bad):
            raise self._choke()
        self.taken += manifests
        return [Announced(note="manifest.fork" if name == "fork" else "") for name in manifests]


def test_a_page_that_fails_is_split_until_the_bad_one_stands_alone() -> None:
    told = Told(lambda: RecordRefusedError("sync.refused"), "c")
    told.announcing.announce(queued(*"abcdefgh"))
    assert sorted(told.taken) == list("abdefgh")
    assert told.refused == [("c", "sync.refused")]
    assert len(told.pages) <= 7


def test_a_server_error_for_one_is_for_now() -> None:
    told = Told(lambda: RecordRetryError("sync.server_error"), "a", "h")
    told.announcing.announce(queued(*"abcdefgh"))
    assert [name for name, _ in told.failed] == ["a", "h"]
    assert len(told.taken) == 6


def test_a_server_that_fails_at_everything_is_left_soon() -> None:
    told = Told(lambda: RecordRetryError("sync.server_error"), *"abcdefgh")
    with pytest.raises(RunStoppedError, match=r"sync\.server_trouble"):
        told.announcing.announce(queued(*"abcdefgh"))
    assert len(told.pages) < 12


def test_an_odd_but_accepted_one_is_noted() -> None:
    told = Told(lambda: RecordRetryError("x"))
    told.announcing.announce(queued("a", "fork"))
    assert (told.noted, told.refused, told.failed) == (["manifest.fork"], [], [])


def test_each_word_counts_for_its_own_record() -> None:
    words = [Announced(), Announced(code="record.conflict"), Announced(code="manifest.unknown"), Announced(code="??")]
    told = Told(lambda: RecordRetryError("x"))
    announcing = Announcing(
        lambda _: words,
        told.noted.append,
        lambda record, code: told.refused.append((record.record_id, code)),
        lambda record, code: told.failed.append((record.record_id, code)),
    )
    announcing.announce(queued(*"abcd"))
    assert told.refused == [("b", "sync.digest_conflict"), ("d", "sync.refused")]
    assert told.failed == [("c", "sync.upload_gone")]


def test_too_few_words_are_nonsense() -> None:
    announcing = Announcing(lambda _: [], lambda _: None, lambda *_: None, lambda *_: None)
    with pytest.raises(RunStoppedError, match=r"sync\.nonsense"):
        announcing.announce(queued("a"))


def test_a_bad_manifest_blocks_nobody_over_the_wire(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    first, bad, last = (kit.queue(outbox, size=5000) for _ in range(3))
    poison = outbox.row(bad)["manifest"]

    def announce(body: dict[str, list[str]]) -> tuple[int, dict[str, object]]:
        return (400, {"code": "body.invalid"}) if poison in body["manifests"] else (500, {})

    offers = Offers(announce=announce)
    world.stop()
    world.start(offers)
    report = kit.run(outbox, world.url)
    assert outbox.row(bad)["reason"] == "sync.refused"
    assert report.quarantined == (bad,)
    assert set(report.postponed) == {first, last}


def test_a_taken_place_is_reported(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    kit.queue(outbox, size=5000)
    world.stop()
    world.start(Offers(announce=lambda body: (200, {"manifests": [{"note": "manifest.fork"}]})))
    report = kit.run(outbox, world.url)
    assert (report.forked, report.is_forked) == ("manifest.fork", True)
    assert [note.code for note in report.notes] == ["sync.new_chain"]


def test_three_alone_that_fail_are_enough_when_nothing_was_taken() -> None:
    for names, is_over, failed in (("ab", False, "ab"), ("abc", True, "ab"), ("+abc", False, "abc")):
        told = Told(lambda: RecordRetryError("sync.server_error"), *"abc")
        if is_over:
            with pytest.raises(RunStoppedError, match="server_trouble"):
                told.announcing.announce(queued(*names))
        else:
            told.announcing.announce(queued(*names))
        assert [name for name, _ in told.failed] == list(failed)


def test_only_what_the_center_lacks_is_announced_and_a_harmed_row_is_held_back() -> None:
    asked, held, postponed, forked = list[str](), list[tuple[str, str]](), list[str](), list[str]()
    answers = {"lost": Announced(note="manifest.fork"), "new": Announced(code="manifest.invalid")}
    answers["odd"] = Announced(note="manifest.late")
    parts = SimpleNamespace(
        due=lambda: queued("there", "part", "lost", "new", "odd", "härmed", "strange"),
        holdings={"there": Holding.RECEIVED, "part": Holding.PARTIAL, "lost": Holding.LOST}
        | dict.fromkeys(("new", "odd", "härmed"), Holding.UNKNOWN),
        quarantine=lambda record_id, code: held.append((record_id, code)),
        postpone=lambda record, _code: postponed.append(record.record_id),
        tally=SimpleNamespace(fork=forked.append),
    )

    def ask(manifests: Sequence[str]) -> Sequence[Announced]:
        asked.extend(manifests)
        return [answers[manifest] for manifest in manifests]

    announce_due(cast("RunParts", parts), ask)
    assert (asked, forked, postponed) == (["lost", "new", "odd"], ["manifest.fork"], [])
    assert held == [("härmed", "sync.row_unreadable"), ("new", "sync.manifest_refused")]


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
    forged = JwsSigner(certificates.new_private_key(), kit.name).sign(word, ANCHOR_TYP)
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


def test_a_delivered_record_is_proven(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest_jws, sealed, sha256 = kit.record(size=5000)
    outbox.add(record_id, manifest_jws, sealed, sha256)
    kit.run(outbox, world.url)
    receipt_jws = outbox.row(record_id)["receipt"]

    receipt = read_receipt(receipt_jws, kit.receipts)

    assert fits_manifest(receipt, manifest_jws, record_id, sha256, len(sealed))
    assert not fits_manifest(receipt, manifest_jws + "x", record_id, sha256, len(sealed))
    assert not fits_manifest(receipt, manifest_jws, record_id, sha256, len(sealed) + 1)
    assert not fits_manifest(receipt, manifest_jws, record_id, "0" * 64, len(sealed))
    with pytest.raises(ReceiptError):
        read_receipt(manifest_jws, kit.receipts)
    with pytest.raises(ReceiptError):
        read_receipt(receipt_jws, JwsVerifier.of_certificate(kit.answer.kit_certificate))


def test_a_receipt_that_says_too_little_proves_nothing() -> None:
    key = certificates.new_private_key()
    receipt = JwsSigner(key, "gateway").sign({"record_id": "x"}, RECEIPT_TYP)
    with pytest.raises(ReceiptError):
        read_receipt(receipt, JwsVerifier.of_key(certificates.public_der(key)))
