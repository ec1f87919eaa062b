from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import Nobody, Office, opened
from support.room import LEAD, PETUGAS

from fieldkit import VERSION
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.cli.speech import shell_word
from fieldkit.app.cli.users import OURS
from fieldkit.domain.office_bundles import BundleKind

NEW = "kunci lemari besi"


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS)


@pytest.fixture
def new_file(tmp_path: Path) -> Path:
    path = tmp_path / "new"
    path.write_text(NEW)
    return path


def may_sign_in(home: Home, user: str, file: Path) -> bool:
    return fieldkit("queue", "--json", "--user", user, "--passphrase-file", file, home=home.path).code == 0


def test_only_an_admin_adds_users(home: Home, passphrase_file: Path) -> None:
    adding = ("user", "add", LEAD.user_id, "--name", LEAD.name, "--role", LEAD.role.value)
    secrets = ("--new-passphrase-file", passphrase_file, "--passphrase-file", passphrase_file, "--home", home.path)
    assert refused(*adding, "--admin", PETUGAS.user_id, *secrets) == (2, "kit.admin_only")
    assert LEAD.user_id not in home.slots.read_text()


def test_who_can_sign_in_is_listed_without_a_passphrase(home: Home) -> None:
    said = fieldkit("user", "list", "--json", home=home.path)
    assert [(row["user"], row["may_sign_in"]) for row in said.json] == [("admin", True), (PETUGAS.user_id, True)]
    for lang in ("id", "en"):
        assert PETUGAS.name in fieldkit("user", "list", home=home.path, lang=lang).out
    assert refused("user", "list", home=home.path / "none") == (2, "kit.not_enrolled")


@pytest.mark.days
def test_everybody_changes_the_own_passphrase_and_pin(
    home: Home, passphrase_file: Path, new_file: Path, tmp_path: Path
) -> None:
    me = ("--user", PETUGAS.user_id, "--passphrase-file")
    pin = tmp_path / "pin"
    pin.write_text("135790")
    assert fieldkit("user", "pin", *me, passphrase_file, "--pin-file", pin, home=home.path).code == 0
    pin.write_text("1357")
    assert refused("user", "pin", *me, passphrase_file, "--pin-file", pin, home=home.path) == (2, "vault.pin_form")
    change = ("user", "passphrase", *me, passphrase_file, "--new-passphrase-file", new_file)
    assert fieldkit(*change, home=home.path).code == 0
    assert may_sign_in(home, PETUGAS.user_id, new_file)
    assert not may_sign_in(home, PETUGAS.user_id, passphrase_file)


@pytest.mark.days
def test_an_admin_disables_gives_a_new_start_and_removes(home: Home, passphrase_file: Path, new_file: Path) -> None:
    by_admin = ("--admin", "admin", "--passphrase-file", passphrase_file)
    assert fieldkit("user", "disable", PETUGAS.user_id, *by_admin, "--reason", "cuti", home=home.path).code == 0
    assert not may_sign_in(home, PETUGAS.user_id, passphrase_file)
    assert [row["may_sign_in"] for row in fieldkit("user", "list", "--json", home=home.path).json] == [True, False]
    again = ("user", "again", PETUGAS.user_id, *by_admin, "--new-passphrase-file", new_file)
    assert fieldkit(*again, "--role", "loket", home=home.path).code == 0
    assert fieldkit(*again, home=home.path).code == 0  # without the word the role stays
    assert [row["role"] for row in fieldkit("user", "list", "--json", home=home.path).json][1:] == ["loket"]
    assert may_sign_in(home, PETUGAS.user_id, new_file)
    assert refused("user", "remove", "admin", *by_admin, home=home.path) == (2, "account.yourself")
    by_petugas = ("--admin", PETUGAS.user_id, "--passphrase-file", new_file)
    assert refused("user", "remove", "admin", *by_petugas, home=home.path) == (2, "role.not_yours")
    assert fieldkit("user", "remove", PETUGAS.user_id, *by_admin, home=home.path).code == 0
    assert [row["user"] for row in fieldkit("user", "list", "--json", home=home.path).json] == ["admin"]


@pytest.mark.days
def test_the_key_of_the_store_is_changed(home: Home, passphrase_file: Path) -> None:
    before = home.database.read_bytes()
    rotate = ("user", "rotate-key", "--passphrase-file", passphrase_file, "--admin")
    assert refused(*rotate, PETUGAS.user_id, home=home.path) == (2, "kit.admin_only")
    assert fieldkit(*rotate, "admin", home=home.path).code == 0
    assert home.database.read_bytes()[:16] != before[:16]
    assert may_sign_in(home, PETUGAS.user_id, passphrase_file)


NAMES = {"deb": "fieldkit_{}_amd64.deb", "exe": "fieldkit-{}-setup.exe"}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    made = tmp_path / NAMES[OURS].format("99.0.0")
    made.write_bytes(b"!<arch>\n" * 1000)
    return made


@pytest.mark.days
def test_the_announced_version_is_told_and_only_its_package_passes(
    office: Office, tmp_path: Path, passphrase_file: Path, package: Path
) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    check = ("update", "check", package, "--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)
    assert refused(*check, "--home", home.path) == (2, "update.none")
    publish = ("gateway", "publish", "--dir", office.folder, "program")
    assert refused(*publish, passphrase_file, "--all") == (2, "gateway.no_package")
    assert fieldkit(*publish, package, "--all").code == 0
    with opened(home) as context:
        report = context.delivery.send(Nobody(), Nobody())
        assert [(each.kind, each.code) for each in report.from_office] == [(BundleKind.PROGRAM, "")]
    with opened(home) as context:
        assert context.offered is not None
        assert (context.offered.version, context.offered.file) == ("99.0.0", package.name)
    said = fieldkit(*check, home=home.path)
    assert (said.code, "99.0.0" in said.out, str(package) in said.out) == (0, True, True)
    odd = package.rename(tmp_path / "it's; $(reboot).deb")
    said = fieldkit(*check[:2], odd, *check[3:], home=home.path)
    assert shell_word(odd) in said.out
    odd.rename(package)
    package.write_bytes(package.read_bytes()[:-1] + b"x")
    assert refused(*check, "--home", home.path) == (2, "update.wrong_package")
    package.unlink()
    assert refused(*check, "--home", home.path) == (2, "cli.unreadable")

    here = tmp_path / NAMES[OURS].format(VERSION)
    here.write_bytes(b"same")
    assert fieldkit(*publish, here, "--all").code == 0
    with opened(home) as context:
        context.delivery.send(Nobody(), Nobody())
    with opened(home) as context:  # what runs here already is not told
        assert context.offered is None
    assert VERSION in fieldkit("update", "check", here, *check[3:], home=home.path).out
