from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.laptops import dinas, kit_key
from support.pairs import KIT

from fieldkit.app.bootstrap.stick_backups import (
    STATEMENT,
    StatedFile,
    Statement,
    backups_on,
    may_hold,
    newest_at,
    read_statement,
    verify_backup,
    write_statement,
)
from fieldkit.domain.errors import InputError, KnownError, StoreError
from fieldkit.media.place import Place
from fieldkit.vault.device_trust import JwsSigner


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = make_kit(tmp_path / "home")
    seal_into(home, 1)
    (tmp_path / "stick").mkdir()
    made = sticks_of(home, HandClock()).back_up(str(tmp_path / "stick"), (), Told(), Told())
    return Path(made.folder)


def test_any_file_that_changed_is_named(folder: Path) -> None:
    for name in contents(folder):
        if name == STATEMENT:
            continue
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(StoreError) as caught:
            verify_backup(Place(folder))
        assert (caught.value.code, caught.value.problem.params) == ("backup.damaged", {"count": 1, "names": name})
        (folder / name).write_bytes(whole)
    (folder / "kit.db").unlink()
    with pytest.raises(StoreError):
        verify_backup(Place(folder))


def test_a_statement_that_changed_is_refused(folder: Path) -> None:
    whole = json.loads((folder / STATEMENT).read_text())
    header, payload, signature = whole["signed"].split(".")
    for changed in (
        {**whole, "signed": f"{header}.{payload[:-4]}AAAA.{signature}"},
        {**whole, "format": "fieldkit-backup/9"},
        {**whole, "certificate": "none"},
        {"format": whole["format"]},
        [],
    ):
        (folder / STATEMENT).write_text(json.dumps(changed))
        with pytest.raises(InputError) as caught:
            read_statement(Place(folder))
        assert caught.value.code == "backup.malformed"
    (folder / STATEMENT).unlink()
    with pytest.raises(InputError) as caught:
        read_statement(Place(folder))
    assert caught.value.code == "backup.none_here"


@pytest.mark.parametrize(
    "name",
    ["../outside", "sealed/../../outside.age", "/etc/passwd", "trust/..", "sop\\evil", "C:evil", "kit.db.sh", "trust/"],
)
def test_no_file_gets_out_of_a_home(tmp_path: Path, name: str) -> None:
    assert not may_hold(name)
    key = kit_key(KIT, dinas())
    files = tuple(StatedFile(name=each, size_bytes=0, sha256="0" * 64) for each in ("kit.db", name))
    stated = Statement(kit=KIT, made_at=NOW, made_by="u1", records=0, files=files)
    write_statement(Place(tmp_path), stated, JwsSigner(key.private_der, KIT), key.certificate_der)
    with pytest.raises(InputError) as caught:
        read_statement(Place(tmp_path))
    assert caught.value.code == "backup.malformed"


@pytest.mark.parametrize(
    "name",
    ["kit.db", "keyslots.json", "keyslots.copy.json", "escrow.copy.age", "trust/CA Dinas (1).pem", "sop/a/b.yaml"],
)
def test_what_a_home_holds(name: str) -> None:
    assert may_hold(name)


def test_the_newest_whole_one_counts(folder: Path) -> None:
    stick = folder.parents[2]
    assert newest_at(Place(stick), KIT) == read_statement(Place(folder)).stated.made_at
    assert newest_at(Place(stick), "K99") is None
    broken = folder.with_name("backup-99991231T000000Z")
    broken.mkdir()
    (broken / STATEMENT).write_text("{}")
    assert [each.path for each in backups_on(Place(stick), KIT)] == [folder, broken]
    assert newest_at(Place(stick), KIT) == read_statement(Place(folder)).stated.made_at
    with pytest.raises(KnownError):
        verify_backup(Place(broken))
