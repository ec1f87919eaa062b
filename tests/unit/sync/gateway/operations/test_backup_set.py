from __future__ import annotations

from pathlib import Path

import pytest
from support.clock import HandClock

from fieldkit.domain.errors import InputError
from fieldkit.vault.age import generate_identity
from sync.gateway.context import GatewayContext
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.backup_set import BackupSet, Unlock, content_of, locked_key, the_backup, word_on
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
    assert (content_of(tmp_path / "f").size_bytes, content_of(tmp_path / "f").sha256) == (word.size_bytes, word.sha256)


def test_the_newest_is_taken_unless_one_is_named(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, recovery: Unlock, clock: HandClock
) -> None:
    first = make_backup(gateway_context, folder, tmp_path / "b").made
    arrive()
    clock.advance(hours=1)
    second = make_backup(gateway_context, folder, tmp_path / "b").made
    assert the_backup(tmp_path / "b") == second
    assert the_backup(first.folder) == first
    assert "gateway.json" in first.open(recovery).gateway_files()
    assert [piece.table for piece in second.open(recovery).pieces()].count("records") == 1
    (second.folder / "objects.jsonl").write_text("")
    with pytest.raises(InputError) as damaged:
        BackupSet.read(second.folder).check_files()
    assert damaged.value.problem.params["file"] == "objects.jsonl"
