from __future__ import annotations

import errno
from collections.abc import Iterable
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.homes import PASSPHRASE, opened
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.laptops import dinas
from support.pairs import KIT
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.restore import WAITING, Proven, by_passphrase, check_opens, configures, restore, take_proven
from fieldkit.app.bootstrap.stick_backups import StatedFile, read_statement, verify_backup, write_statement
from fieldkit.domain.errors import StoreError, VaultError
from fieldkit.media.carried_files import digest_of_file
from fieldkit.media.place import Place
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, issue_kit, make_csr
from fieldkit.vault.device_trust import JwsSigner

EVIL = {"devices.toml": b'[gphoto]\naddresses = ["exec:/tmp/evil"]\n', "trust/evil.pem": b"evil", "sop/x.yaml": b"x"}
CA = dinas().certificate_der


@pytest.fixture
def backup(tmp_path: Path) -> Place:
    home = make_kit(tmp_path / "old")
    (home.path / "policy.yaml").write_text("{}")
    (home.path / "sop").mkdir()
    (home.path / "sop" / "kia.yaml").write_text("{}")
    seal_into(home, 1)
    (tmp_path / "stick").mkdir()
    return Place(Path(sticks_of(home, HandClock()).back_up(str(tmp_path / "stick"), (), Told(), Told()).folder))


def sign_anew(folder: Place, more: Iterable[str] = EVIL) -> None:
    """Add a stranger's files and sign all of it with a certificate that he made himself."""
    for name in more:
        (folder / name).path.parent.mkdir(exist_ok=True)
        (folder / name).path.write_bytes(EVIL[name])
    private = certificates.new_private_key()
    certificate = issue_kit(create_ca("Orang lain", NOW), make_csr(private), KIT, NOW)
    stated, found = read_statement(folder).stated, [digest_of_file(folder / name) for name in more]
    added = [
        StatedFile(name=name, size_bytes=each.size_bytes, sha256=each.sha256)
        for name, each in zip(more, found, strict=True)
    ]
    whole = stated.model_copy(update={"files": (*stated.files, *added)})
    write_statement(folder, whole, JwsSigner(private, KIT), certificate)


def put_back(folder: Place, home: Home) -> None:
    restore(folder, home, HandClock(), Proven(read_statement(folder).digest, PETUGAS.user_id))


def test_what_configures_a_kit_waits_for_the_first_sign_in(backup: Place, tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    put_back(backup, home)
    assert (home.policy, home.trust.exists(), (home.path / "sop").exists()) == (None, False, False)
    with opened(home) as context:
        assert [problem.code for problem in context.to_tell] == ["backup.restored"]
    for name in ("policy.yaml", "sop/kia.yaml", "trust/provider.pem"):
        assert (home.path / name).read_bytes() == (backup / name).path.read_bytes()
    assert not (home.path / WAITING).exists()


def test_a_backup_that_a_stranger_signed_anew_opens_for_nobody(backup: Place) -> None:
    sign_anew(backup)
    with pytest.raises(VaultError):
        check_opens(backup, verify_backup(backup), by_passphrase("", PASSPHRASE), HandClock())


def test_nothing_that_a_stranger_signed_is_taken_however_it_came_there(backup: Place, tmp_path: Path) -> None:
    """As if the secret had not been asked for: the sign-in proves it once more."""
    sign_anew(backup)
    home = Home(tmp_path / "new")
    put_back(backup, home)
    assert not (home.path / "devices.toml").exists()
    with opened(home) as context:
        assert [problem.code for problem in context.to_tell] == ["backup.restored", "backup.not_proven"]
    assert not [name for name in contents(home.path) if name.startswith(("devices", "trust", "sop", WAITING))]


def test_devices_come_from_no_backup_not_even_an_own_one(backup: Place, tmp_path: Path) -> None:
    """Older programs put the file in."""
    sign_anew(backup, ["devices.toml"])
    read = read_statement(backup)
    assert "devices.toml" in {file.name for file in read.stated.files}
    put_back(backup, Home(tmp_path / "new"))
    assert not list((tmp_path / "new").rglob("devices.toml"))


def test_what_the_home_has_and_what_is_not_as_signed_is_not_taken(backup: Place, tmp_path: Path) -> None:
    home = Home(tmp_path / "new")
    put_back(backup, home)
    (home.path / "policy.yaml").write_text("own")
    (home.path / WAITING / "sop" / "kia.yaml").write_text("changed")
    (home.path / WAITING / "sop" / "more.yaml").write_text("unsigned")
    assert take_proven(home.path, CA) is None
    assert (home.path / "policy.yaml").read_text() == "own"
    assert not (home.path / "sop").exists()
    assert (home.trust / "provider.pem").exists()
    assert take_proven(home.path, CA) is None


def test_a_full_disk_keeps_nobody_out_and_what_waits_still_waits(
    backup: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path / "new")
    put_back(backup, home)
    honest = Place.write

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Place, "write", full)
    told = take_proven(home.path, CA)
    assert told is not None
    assert told.code == "stick.full_now"
    monkeypatch.setattr(Place, "write", honest)
    assert take_proven(home.path, CA) is None
    assert home.policy is not None


def test_another_backup_than_the_one_that_was_opened_is_not_put_back(backup: Place, tmp_path: Path) -> None:
    proven = check_opens(backup, verify_backup(backup), by_passphrase("", PASSPHRASE), HandClock())
    assert proven.opened_by == PETUGAS.user_id
    sign_anew(backup)
    with pytest.raises(StoreError, match=r"backup\.damaged"):
        restore(backup, Home(tmp_path / "new"), HandClock(), proven)
    assert not (tmp_path / "new").exists()


def test_what_configures() -> None:
    assert all(map(configures, ("policy.yaml", "trust/a.pem", "sop/b/c.yaml")))
    assert not any(map(configures, ("kit.db", "public.json", "trust", "sessions/policy.yaml")))
