from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.app_context import PENGURUS
from support.clock import NOW, HandClock
from support.commands import fieldkit, refused
from support.homes import opened
from support.kept import KEY
from support.kits import Told, contents, make_kit, seal_into, sticks_of
from support.pairs import KIT, lay_home
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.stick_backups import read_statement, write_statement
from fieldkit.media.place import Place
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import create_ca, issue_kit, make_csr
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.keyslots import KeySlotFile


def test_a_dead_laptop_is_rescued_without_a_passphrase(tmp_path: Path) -> None:
    stick = tmp_path / "stick; reboot"
    stick.mkdir()
    ids = lay_home(tmp_path / "home")
    said = fieldkit("rescue", tmp_path / "home", "--out", stick, "--json")
    assert (said.code, said.err) == (0, "")
    told = said.json
    assert (told["rescued"], told["unreadable"], told["without_manifest"], told["kit"]) == (len(ids), [], [], KIT)
    assert Path(told["to"]).is_relative_to(stick)
    assert told["bytes"] == sum(file.stat().st_size for file in Path(told["to"]).glob("*.age"))
    again = fieldkit("rescue", tmp_path / "home", "--out", stick).out
    assert str(len(ids)) in again
    assert f"--from '{stick}" in again  # one word, to be pasted


def test_what_could_not_be_brought_over_is_said(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    rotten, old, _ = lay_home(tmp_path / "home")
    (tmp_path / "home" / "sealed" / f"{rotten}.age").write_bytes(b"rot")
    (tmp_path / "home" / "sealed" / f"{old}.manifest").unlink()
    said = fieldkit("rescue", tmp_path / "home", "--out", stick)
    assert said.code == 3
    assert rotten in said.out
    assert old in said.out


def test_a_place_without_a_kit_is_refused(tmp_path: Path) -> None:
    assert refused("rescue", tmp_path, "--out", tmp_path) == (2, "rescue.nothing")


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    made = tmp_path / "stick"
    made.mkdir()
    return made


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return make_kit(tmp_path / "kit")


def as_petugas(passphrase_file: Path) -> tuple[object, ...]:
    return ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)


@pytest.mark.days
def test_a_backup_is_made_listed_verified_and_put_back(
    home: Home, stick: Path, tmp_path: Path, passphrase_file: Path
) -> None:
    seal_into(home, 1)
    who = as_petugas(passphrase_file)
    said = fieldkit("backup", "make", "--to", stick, "--home", home.path, *who, "--json")
    assert (said.code, said.err) == (0, "")
    made = said.json
    assert (made["kit"], made["records"], made["made_by"]) == (KIT, 1, PETUGAS.user_id)
    assert fieldkit("backup", "list", stick, "--json").json == [made]
    assert KIT in fieldkit("backup", "list", stick).out
    folder = Path(made["folder"])
    before = contents(folder)
    assert fieldkit("backup", "verify", folder, "--json").json == {**made, "opened_by": None, "proven": False}
    verified = fieldkit("backup", "verify", folder, *who)
    assert (verified.code, verified.err) == (0, "")
    assert PETUGAS.user_id in verified.out
    assert contents(folder) == before  # a try with a passphrase leaves no trace on the stick
    restored = fieldkit("restore", folder, "--home", tmp_path / "other", *who, "--json")
    assert (restored.code, restored.err) == (0, "")
    assert restored.json["set_aside"] is None
    again = fieldkit("restore", folder, "--home", tmp_path / "other", *who)
    assert (again.code, again.err) == (0, "")
    assert "damaged" in again.out
    with opened(Home(tmp_path / "other")) as context:
        assert [problem.code for problem in context.to_tell] == ["backup.restored"]
        assert context.backups.standing().unsent == 1


def test_the_running_program_hears_when_the_backup_was_made(home: Home, stick: Path, passphrase_file: Path) -> None:
    seal_into(home, 1)
    with opened(home) as context:
        assert context.backups.standing().is_due
    said = fieldkit("backup", "make", "--to", stick, "--home", home.path, *as_petugas(passphrase_file))
    assert (said.code, said.err) == (0, "")
    with opened(home) as context:
        assert not context.backups.standing().is_due


@pytest.mark.days
def test_a_kit_without_its_store_says_so_and_a_backup_brings_it_back(
    home: Home, stick: Path, passphrase_file: Path
) -> None:
    who = as_petugas(passphrase_file)
    seal_into(home, 1)
    made = fieldkit("backup", "make", "--to", stick, "--home", home.path, *who, "--json").json
    shutil.rmtree(home.copies, ignore_errors=True)
    home.database.unlink()
    before = set(contents(home.path))
    assert refused("backup", "make", "--to", stick, "--home", home.path, *who) == (3, "store.gone")
    assert set(contents(home.path)) == before  # each sign-in counts its tries in the slots, and makes nothing
    assert fieldkit("rescue", home.path, "--out", stick, "--json").json["rescued"] == 1
    assert fieldkit("restore", made["folder"], "--home", home.path, *who).code == 0
    with opened(home) as context:
        assert context.backups.standing().unsent == 1


def test_what_is_no_backup_is_not_called_unwritable(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("x")
    (tmp_path / "backup.json").mkdir()
    assert refused("backup", "verify", file) == (2, "backup.none_here")
    assert refused("backup", "verify", tmp_path / "gone") == (2, "backup.none_here")
    assert refused("backup", "verify", tmp_path) == (3, "stick.unreadable")


@pytest.mark.days
def test_a_backup_that_is_not_whole_is_named(home: Home, stick: Path, tmp_path: Path, passphrase_file: Path) -> None:
    made = fieldkit("backup", "make", "--to", stick, "--home", home.path, *as_petugas(passphrase_file), "--json").json
    folder = Path(made["folder"])
    wrong = tmp_path / "wrong"
    wrong.write_text("bukan ini sandinya")
    assert refused("backup", "verify", folder, "--passphrase-file", wrong) == (3, "vault.wrong_passphrase")
    assert refused("restore", folder, "--home", tmp_path / "new", "--passphrase-file", wrong)[0] == 3
    assert not (tmp_path / "new" / "kit.db").exists()
    (folder / "public.json").write_text("{}")
    assert refused("backup", "verify", folder) == (3, "backup.damaged")
    assert refused("restore", folder, "--home", tmp_path / "new") == (3, "backup.damaged")  # before anybody is asked
    (folder / "backup.json").write_text("{}")
    assert refused("backup", "verify", folder) == (2, "backup.malformed")
    said = fieldkit("backup", "list", stick)
    assert (said.code, said.problem) == (3, "backup.malformed")
    assert refused("restore", stick, "--home", tmp_path / "new") == (2, "backup.none_here")


def test_a_backup_by_somebody_the_dinas_does_not_know(home: Home, stick: Path, passphrase_file: Path) -> None:
    made = sticks_of(home, HandClock(), kit=KIT).back_up(str(stick), (), Told(), Told())
    folder = Path(made.folder)
    private = certificates.new_private_key()
    stranger = create_ca("Orang lain", NOW)
    certificate = issue_kit(stranger, make_csr(private), KIT, NOW)
    stated = read_statement(Place(folder)).stated
    write_statement(Place(folder), stated, JwsSigner(private, KIT), certificate)
    said = fieldkit("backup", "verify", folder)
    assert (said.code, "Belum terbukti siapa" in said.out) == (0, True)  # whole, but by whom only the store knows
    assert fieldkit("backup", "verify", folder, "--json").json["proven"] is False
    assert refused("backup", "verify", folder, "--passphrase-file", passphrase_file)[0] == 3
    new = stick / "new"
    assert refused("restore", folder, "--home", new, "--passphrase-file", passphrase_file)[0] == 3
    assert not new.exists()


def test_a_restore_always_asks_who_may(home: Home, stick: Path, tmp_path: Path) -> None:
    slots, key = KeySlotFile.open(home.slots), certificates.new_private_key()
    slots.keep_sheet(
        PETUGAS.user_id, "7H2K-9QXM-4TRW-8PZD-3NVC", KEY, SigningKey(slots.certificate(PETUGAS.user_id), key)
    )
    folder = Path(sticks_of(home, HandClock(), kit=KIT).back_up(str(stick), (), Told(), Told()).folder)
    new = tmp_path / "new"
    assert refused("restore", folder, "--home", new) == (2, "cli.no_passphrase")
    wrong, right = tmp_path / "wrong", tmp_path / "right"
    wrong.write_text("7H2K-9QXM-4TRW-8PZD-3NVX\n")
    right.write_text("7H2K-9QXM-4TRW-8PZD-3NVC\n")
    assert refused("restore", folder, "--home", new, "--sheet-file", wrong) == (3, "vault.wrong_sheet")
    assert not new.exists()
    assert fieldkit("restore", folder, "--home", new, "--sheet-file", right).code == 0
    assert (new / "kit.db").exists()


def test_who_may_not_send_makes_no_backup(tmp_path: Path, stick: Path, passphrase_file: Path) -> None:
    home = make_kit(tmp_path / "kit", user=PENGURUS)
    words = ("backup", "make", "--to", stick, "--home", home.path, "--passphrase-file", passphrase_file)
    assert refused(*words) == (2, "role.not_yours")
    assert list(stick.iterdir()) == []
