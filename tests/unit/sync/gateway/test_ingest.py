from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Never
from uuid import UUID

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.durable import DiskLog
from support.gateway import Kit, open_plainly, receive

from fieldkit.domain.delivery.sealed import MANIFEST_TYP
from fieldkit.vault import keys
from fieldkit.vault.jws import CompactJws, JwsSigner
from sync.gateway.admission import Admission
from sync.gateway.context import GatewayContext
from sync.gateway.ingest import Ingest, Refused
from sync.gateway.ledger import Ledger
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import NikRule
from sync.gateway.tables import vouches
from sync.gateway.uploads import Uploads
from sync.protocol.messages import RECEIPT_TYP, Announcement
from sync.protocol.vouching import Vouch
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
    stranger = JwsSigner(keys.new_private_key(), kit.name)
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
