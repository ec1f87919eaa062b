"""What the office sent is fetched before anything is sent, and nothing about it keeps a record from being sent."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import cast

import pytest
from support.clock import NOW, HandClock
from support.gateway import Kit, Patience, Progress, World
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink

from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, OfficeBundle
from fieldkit.ports.data_center import Brought, Budget, SyncReport
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsVerifier
from sync.gateway.down.publishing import Addressed, Publishing
from sync.kit import pulling
from sync.kit.engine import SyncEngine
from sync.kit.parts import Bounds, EnoughError, RunParts
from sync.kit.pulling import Pulling
from sync.kit.tally import Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.down import DownAnswer, pack
from sync.protocol.outcomes import RecordRetryError, RunStoppedError
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


class Known(Book):
    """Goes by everything already."""

    def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
        return None


def run(world: World, kit: Kit, outbox: SmallOutbox, book: Book, verifier: Kit | None = None) -> SyncReport:
    office = Pulling(book, (verifier or kit).receipts, kit.name, str(IDENTITY.recipient))
    engine = SyncEngine(outbox, kit.link(world.url), kit.receipts, kit.clock, Random(1), pulling=office)
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
    publishing.publish(BundleKind.SOP, "", b"good", Addressed())
    run(world, kit, outbox, book)
    publishing.publish(BundleKind.SOP, "", content, Addressed())
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
    os.mkfifo(tmp_path / "z.kantor")
    (tmp_path / "folder.kantor").mkdir()
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


HEADS = {
    kind.value: OfficeBundle(kind, "", 1, NOW, "ours", (), "ab" * 32, 3, is_sealed=False)
    for kind in (BundleKind.POLICY, BundleKind.SOP, BundleKind.REVOCATIONS)
}


class Scripted:
    """Pulls over a scripted link bundles whose heads are the words for their kinds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, book: Book, patience: int | None = None, **answers: object):
        monkeypatch.setattr(pulling, "read_head", lambda head, _office: HEADS[head])
        monkeypatch.setattr(pulling, "unpack", lambda content: (BundleKind.REVOCATIONS.value, content))
        said = {"sign": ["word"], **answers}
        self.book, self.link, self.tally = book, ScriptedLink(**cast("dict[str, list[object]]", said)), Tally(NOW)
        self._bounds = Bounds(Budget(), Patience(patience), self.tally)

    def pull(self, folder: Path) -> None:
        verifier = JwsVerifier.of_key(keys.public_der(OURS))
        link = cast("DataCenterLink", self.link)
        given = (SmallOutbox(folder), link, verifier, HandClock(), Random(1), self.tally, self._bounds)
        Pulling(self.book, verifier, "K01", str(IDENTITY.recipient)).pull(RunParts(*given))

    @property
    def asked(self) -> list[object]:
        return [each[0] for each in self.link.asked if each[0] != "sign"]


def test_who_is_shut_out_takes_the_list_that_says_so_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shut_out = Scripted(monkeypatch, Book(), ask_newer=[RunStoppedError("sync.kit_revoked")], public_bytes=[b"list"])
    with pytest.raises(RunStoppedError, match="kit_revoked"):
        shut_out.pull(tmp_path)
    assert shut_out.asked == ["ask_newer", "public_bytes"]
    assert shut_out.book.taken == {"revocations/": (1, b"list")}
    assert [each.kind for each in shut_out.tally.from_office] == [BundleKind.REVOCATIONS]
    known = Scripted(monkeypatch, Known(), ask_newer=[RunStoppedError("sync.kit_revoked")], public_bytes=[b"list"])
    with pytest.raises(RunStoppedError, match="kit_revoked"):
        known.pull(tmp_path)
    assert known.tally.from_office == []
    unread = Scripted(monkeypatch, Book(), ask_newer=[RunStoppedError("sync.kit_revoked")], public_bytes=[CUT])
    with pytest.raises(RunStoppedError, match="kit_revoked"):
        unread.pull(tmp_path)
    cut = Scripted(monkeypatch, Book(), ask_newer=[CUT])
    with pytest.raises(RunStoppedError, match="stalled"):
        cut.pull(tmp_path)
    assert cut.asked == ["ask_newer"]


CUT = RunStoppedError("sync.stalled")
BOTH = DownAnswer(bundles=("sop", "policy"))


@pytest.mark.parametrize(
    ("content", "notes", "asked"),
    [(b"sop", [], 2), (b"bad", ["office.refused"], 2), (b"never", ["office.damaged"], 1)],
)
def test_how_a_bundle_ended_is_told_only_when_one_was_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes, notes: list[str], asked: int
) -> None:
    one = Scripted(monkeypatch, Book(), ask_newer=[DownAnswer(bundles=("sop",))], carry_bytes=[content])
    one.pull(tmp_path)
    assert (one.asked.count("ask_newer"), [note.code for note in one.tally.notes]) == (asked, notes)


def test_what_keeps_a_run_from_going_on_is_not_taken_for_a_bad_bundle(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Full(Book):
        def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
            raise StoreError("store.disk_full")

    full = Scripted(monkeypatch, Full(), ask_newer=[BOTH], carry_bytes=[b"x"])
    with pytest.raises(StoreError):
        full.pull(tmp_path)
    line = Scripted(monkeypatch, Book(), ask_newer=[BOTH], carry_bytes=[CUT])
    with pytest.raises(RunStoppedError):
        line.pull(tmp_path)
    tired = Scripted(monkeypatch, Book(), 1, ask_newer=[BOTH], carry_bytes=[b"x"])
    with pytest.raises(EnoughError):
        tired.pull(tmp_path)
    assert list(tired.book.taken) == ["policy/"], "rules come before what goes by them"


def test_a_bundle_without_room_waits_and_the_records_do_not_wait_for_it(
    world: World, kit: Kit, outbox: SmallOutbox
) -> None:
    class Full(Book):
        code = "store.disk_full"

        def take(self, bundle: OfficeBundle, content: bytes) -> BundleStanding | None:
            raise StoreError(self.code)

    book, record = Full(), kit.queue(outbox)
    Publishing(world.gateway_context).publish(BundleKind.SOP, "", b"good", Addressed())
    report = run(world, kit, outbox, book)
    assert (report.acknowledged, report.stopped_by) == ((record,), None)
    assert [note.code for note in report.notes] == ["store.disk_full"]
    book.code = "store.damaged"
    stopped = run(world, kit, outbox, book).stopped_by
    assert stopped is not None
    assert stopped.code == "store.damaged"


@pytest.mark.parametrize(("parts", "asked"), [([b"s", b"o", b"p"], 3), ([b"s", b""], 2), ([b"so", b"pp"], 2)])
def test_a_center_that_gives_less_or_more_than_it_said_is_asked_no_further(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, parts: list[bytes], asked: int
) -> None:
    monkeypatch.setattr(pulling, "PART_BYTES", 1)
    odd = Scripted(monkeypatch, Book(), ask_newer=[DownAnswer(bundles=("sop",))], carry_bytes=[*parts, b"never"])
    odd.pull(tmp_path)
    assert odd.asked.count("carry_bytes") == asked
    assert odd.book.taken == {"sop/": (1, b"".join(parts))}


def test_what_is_known_already_is_not_brought_again(world: World, kit: Kit, tmp_path: Path) -> None:
    publishing = Publishing(world.gateway_context)
    publishing.publish(BundleKind.SOP, "", b"sop", Addressed())
    (tmp_path / "sop.kantor").write_bytes(pack(*publishing.file_of(BundleKind.SOP, "")))
    assert Pulling(Known(), kit.receipts, kit.name, "").bring(tmp_path) == Brought((), ())


def test_what_cannot_be_told_now_is_a_note(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = Scripted(monkeypatch, Known(), ask_newer=[BOTH], carry_bytes=[b"x"])
    known.pull(tmp_path)
    assert known.asked.count("ask_newer") == 1, "nothing new to tell"
    refused = Scripted(monkeypatch, Book(), ask_newer=[BOTH, RecordRetryError("sync.busy")], carry_bytes=[b"x"])
    refused.pull(tmp_path)
    assert [note.code for note in refused.tally.notes] == ["sync.busy"]
