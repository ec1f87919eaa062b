"""What the office sent is fetched before anything is sent, and nothing about it keeps a record from being sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox

from fieldkit.domain.errors import InputError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, OfficeBundle
from fieldkit.ports.data_center import Budget, SyncReport
from sync.gateway.down.publishing import Addressed, Publishing
from sync.kit.engine import SyncEngine
from sync.kit.pulling import Pulling
from sync.protocol.down import pack
from tests.unit.sync.gateway.down.test_publishing import IDENTITY


class Book:
    """Implements `OfficeBundles` in memory; refuses what says that it is bad."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[int, bytes]] = {}
        self.refused = 0
        self.left: BundleStanding | None = None

    def standings(self) -> Sequence[BundleStanding]:
        return [
            BundleStanding(BundleKind(stream.split("/")[0]), "", version, refused=self.refused)
            for stream, (version, _) in self.taken.items()
        ]

    def finish(self) -> BundleStanding | None:
        left, self.left = self.left, None
        return left

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        if content == b"never":
            raise InputError("office.damaged")
        if content == b"bad":
            self.refused = bundle.version
            return BundleStanding(bundle.kind, bundle.name, 1, refused=bundle.version, code="rules.policy")
        self.taken[bundle.stream] = (bundle.version, content)
        return BundleStanding(bundle.kind, bundle.name, bundle.version)


def run(world: World, kit: Kit, outbox: SmallOutbox, book: Book, verifier: Kit | None = None) -> SyncReport:
    pulling = Pulling(book, (verifier or kit).receipts, kit.name, str(IDENTITY.recipient))
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), pulling=pulling)
    return engine.run_once(Budget(), Progress(), Patience())


def test_the_newest_is_fetched_once_and_told(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    book, publishing = Book(), Publishing(world.gateway_context)
    content = b"x" * 1_200_000
    publishing.publish(BundleKind.POLICY, "", content, Addressed())
    report = run(world, kit, outbox, book)
    assert report.stopped_by is None
    assert book.taken == {"policy/": (1, content)}
    assert [each.version for each in report.from_office] == [1]
    assert [(each.kit, each.version) for each in publishing.standings()] == [(kit.name, 1)]
    assert run(world, kit, outbox, book).from_office == ()


@pytest.mark.parametrize(("content", "note", "told"), [(b"bad", "office.refused", 2), (b"never", "office.damaged", 0)])
def test_a_bad_bundle_keeps_nothing_from_being_sent(
    world: World, kit: Kit, outbox: SmallOutbox, content: bytes, note: str, told: int
) -> None:
    book, publishing = Book(), Publishing(world.gateway_context)
    publishing.publish(BundleKind.POLICY, "", b"good", Addressed())
    run(world, kit, outbox, book)
    publishing.publish(BundleKind.POLICY, "", content, Addressed())
    record = kit.queue(outbox)
    report = run(world, kit, outbox, book)
    assert (report.acknowledged, [each.code for each in report.notes]) == ((record,), [note])
    assert [each.refused for each in publishing.standings()] == [told]


def test_what_others_signed_is_not_even_fetched(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    stranger = World(world.folder.parent / "stranger", world.clock)
    try:
        stranger.start()
        foreign = stranger.enrol_kit("kit-09")
        book = Book()
        Publishing(world.gateway_context).publish(BundleKind.POLICY, "", b"x", Addressed())
        report = run(world, kit, outbox, book, verifier=foreign)
    finally:
        stranger.stop()
    assert (book.taken, [each.code for each in report.notes]) == ({}, ["office.untrusted"])


def test_an_older_data_center_has_nothing_to_send(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    for status, notes in ((404, []), (422, ["sync.refused"])):
        world.stop()
        world.start(Offers(down=lambda _, status=status: (status, {"code": "" if status == 404 else "x.y"})))
        report = run(world, kit, outbox, Book())
        assert (report.stopped_by, [each.code for each in report.notes]) == (None, notes)


def test_what_was_left_half_done_is_told(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    book = Book()
    book.left = BundleStanding(BundleKind.SOP, "kia", 4)
    book.taken["sop/kia"] = (4, b"")
    assert [each.version for each in run(world, kit, outbox, book).from_office] == [4]
    assert [each.version for each in Publishing(world.gateway_context).standings()] == [4]


def test_files_on_a_stick_go_the_same_way(world: World, kit: Kit, tmp_path: Path) -> None:
    publishing, book = Publishing(world.gateway_context), Book()
    publishing.publish(BundleKind.SOP, "", b"sop", Addressed())
    for version, content in enumerate((b"good", b"bad", b"never"), 1):
        publishing.publish(BundleKind.POLICY, "", content, Addressed())
        (tmp_path / f"p{version}.kantor").write_bytes(pack(*publishing.file_of(BundleKind.POLICY, "")))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "sop.kantor").write_bytes(pack(*publishing.file_of(BundleKind.SOP, "")))
    (tmp_path / "x.kantor").write_bytes(b"no line")
    (tmp_path / "y.kantor").write_bytes(b"x.y.z\n")
    (tmp_path / "z.kantor").mkdir()
    brought = Pulling(book, kit.receipts, kit.name, "").bring(tmp_path)
    assert [(each.kind, each.version, each.code) for each in brought.taken] == [
        (BundleKind.POLICY, 1, ""),
        (BundleKind.POLICY, 1, "rules.policy"),
        (BundleKind.SOP, 1, ""),
    ]
    assert sorted(each.code for each in brought.problems) == [
        *("office.damaged", "office.damaged", "office.damaged", "office.refused", "office.untrusted")
    ]
    assert book.taken == {"policy/": (1, b"good"), "sop/": (1, b"sop")}
