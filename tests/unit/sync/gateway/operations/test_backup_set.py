from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError, VaultError
from fieldkit.media.place import Place
from fieldkit.vault.age import generate_identity
from fieldkit.vault.certificates import new_private_key
from fieldkit.vault.device_trust import JwsSigner
from sync.gateway.database import GatewayContext
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import (
    BACKUP_TYP,
    BackupSet,
    ListedObject,
    Unlock,
    backups_in,
    content_of,
    locked_key,
    the_backup,
    word_on,
)
from tests.unit.sync.gateway.operations.conftest import Arrive


def test_a_key_opens_by_what_it_was_closed_with() -> None:
    key, recovery = generate_identity(), generate_identity()
    assert Unlock((recovery,)).key_of(locked_key(key, str(recovery.recipient), "")) == key
    assert Unlock(passphrase="dua belas tanda").key_of(locked_key(key, "", "dua belas tanda")) == key
    with pytest.raises(InputError):
        Unlock((key,)).key_of(locked_key(key, str(recovery.recipient), ""))


def test_a_file_is_named_by_size_and_digest(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"x" * 3_000_000)
    word = word_on("f", b"x" * 3_000_000)
    assert (content_of(Place(tmp_path) / "f").size_bytes, content_of(Place(tmp_path) / "f").sha256) == (
        word.size_bytes,
        word.sha256,
    )


@pytest.mark.days
def test_the_newest_is_taken_unless_one_is_named(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock, clock: HandClock
) -> None:
    first = make_backup(gateway_context, folder, tmp_path / "b").made
    arrive()
    clock.advance(hours=1)
    second = make_backup(gateway_context, folder, tmp_path / "b").made
    assert the_backup(tmp_path / "b") == second
    assert the_backup(first.folder) == first
    with pytest.raises(InputError) as nothing:
        the_backup(tmp_path)
    assert nothing.value.code == "gateway.no_backup"
    assert "gateway.json" in first.open(recovery).gateway_files()
    assert [piece.table for piece in second.open(recovery).pieces()].count("records") == 1
    assert [each.key for each in second.listed()] != []
    opened = second.open(recovery)
    kept = (second.folder / "keys.age").read_bytes()
    (second.folder / "keys.age").write_bytes(b"harmed meanwhile")
    with pytest.raises(InputError) as harmed:
        opened.gateway_files()
    (second.folder / "keys.age").write_bytes(kept)
    assert harmed.value.code == "gateway.backup_damaged"
    for content, code in ((b"\xff", "gateway.backup_damaged"), (None, "gateway.no_backup")):
        (first.folder / "backup.jws").unlink()
        if content:
            (first.folder / "backup.jws").write_bytes(content)
        with pytest.raises(InputError) as unread:
            BackupSet.read(first.folder)
        assert unread.value.code == code
    (second.folder / "objects.jsonl").write_text("")
    with pytest.raises(InputError) as damaged:
        BackupSet.read(second.folder).check_files()
    assert damaged.value.problem.params["file"] == "objects.jsonl"


@pytest.mark.parametrize("name", ["../ca.key.pem", "/etc/passwd", "a/../b", "a//b", "a/./b", "", "a\\b", "C:b", "a\0b"])
def test_a_name_leads_nowhere_but_down(name: str) -> None:
    with pytest.raises(ValueError, match="key"):
        ListedObject(key=name, size_bytes=1, sha256="0" * 64)
    assert ListedObject(key="sealed/a..b/c", size_bytes=1, sha256="0" * 64).key == "sealed/a..b/c"


def test_a_passphrase_has_twelve_signs_and_a_harmed_key_is_no_other_key() -> None:
    key, recovery = generate_identity(), generate_identity()
    with pytest.raises(InputError) as short:
        locked_key(key, str(recovery.recipient), "x" * 11)
    assert short.value.problem.params["least"] == 12
    assert locked_key(key, str(recovery.recipient), "x" * 12)
    with pytest.raises(VaultError) as harmed:
        Unlock((recovery,)).key_of(locked_key(key, str(recovery.recipient), "")[:-1])
    assert harmed.value.code != "gateway.backup_other_key"


def test_what_a_statement_is_worth(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, clock: HandClock
) -> None:
    """Signed by the key in it, of a form that is known; one that is being removed is none any more."""
    made = make_backup(gateway_context, folder, tmp_path / "b").made
    assert made.statement.opens_by == "recovery"
    said = made.statement.model_dump(mode="json")
    forged = JwsSigner(new_private_key(), gateway_context.name).sign(said, BACKUP_TYP)
    newer = gateway_context.receipt_signer.sign({**said, "format": 2}, BACKUP_TYP)
    for statement, code in ((forged, "gateway.backup_damaged"), (newer, "gateway.backup_newer")):
        (made.folder / "backup.jws").write_text(statement)
        with pytest.raises(InputError) as refused:
            BackupSet.read(made.folder)
        assert refused.value.code == code
    (made.folder / "backup.jws").write_text(gateway_context.receipt_signer.sign(said, BACKUP_TYP))
    assert backups_in(tmp_path / "b") == [made]
    (made.folder / "keys.age").unlink()
    with pytest.raises(InputError) as gone:
        made.check_files()
    assert gone.value.code == "gateway.backup_damaged"
    made.folder.rename(made.folder.with_name(f".{made.folder.name}"))
    assert backups_in(tmp_path / "b") == []
    clock.advance(seconds=1)
    by_words = make_backup(gateway_context, folder, tmp_path / "b", "empat kata yang panjang").made
    assert by_words.statement.opens_by == "passphrase"
