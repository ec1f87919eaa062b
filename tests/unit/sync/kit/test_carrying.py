"""Sealed files of other laptops, handed in by ours."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.gateway import Kit, Patience, Progress, World
from support.hostile import VICTIM, outside_of
from support.liar import Liar
from support.offers import Offers
from support.outbox import SmallOutbox
from support.scripted_link import OURS, ScriptedLink, receipt

from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import SealedPair
from fieldkit.ports.data_center import CarryReport, NotCarried
from fieldkit.vault import keys
from fieldkit.vault.jws import JwsVerifier
from sync.gateway import provision
from sync.gateway.tables import vouches
from sync.kit.carrying import CarryingEngine
from sync.kit.proof import read_receipt
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import Announced
from sync.protocol.outcomes import NotOfferedError
from sync.protocol.vouching import Vouch, VouchesAnswer


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
        ours = JwsVerifier.of_key(keys.public_der(OURS))
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
    forged = receipt(pair.record_id, keys.new_private_key())
    link = ScriptedLink(hello=[server], carry=[announced], receipt=[forged], close=[None], on_behalf_of=[])
    link._answers["on_behalf_of"] = [lambda _: link]
    ours = JwsVerifier.of_key(keys.public_der(OURS))
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
    ours = JwsVerifier.of_key(keys.public_der(OURS))
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
