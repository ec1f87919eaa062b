from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from support.clock import HandClock
from support.homes import PASSPHRASE
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.room import PETUGAS

from fieldkit.app.bootstrap.restore import by_passphrase, check_opens
from fieldkit.app.bootstrap.stick_backups import ReadStatement, read_statement
from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.media.place import Place


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = make_kit(tmp_path / "home")
    seal_into(home, 1)
    (tmp_path / "stick").mkdir()
    return Path(sticks_of(home, HandClock()).back_up(str(tmp_path / "stick"), (), Told(), Told()).folder)


def check(folder: Path, read: ReadStatement, passphrase: str = PASSPHRASE) -> str:
    return check_opens(Place(folder), read, by_passphrase("", passphrase), HandClock()).opened_by


def test_the_store_opens_and_the_stick_stays_as_it_was(folder: Path) -> None:
    before = contents(folder)
    assert check(folder, read_statement(Place(folder))) == PETUGAS.user_id
    with pytest.raises(VaultError) as caught:
        check(folder, read_statement(Place(folder)), "bukan ini sandinya")
    assert caught.value.code == "vault.wrong_passphrase"
    assert contents(folder) == before


def test_a_page_that_changed_is_found(folder: Path) -> None:
    read = read_statement(Place(folder))
    whole = bytearray((folder / "kit.db").read_bytes())
    whole[len(whole) * 3 // 4] ^= 1
    (folder / "kit.db").write_bytes(whole)
    with pytest.raises(StoreError) as caught:
        check(folder, read)
    assert caught.value.code == "backup.damaged"
    files = [
        file.model_copy(update={"sha256": sha256(whole).hexdigest()}) if file.name == "kit.db" else file
        for file in read.stated.files
    ]
    with pytest.raises(StoreError) as caught:  # it was bad when it was signed
        check(folder, replace(read, stated=read.stated.model_copy(update={"files": tuple(files)})))
    assert caught.value.code == "store.damaged"
