"""Sealed files of other laptops, handed in by ours."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.clock import NOW, HandClock
from support.gateway import Kit, Patience, Progress, World
from support.hostile import VICTIM, outside_of
from support.liar import Liar
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink, receipt

from fieldkit.domain.errors import InputError, StoreError
from fieldkit.domain.office_bundles import BundleKind, BundleStanding, OfficeBundle
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import SealedPair
from fieldkit.ports.delivery import Brought, Budget, CarryReport, NotCarried, SyncReport
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import JwsVerifier
from sync.gateway import provision
from sync.gateway.down.publishing import Addressed, Publishing
from sync.gateway.tables import vouches
from sync.kit import carrying
from sync.kit.announce import read_receipt
from sync.kit.carrying import CarryingEngine, Pulling, read_feed
from sync.kit.engine import SyncEngine
from sync.kit.parts import Bounds, EnoughError, RunParts, Tally
from sync.kit.transport import DataCenterLink
from sync.protocol.down import DownAnswer, Vouch, VouchesAnswer, pack
from sync.protocol.messages import Announced, StatusItem, StatusPage
from sync.protocol.outcomes import NotOfferedError, RecordError, RecordRefusedError, RecordRetryError, RunStoppedError
from tests.unit.sync.gateway.down.test_publishing import IDENTITY


@dataclass(frozen=True)
class Pair:
    record_id: str
    file: Path
    manifest: Path | None

    @property
    def laid(self) -> SealedPair:
        """Return it as it is found on a stick."""
        beside = Place.of_file(self.manifest) if self.manifest else None
        vouch = self.file.with_suffix(".vouch")
        return SealedPair(
            self.record_id, Place.of_file(self.file), beside, Place.of_file(vouch) if vouch.exists() else None
        )


@pytest.fixture
def dead(world: World) -> Kit:
    return world.enrol_kit("kit-02")


def lay(folder: Path, kit: Kit, size: int = 20_000) -> Pair:
    record_id, manifest, sealed, _ = kit.record(size=size)
    pair = Pair(record_id, folder / f"{record_id}.age", folder / f"{record_id}.manifest")
    folder.mkdir(exist_ok=True)
    pair.file.write_bytes(sealed)
    assert pair.manifest is not None
    pair.manifest.write_text(f"{manifest}\n-----BEGIN CERTIFICATE-----\n")
    return pair


def carry(
    world: World, kit: Kit, *pairs: Pair, cancel: Patience | None = None, progress: Progress | None = None
) -> CarryReport:
    engine = CarryingEngine(kit.link(world.url), kit.receipts, kit.clock)
    return engine.carry([pair.laid for pair in pairs], progress or Progress(), cancel or Patience())


def test_a_dead_laptops_records_are_handed_in_and_proven(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    pairs = [lay(tmp_path / "stick", dead) for _ in range(3)]
    progress = Progress()
    report = carry(world, kit, *pairs, progress=progress)
    assert report == CarryReport(carried=tuple(pair.record_id for pair in pairs))
    shown = [(shown.step.rpartition(".")[2], shown.record_id, shown.records_done) for shown in progress.shown]
    sent = [("send", pair.record_id, done) for done, pair in enumerate(pairs)]
    assert list(dict.fromkeys(shown)) == [("hello", "", 0), ("announce", "", 0), *sent]
    for pair in pairs:
        digest = hashlib.sha256(pair.file.read_bytes()).hexdigest()
        assert provision.sealed_path(world.folder, digest).read_bytes() == pair.file.read_bytes()
        proof = read_receipt(pair.file.with_suffix(".receipt").read_text(), kit.receipts)
        assert (str(proof.record_id), proof.sha256) == (pair.record_id, digest)
    again = carry(world, kit, *pairs)
    assert again == CarryReport(held_already=tuple(pair.record_id for pair in pairs))


def lay_vouch(pair: Pair, record_id: str = "") -> None:
    vouch = Vouch(record_id=UUID(record_id or pair.record_id), signature="a.b.c", certificate=b"der")
    pair.file.with_suffix(".vouch").write_bytes(vouch.model_dump_json().encode())


def kept_vouches(world: World) -> list[tuple[str, str, str, bytes]]:
    columns = (vouches.c.kit, vouches.c.record_id, vouches.c.jws, vouches.c.certificate)
    with world.gateway_context.engine.begin() as connection:
        return [tuple(row) for row in connection.execute(sa.select(*columns))]


def test_what_a_team_lead_signed_goes_along(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    new, held = (lay(tmp_path / "stick", dead) for _ in range(2))
    assert carry(world, kit, held).carried == (held.record_id,)
    lay_vouch(new)
    lay_vouch(held)
    assert carry(world, kit, new, held) == CarryReport(carried=(new.record_id,), held_already=(held.record_id,))
    assert set(kept_vouches(world)) == {(dead.name, each.record_id, "a.b.c", b"der") for each in (new, held)}


def test_a_vouch_that_is_none_is_told_and_the_record_is_there(
    world: World, kit: Kit, dead: Kit, tmp_path: Path
) -> None:
    of_another, noise = (lay(tmp_path / "stick", dead) for _ in range(2))
    lay_vouch(of_another, noise.record_id)
    noise.file.with_suffix(".vouch").write_bytes(b"\xff")
    report = carry(world, kit, of_another, noise)
    assert set(report.carried) == {of_another.record_id, noise.record_id}
    wanted = [NotCarried(each.record_id, "sync.vouch_not_taken") for each in (of_another, noise)]
    assert (list(report.refused), kept_vouches(world)) == (wanted, [])


def test_a_data_center_that_takes_no_vouch_of_others_is_told(dead: Kit, tmp_path: Path) -> None:
    pair = lay(tmp_path / "stick", dead)
    lay_vouch(pair)
    for answer in (NotOfferedError("/vouches"), VouchesAnswer(words=("vouch.unknown",))):
        server, announced = SimpleNamespace(gateway="ours", max_chunk_bytes=9), SimpleNamespace(manifests=[Announced()])
        sealed, manifest = pair.file.read_bytes(), cast("Path", pair.manifest).read_text().partition("\n")[0]
        told = {"sha256": hashlib.sha256(sealed).hexdigest(), "size_bytes": len(sealed)}
        proof = receipt(pair.record_id, manifest_sha256=hashlib.sha256(manifest.encode()).hexdigest(), **told)
        link = ScriptedLink(hello=[server], carry=[announced], receipt=[proof], close=[None], vouch=[answer])
        link._answers["on_behalf_of"] = [lambda _, link=link: link]
        ours = JwsVerifier.of_key(certificates.public_der(OURS))
        engine = CarryingEngine(cast("DataCenterLink", link), ours, dead.clock)
        report = engine.carry([pair.laid], Progress(), Patience())
        assert report.refused == (NotCarried(pair.record_id, "sync.vouch_not_taken"),)


def test_the_owner_gets_the_receipt_of_what_was_carried(
    world: World, kit: Kit, dead: Kit, outbox: SmallOutbox, tmp_path: Path
) -> None:
    """The laptop was not dead after all: nothing is sent twice, and both sides count one."""
    made = dead.record(size=20_000)
    outbox.add(*made)
    pair = Pair(made[0], tmp_path / "r.age", tmp_path / "r.manifest")
    pair.file.write_bytes(made[2])
    assert pair.manifest is not None
    pair.manifest.write_text(made[1])
    assert carry(world, kit, pair).carried == (made[0],)
    report = dead.run(outbox, world.url)
    assert (report.acknowledged, report.sent_bytes, report.counts_agree) == ((made[0],), 0, True)


def test_what_is_not_whole_is_refused_by_name_and_the_rest_goes_on(
    world: World, kit: Kit, dead: Kit, tmp_path: Path
) -> None:
    good, bare, odd, cut, gone = (lay(tmp_path / "stick", dead) for _ in range(5))
    for pair, text in ((odd, "no manifest at all"),):
        assert pair.manifest is not None
        pair.manifest.write_text(text)
    cut.file.write_bytes(cut.file.read_bytes()[:-1])
    gone.file.unlink()
    report = carry(world, kit, Pair(bare.record_id, bare.file, None), odd, cut, gone, good)
    assert report.carried == (good.record_id,)
    assert set(report.refused) == {
        NotCarried(bare.record_id, "sync.no_manifest"),
        NotCarried(odd.record_id, "sync.manifest_unreadable"),
        NotCarried(cut.record_id, "sync.sealed_file_damaged"),
        NotCarried(gone.record_id, "sync.sealed_file_unreadable"),
    }


def test_one_whole_copy_is_enough(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    pair = lay(tmp_path / "first", dead)
    harmed = Pair(pair.record_id, tmp_path / "harmed.age", pair.manifest)
    harmed.file.write_bytes(b"half")
    assert carry(world, kit, harmed, pair, pair) == CarryReport(carried=(pair.record_id,))


def test_a_manifest_of_nobody_is_refused_alone(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    good = lay(tmp_path / "stick", dead)
    stranger = Kit("kit-02", kit.admin_key, b"", kit.answer, kit.clock)
    forged = lay(tmp_path / "stick", stranger)
    report = carry(world, kit, forged, good)
    assert report.carried == (good.record_id,)
    assert report.refused == (NotCarried(forged.record_id, "sync.manifest_refused"),)


def test_only_a_receipt_of_the_data_center_proves_what_was_carried(dead: Kit, tmp_path: Path) -> None:
    pair = lay(tmp_path / "stick", dead)
    server, announced = SimpleNamespace(gateway="ours", max_chunk_bytes=9), SimpleNamespace(manifests=[Announced()])
    forged = receipt(pair.record_id, certificates.new_private_key())
    link = ScriptedLink(hello=[server], carry=[announced], receipt=[forged], close=[None], on_behalf_of=[])
    link._answers["on_behalf_of"] = [lambda _: link]
    ours = JwsVerifier.of_key(certificates.public_der(OURS))
    report = CarryingEngine(cast("DataCenterLink", link), ours, dead.clock).carry([pair.laid], Progress(), Patience())
    assert (report.carried, report.held_already) == ((), ())
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.receipt_untrusted"
    assert not pair.file.with_suffix(".receipt").exists()


def test_what_the_center_refuses_is_told_by_its_code(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    refused, good = (lay(tmp_path / "stick", dead) for _ in range(2))
    world.stop()
    world.start(Liar("PATCH", f"/tus/{refused.record_id}", 422, b'{"code": "record.conflict"}'))
    report = carry(world, kit, refused, good)
    assert (report.carried, report.stopped_by) == ((good.record_id,), None)
    assert report.refused == (NotCarried(refused.record_id, "sync.digest_conflict"),)


def test_a_stick_that_cannot_be_written_to_still_counts(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    pair = lay(tmp_path / "stick", dead)
    pair.file.with_suffix(".receipt").mkdir()
    assert carry(world, kit, pair).carried == (pair.record_id,)


def test_an_older_center_says_so(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    world.stop()
    world.start(Offers(carried=lambda _: (404, {"detail": "Not Found"})))
    report = carry(world, kit, lay(tmp_path / "stick", dead))
    assert report.stopped_by is not None
    assert report.stopped_by.code == "sync.not_offered"


def test_nothing_to_carry_asks_nobody(kit: Kit, world: World) -> None:
    world.stop()
    assert carry(world, kit) == CarryReport()


def test_who_has_no_patience_asks_for_no_receipt(dead: Kit, tmp_path: Path) -> None:
    pair, announced = lay(tmp_path / "stick", dead), SimpleNamespace(manifests=[Announced()])
    link = ScriptedLink(hello=[SimpleNamespace()], carry=[announced], close=[None], on_behalf_of=[])
    link._answers["on_behalf_of"] = [lambda _: link]
    ours = JwsVerifier.of_key(certificates.public_der(OURS))
    CarryingEngine(cast("DataCenterLink", link), ours, dead.clock).carry([pair.laid], Progress(), Patience(0))
    assert [asked[0] for asked in link.asked] == ["hello", "carry", "on_behalf_of", "close"]


def test_a_broken_line_or_a_cancelled_trip_is_in_the_report(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    pair = lay(tmp_path / "stick", dead, size=900_000)
    cancelled = carry(world, kit, pair, cancel=Patience(2))
    assert (cancelled.carried, cancelled.stopped_by) == ((), None)
    world.stop()
    stopped = carry(world, kit, pair)
    assert stopped.stopped_by is not None
    assert stopped.stopped_by.code == "sync.unreachable"
    world.start()
    assert carry(world, kit, pair).carried == (pair.record_id,)


def test_a_receipt_is_written_through_no_link(world: World, kit: Kit, dead: Kit, tmp_path: Path) -> None:
    outside = outside_of(tmp_path)
    pair = lay(tmp_path / "stick", dead)
    for name in (f"{pair.record_id}.receipt", f".{pair.record_id}.receipt.new"):
        (tmp_path / "stick" / name).symlink_to(outside / "victim")
    assert carry(world, kit, pair).carried == (pair.record_id,)
    assert (outside / "victim").read_bytes() == VICTIM
    proof = read_receipt(pair.file.with_suffix(".receipt").read_text(), kit.receipts)
    assert str(proof.record_id) == pair.record_id


ITEM = {
    "record_id": "0190f5fe-0000-7000-8000-000000000000",
    "code": "PRR",
    "source": "uji coba",
    "observed_at": "2026-11-21T03:00:00Z",
}


def test_a_strange_cursor_reaches_the_server_as_it_is(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    strange = "a b&c=d#e/ü%20?+"
    outbox.save_statuses([], strange)
    asked: list[bytes] = []

    def between(app):  # type: ignore[no-untyped-def]  # an ASGI application
        async def see(scope, receive, send):  # type: ignore[no-untyped-def]
            if scope["type"] == "http" and scope["path"] == "/statuses":
                asked.append(scope["query_string"])
            await app(scope, receive, send)

        return see

    world.stop()
    world.start(between)
    kit.run(outbox, world.url)
    assert asked[0] == b"cursor=a%20b%26c%3Dd%23e%2F%C3%BC%2520%3F%2B"


def test_a_cursor_that_the_feed_does_not_know_begins_anew(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    outbox.save_statuses([], "of another life")
    world.stop()
    liar = Liar("GET", "/statuses", 422, b'{"code": "feed.cursor"}', times=1)
    world.start(liar)
    report = kit.run(outbox, world.url)
    assert (liar.lies, report.stopped_by) == (1, None)


def test_a_cursor_that_comes_again_ends_the_run(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    numbers = iter("abcabc")
    page = lambda: json.dumps({"items": [ITEM], "cursor": next(numbers), "has_more": True}).encode()  # noqa: E731
    world.stop()
    liar = Liar("GET", "/statuses", 200, page)
    world.start(liar)
    report = kit.run(outbox, world.url)
    assert report.stopped_by is not None
    assert (report.stopped_by.code, liar.lies) == ("sync.nonsense", 4)
    assert outbox.status_cursor() == "a"


def scripted(outbox: SmallOutbox, *answers: object, patience: int | None = None) -> tuple[RunParts, ScriptedLink]:
    link, tally = ScriptedLink(statuses=answers), Tally(NOW)
    bounds = Bounds(Budget(), Patience(patience), tally)
    verifier = JwsVerifier.of_key(certificates.public_der(OURS))
    return RunParts(outbox, cast("DataCenterLink", link), verifier, HandClock(), Random(1), tally, bounds), link


def page(cursor: str, *, has_more: bool) -> StatusPage:
    return StatusPage(items=(StatusItem.model_validate(ITEM),), cursor=cursor, has_more=has_more)


def test_what_was_read_is_counted_and_goes_on_at_its_place(outbox: SmallOutbox) -> None:
    parts, link = scripted(outbox, page("a", has_more=True), page("b", has_more=False))
    read_feed(parts)
    assert (parts.tally.statuses, outbox.status_cursor(), link.asked) == (2, "b", [("statuses", ""), ("statuses", "a")])


def test_a_feed_without_end_ends_the_run(outbox: SmallOutbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(carrying, "_MOST_PAGES", 2)
    parts, _ = scripted(outbox, *(page(cursor, has_more=True) for cursor in "abc"))
    with pytest.raises(RunStoppedError, match="nonsense"):
        read_feed(parts)
    assert outbox.status_cursor() == "b"


def test_patience_is_asked_before_each_page(outbox: SmallOutbox) -> None:
    parts, link = scripted(outbox, page("a", has_more=True), page("b", has_more=True), patience=1)
    with pytest.raises(EnoughError):
        read_feed(parts)
    assert link.asked == [("statuses", "")]


@pytest.mark.parametrize(
    ("cursor", "error", "begins_anew"),
    [
        ("x", RecordRefusedError("a.b", status=422), True),
        ("x", RecordRetryError("a.b", status=404), True),
        ("x", RecordRetryError("a.b", status=409), False),
        ("", RecordRefusedError("a.b", status=422), False),
        ("", RecordRetryError("a.b", status=404), False),
    ],
)
def test_only_an_unknown_place_lets_the_feed_begin_anew(
    outbox: SmallOutbox, cursor: str, error: RecordError, begins_anew: bool
) -> None:
    outbox.save_statuses([], cursor)
    parts, link = scripted(outbox, error, page("a", has_more=False))
    if begins_anew:
        read_feed(parts)
    else:
        with pytest.raises(RunStoppedError):
            read_feed(parts)
    assert link.asked == [("statuses", cursor), ("statuses", "")][: 1 + begins_anew]


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
        monkeypatch.setattr(carrying, "read_head", lambda head, _office: HEADS[head])
        monkeypatch.setattr(carrying, "unpack", lambda content: (BundleKind.REVOCATIONS.value, content))
        said = {"sign": ["word"], **answers}
        self.book, self.link, self.tally = book, ScriptedLink(**cast("dict[str, list[object]]", said)), Tally(NOW)
        self._bounds = Bounds(Budget(), Patience(patience), self.tally)

    def pull(self, folder: Path) -> None:
        verifier = JwsVerifier.of_key(certificates.public_der(OURS))
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
    monkeypatch.setattr(carrying, "PART_BYTES", 1)
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
