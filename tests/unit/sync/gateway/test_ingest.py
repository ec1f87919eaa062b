from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path
from typing import Never
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.durable import DiskLog
from support.gateway import Kit, enrolled_kit, open_plainly, receive

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.vault import certificates
from fieldkit.vault.device_trust import CompactJws, JwsSigner
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.ingest import Ingest, Proofs, Refused
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.gateway.tables import records, vouches
from sync.gateway.uploads import Uploads
from sync.protocol.down import Vouch
from sync.protocol.messages import RECEIPT_TYP, Announcement, ProofQuestion
from tests.unit.sync.gateway.conftest import enrolled


def lay(folder: Path, kit: Kit, size: int = 2_500_000) -> tuple[str, str, bytes]:
    """Lay a record down as a kit's home or a stick has it."""
    record_id, manifest, sealed, _ = kit.record(size=size)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{record_id}.age").write_bytes(sealed)
    (folder / f"{record_id}.manifest").write_text(f"{manifest}\n-----BEGIN CERTIFICATE-----\n…\n")
    return record_id, manifest, sealed


def test_a_dead_laptops_records_are_taken_and_get_their_receipts(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path, folder: Path, clock: HandClock
) -> None:
    """Of two kits, one of them revoked since, at any depth."""
    stick = tmp_path / "stick"
    first, _, _ = lay(stick, kit)
    second, _, _ = lay(stick / "rescue" / "sealed", enrolled(folder, gateway_context, clock, "kit-02"))
    clock.advance(hours=1)
    Admission(gateway_context).revoke_kit("kit-02")

    done = Ingest(gateway_context).run(stick)

    assert (set(done.taken), done.held, done.refused) == ({first, second}, (), ())
    for path in (stick / f"{first}.receipt", stick / "rescue" / "sealed" / f"{second}.receipt"):
        assert kit.receipts.verify(path.read_text().strip(), RECEIPT_TYP)["record_id"] == path.stem
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 2
    assert [Ledger(gateway_context).counts(name).received for name in (kit.name, "kit-02")] == [1, 1]
    again = Ingest(gateway_context).run(stick)
    assert (again.taken, set(again.held)) == ((), {first, second})


@pytest.mark.parametrize("is_whole", [True, False])
def test_what_a_team_lead_signed_is_kept_for_the_opener(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path, is_whole: bool
) -> None:
    record_id, _, _ = lay(tmp_path, kit)
    assert Ingest(gateway_context).run(tmp_path).taken == (record_id,)
    vouch = Vouch(record_id=UUID(record_id), signature="a.b.c", certificate=b"der")
    written = vouch.model_dump_json().encode() if is_whole else b"{"
    (tmp_path / f"{record_id}.vouch").write_bytes(written)
    assert Ingest(gateway_context).run(tmp_path).held == (record_id,)
    with gateway_context.engine.begin() as connection:
        kept = connection.execute(sa.select(vouches.c.kit, vouches.c.record_id, vouches.c.jws)).all()
    assert kept == ([(kit.name, record_id, "a.b.c")] if is_whole else [])


def test_each_bad_one_is_named_and_the_others_go_on(gateway_context: GatewayContext, kit: Kit, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    good, _, _ = lay(stick, kit)
    damaged, _, sealed = lay(stick, kit)
    (stick / f"{damaged}.age").write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    alone, _, _ = lay(stick, kit)
    (stick / f"{alone}.age").unlink()
    bare, _, _ = lay(stick, kit)
    (stick / f"{bare}.manifest").unlink()
    forged, manifest, _ = lay(stick, kit)
    stranger = JwsSigner(certificates.new_private_key(), kit.name)
    (stick / f"{forged}.manifest").write_text(stranger.sign(CompactJws.parse(manifest).payload, MANIFEST_TYP))
    (stick / "binary.manifest").write_bytes(os.urandom(300_000))
    (stick / "holiday.jpg").write_bytes(b"no record")
    (stick / "escrow.age").write_bytes(b"of a backup, no record")

    done = Ingest(gateway_context).run(stick)

    assert done.taken == (good,)
    assert set(done.refused) == {
        Refused(f"{damaged}.manifest", "record.damaged"),
        Refused(f"{alone}.manifest", "record.missing"),
        Refused(f"{bare}.age", "manifest.missing"),
        Refused(f"{forged}.manifest", "manifest.invalid"),
        Refused("binary.manifest", "reason.too_long"),
    }
    assert not (stick / f"{damaged}.receipt").exists()
    assert Ledger(gateway_context).counts(kit.name).received == 1


@pytest.mark.allow_logs
def test_a_manifest_whose_file_was_purged_gets_the_receipt_that_there_is(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path, folder: Path
) -> None:
    record_id, manifest, sealed = lay(tmp_path / "home", kit)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receipt = receive(gateway_context, kit, record_id, sealed)
    (tmp_path / "home" / f"{record_id}.age").unlink()
    assert Ingest(gateway_context).run(tmp_path / "home").held == (record_id,)
    assert (tmp_path / "home" / f"{record_id}.receipt").read_text() == receipt + "\n"


@pytest.mark.allow_logs
def test_what_the_center_lost_is_taken_again(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path, folder: Path
) -> None:
    record_id, _, sealed = lay(tmp_path, kit)
    Ingest(gateway_context).run(tmp_path)
    first = (tmp_path / f"{record_id}.receipt").read_text()
    (stored,) = (path for path in (folder / "objects" / "sealed").rglob("*") if path.is_file())
    stored.unlink()
    assert Ingest(gateway_context).run(tmp_path).taken == (record_id,)
    assert stored.read_bytes() == sealed
    assert (tmp_path / f"{record_id}.receipt").read_text() != first


def test_a_stick_that_nobody_may_write_to_is_read(gateway_context: GatewayContext, kit: Kit, tmp_path: Path) -> None:
    record_id, _, _ = lay(tmp_path / "stick", kit)
    (tmp_path / "stick" / f"{record_id}.receipt").mkdir()  # root may write everywhere; a folder in the way stops it
    assert Ingest(gateway_context).run(tmp_path / "stick").taken == (record_id,)
    assert not list((tmp_path / "stick").glob(".*"))


def test_folders_and_files_are_taken_by_their_names_and_each_receipt_is_on_the_disk(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid = {name: lay(tmp_path / "stick" / name, kit, size=200)[0] for name in ("c", "a", "d", "b")}
    disk = DiskLog(monkeypatch)
    assert Ingest(gateway_context).run(tmp_path / "stick").taken == tuple(laid[name] for name in "abcd")
    assert all(disk.has(tmp_path / "stick" / name / f"{laid[name]}.receipt") for name in laid)


def test_another_content_under_a_known_id_is_refused_by_its_own_word(
    gateway_context: GatewayContext, kit: Kit, tmp_path: Path
) -> None:
    record_id, _, _ = lay(tmp_path / "first", kit, size=200)
    Ingest(gateway_context).run(tmp_path / "first")
    _, manifest, sealed, _ = kit.record(size=300, record_id=record_id)
    (tmp_path / "first" / f"{record_id}.age").write_bytes(sealed)
    (tmp_path / "first" / f"{record_id}.manifest").write_text(manifest)
    done = Ingest(gateway_context).run(tmp_path / "first")
    assert (done.taken, done.held) == ((), ())
    assert done.refused == (Refused(f"{record_id}.manifest", "record.conflict"),)


@pytest.mark.parametrize(("number", "reason"), [(errno.ENOSPC, "server.full"), (errno.EACCES, "reason.denied")])
def test_what_the_disk_refuses_is_named(
    gateway_context: GatewayContext,
    kit: Kit,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    reason: str,
) -> None:
    def refuse(*_: object) -> Never:
        raise OSError(number, os.strerror(number))

    record_id, _, _ = lay(tmp_path, kit, size=200)
    monkeypatch.setattr(Uploads, "take", refuse)
    assert Ingest(gateway_context).run(tmp_path).refused == (Refused(f"{record_id}.manifest", reason),)


NONCE = "5a" * 32


@pytest.fixture
def held(gateway_context: GatewayContext, kit: Kit) -> tuple[str, bytes, str]:
    record_id, manifest, sealed, sha256 = kit.record(size=3_000_000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    return record_id, sealed, sha256


def question(record_id: str) -> ProofQuestion:
    return ProofQuestion(record_id=UUID(record_id), nonce=NONCE)


def test_the_bytes_are_read_for_the_answer(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str]
) -> None:
    record_id, sealed, _ = held
    kit.clock.advance(days=3)
    proof = Proofs(gateway_context).prove(kit.name, question(record_id))
    assert proof.digest == hashlib.sha256(bytes.fromhex(NONCE) + sealed).hexdigest()
    assert proof.size_bytes == len(sealed)
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(records.c.verified_at)) == kit.clock.now()


@pytest.mark.allow_logs
@pytest.mark.parametrize("harm", ["missing", "flipped", "shorter"])
def test_what_is_not_there_is_not_proven_and_is_lost_from_now_on(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str], folder: Path, harm: str
) -> None:
    record_id, sealed, sha256 = held
    path = provision.sealed_path(folder, sha256)
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1] if harm == "flipped" else []))
    with pytest.raises(Refusal, match=r"404 record\.not_here"):
        Proofs(gateway_context).prove(kit.name, question(record_id))
    assert Ledger(gateway_context).counts(kit.name).lost == 1
    path.write_bytes(sealed)
    with pytest.raises(Refusal, match="404"):  # until a scrub found it again, or it was sent again
        Proofs(gateway_context).prove(kit.name, question(record_id))


def test_nothing_is_said_of_strangers_and_of_a_disk_that_is_away(
    gateway_context: GatewayContext, kit: Kit, held: tuple[str, bytes, str], folder: Path
) -> None:
    record_id, _, _ = held
    for who, what in ((kit.name, str(uuid4())), ("kit-02", record_id)):
        with pytest.raises(Refusal, match=r"404 record\.not_here"):
            Proofs(gateway_context).prove(who, question(what))
    (folder / "objects" / "sealed").rename(folder / "away")
    with pytest.raises(Refusal, match=r"503 objects\.away"):
        Proofs(gateway_context).prove(kit.name, question(record_id))
    assert Ledger(gateway_context).counts(kit.name).lost == 0


def test_a_proof_is_of_the_record_of_that_kit_and_of_none_that_is_erased(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, proofs = enrolled_kit(folder, gateway_context, clock, "kit-02"), Proofs(gateway_context)
    record_id, manifest, sealed, _ = kit.record(size=300)
    _, same_id, content, _ = other.record(size=200, record_id=record_id)
    further_id, further, more, _ = kit.record(size=100)
    for by, jws in ((kit, manifest), (other, same_id), (kit, further)):
        Ledger(gateway_context).announce(by.name, Announcement(manifests=(jws,)))
    for by, its_id, whole in ((kit, record_id, sealed), (other, record_id, content), (kit, further_id, more)):
        receive(gateway_context, by, its_id, whole)
    sizes = [proofs.prove(*each).size_bytes for each in (
        ("kit-01", question(record_id)), ("kit-02", question(record_id)), ("kit-01", question(further_id)),
    )]  # fmt: skip
    assert sizes == [300, 200, 100]
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(kit="kit-01").values(erased_at=clock.now()))
    with pytest.raises(Refusal, match=r"410 record\.erased"):
        proofs.prove("kit-01", question(record_id))
    assert proofs.prove("kit-02", question(record_id)).size_bytes == 200
