from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import true_clock
from support.commands import fieldkit, refused
from support.gateway import enrolled_kit, receive

from sync.gateway import provision
from sync.gateway.ledger import Ledger
from sync.protocol.messages import Announcement


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gateway with one record."""
    clock = true_clock()
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    gateway_context = provision.open_gateway(tmp_path / "gateway", clock)
    kit = enrolled_kit(tmp_path / "gateway", gateway_context, clock, "kit-01")
    record_id, manifest, sealed, _ = kit.record(size=2000)
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    gateway_context.engine.dispose()
    return tmp_path / "gateway"


@pytest.mark.days
def test_a_data_center_is_backed_up_checked_and_put_back(folder: Path, tmp_path: Path) -> None:
    to, key = tmp_path / "b", folder / "recovery.identity"
    done = fieldkit("gateway", "backup", "--dir", folder, "--to", to, "--json")
    assert (done.code, done.json["records"], done.json["copied"], done.json["opens_by"]) == (0, 1, 1, "recovery")
    assert fieldkit("gateway", "backup", "--dir", folder, "--to", to, "--keep", "1").out.count("\n") == 2
    closed = fieldkit("gateway", "verify-backup", "--from", to)
    assert (closed.code, closed.out.count("\n")) == (0, 2)
    checked = fieldkit("gateway", "verify-backup", "--from", to, "--identity", key, "--json")
    assert (checked.code, checked.json["receipts"], checked.json["damaged"]) == (0, 1, [])
    back = fieldkit("gateway", "restore", "--from", to, "--dir", tmp_path / "new", "--identity", key)
    assert (back.code, back.err) == (0, "")
    for name in ("tls.pem", "tls.key.pem", "ca.pem", "ca.key.pem", "receipt.key.pem", "nik.key"):
        assert (tmp_path / "new" / name).read_bytes() == (folder / name).read_bytes()  # what a damaged one is mended by
    report = fieldkit("gateway", "verify", "--dir", tmp_path / "new", "--json")
    assert (report.code, report.json["checked"], report.json["wrong_receipts"]) == (0, 1, [])


@pytest.mark.days
@pytest.mark.parametrize("lang", ["id", "en"])
def test_what_cannot_be_is_one_sentence(folder: Path, tmp_path: Path, lang: str) -> None:
    to, words = tmp_path / "b", tmp_path / "words.txt"
    words.write_text("short\n")
    assert refused("gateway", "backup", "--dir", folder, "--to", to, "--passphrase-file", words) == (
        2,
        "gateway.backup_passphrase",
    )
    fieldkit("gateway", "backup", "--dir", folder, "--to", to)
    new = ("--dir", tmp_path / "new")
    assert refused("gateway", "restore", "--from", to, *new) == (2, "gateway.backup_no_key")
    assert refused("gateway", "restore", "--from", to, *new, "--passphrase-file", words) == (
        2,
        "gateway.backup_other_key",
    )
    assert refused("gateway", "restore", "--from", tmp_path, *new, "--passphrase-file", words)[1] == "gateway.no_backup"
    next((to / "objects" / "sealed").glob("*/*")).write_bytes(b"rotten")
    said = fieldkit("gateway", "verify-backup", "--from", to, lang=lang)
    assert (said.code, said.problem) == (3, "gateway.backup_objects")
    provisioned = next((folder / "objects" / "sealed").glob("*/*"))
    provisioned.unlink()
    said = fieldkit("gateway", "backup", "--dir", folder, "--to", tmp_path / "c", lang=lang)
    assert (said.code, said.problem) == (3, "gateway.backup_incomplete")


@pytest.mark.days
def test_a_data_center_moves_and_the_old_one_says_so(folder: Path, tmp_path: Path) -> None:
    words = ("gateway", "move", "--dir", folder)
    assert refused(*words) == (2, "gateway.move_where")
    assert refused(*words, "--cancel") == (2, "gateway.not_moved")
    moved = fieldkit(*words, "--to", tmp_path / "new", "--via", tmp_path / "b", "--json")
    assert (moved.code, moved.json["receipts"]) == (0, 1)
    assert refused("gateway", "verify", "--dir", folder) == (2, "gateway.moved")
    assert fieldkit("gateway", "verify", "--dir", tmp_path / "new").code == 0
