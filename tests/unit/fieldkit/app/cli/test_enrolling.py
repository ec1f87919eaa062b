from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.commands import fieldkit, refused
from support.homes import ADMIN, CLOCK, PIN, Office, opened
from support.room import PETUGAS

from fieldkit.app.bootstrap.enrolment import Slip
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.rescue import kit_of_slots
from fieldkit.media.place import Place
from sync.gateway import provision


@pytest.fixture
def pin_file(tmp_path: Path) -> Path:
    path = tmp_path / "pin"
    path.write_text(f"{PIN}\n")
    return path


def slip_file(folder: Path, slip: Slip) -> Path:
    """Write a slip as `gateway enrol-code --json` prints it."""
    path = folder / "slip.json"
    path.write_text(json.dumps({"url": slip.url, "code": slip.code, "ca_fingerprint": slip.ca_fingerprint}))
    return path


@pytest.mark.days
def test_a_kit_is_enrolled_and_gets_a_user(
    office: Office, tmp_path: Path, passphrase_file: Path, pin_file: Path
) -> None:
    slip, path = office.slip("K90"), tmp_path / "kit"
    words = ("enrol", "--url", slip.url, "--code", slip.code, "--ca-fingerprint", slip.ca_fingerprint)
    who = ("--admin", "admin", "--name", "Admin Dinas", "--pin-file", pin_file, "--passphrase-file", passphrase_file)
    said = fieldkit(*words, *who, "--home", path, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json == {"kit": "K90", "dinas": "Dinas Uji", "home": str(path), "admin": "admin"}
    adding = ("user", "add", "rina", "--name", "Rina", "--role", "petugas_perekaman", "--admin", "admin")
    secrets = ("--new-passphrase-file", passphrase_file, "--passphrase-file", passphrase_file)
    added = fieldkit(*adding, *secrets, "--home", path)
    assert (added.code, added.err) == (0, "")
    assert refused(*adding, *secrets, "--home", path) == (2, "vault.user_exists")
    with opened(Home(path), PETUGAS) as context:
        assert context.user.name == "Rina"
    assert fieldkit(*words, *who, "--home", path).code == 0  # the same slip again changes nothing
    another = ("enrol", "--slip-file", slip_file(tmp_path, office.slip()), *who, "--home", path)
    assert refused(*another) == (2, "kit.already_enrolled")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"--code": "AAAA-AAAA-AAAA"}, (3, "sync.enrol_code_wrong")),
        ({"--ca-fingerprint": "00" * 32}, (3, "sync.ca_fingerprint")),
        ({"--url": "https://127.0.0.1:9"}, (3, "sync.unreachable")),
        ({"--url": "not an address"}, (3, "sync.address_wrong")),
        ({"--admin": "../x"}, (2, "cli.user_id_form")),
        ({"--pin-file": "SHORT"}, (2, "vault.pin_form")),
        ({"--passphrase-file": "/nowhere/at/all"}, (2, "cli.unreadable")),
    ],
)
def test_an_enrolment_that_cannot_be(
    office: Office,
    tmp_path: Path,
    passphrase_file: Path,
    pin_file: Path,
    changes: dict[str, Any],
    expected: tuple[int, str],
) -> None:
    slip, short = office.slip(), tmp_path / "short"
    short.write_text("12")
    changes = {name: short if value == "SHORT" else value for name, value in changes.items()}
    options = {
        "--url": slip.url,
        "--code": slip.code,
        "--ca-fingerprint": slip.ca_fingerprint,
        "--admin": "admin",
        "--name": "Admin",
        "--pin-file": pin_file,
        "--passphrase-file": passphrase_file,
        "--home": tmp_path / "kit",
    }
    assert refused("enrol", *(word for pair in (options | changes).items() for word in pair)) == expected
    assert not Home(tmp_path / "kit").is_enrolled
    again = {**options, "--passphrase-file": passphrase_file}
    assert fieldkit("enrol", *(word for pair in again.items() for word in pair)).code == 0


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_slip_may_lie_in_a_file_as_it_was_printed(
    office: Office, tmp_path: Path, passphrase_file: Path, lang: str
) -> None:
    printed = fieldkit(
        *("gateway", "enrol-code", "--dir", office.folder, "--url", office.url),
        *("--kit", f"L-{lang}", "--admin", "admin"),
        lang=lang,
    )
    path = tmp_path / "slip.txt"
    path.write_text(printed.out)
    who = ("--admin", "admin", "--name", "Admin", "--passphrase-file", passphrase_file, "--home", tmp_path / "kit")
    assert fieldkit("enrol", "--slip-file", path, *who).code == 0


@pytest.mark.parametrize("content", ["", "one line", "{", "{}", "a\nb\nc\nd\n"])
def test_another_file_is_no_slip(tmp_path: Path, content: str) -> None:
    path = tmp_path / "slip"
    path.write_text(content)
    enrol = ("enrol", "--slip-file", path, "--admin", "admin", "--name", "Admin", "--home", tmp_path / "kit")
    assert refused(*enrol) == (2, "cli.slip_form")


def test_a_slip_that_lacks_something_is_named(tmp_path: Path) -> None:
    enrol = ("enrol", "--url", "https://127.0.0.1:9", "--admin", "admin", "--name", "Admin")
    assert refused(*enrol, "--home", tmp_path / "kit") == (2, "cli.slip_missing")


def readmission(office: Office, home: Home, folder: Path) -> Path:
    kit = kit_of_slots(Place(home.path))
    made = provision.readmission_code(office.folder, office.url, kit, ADMIN.user_id, CLOCK)
    return slip_file(folder, Slip(made.url, made.code, made.ca_fingerprint))


@pytest.mark.days
def test_a_kit_whose_passphrase_is_lost_is_recovered(office: Office, tmp_path: Path) -> None:
    home, secret = office.kit(tmp_path / "kit", PETUGAS), tmp_path / "secret"
    secret.write_text("kunci lemari besi")
    words = ("recover", "--home", home.path, "--user", "admin", "--new-passphrase-file", secret)
    slip = ("--slip-file", readmission(office, home, tmp_path))
    assert refused(*words, *slip, "--identity", tmp_path / "none") == (2, "cli.unreadable")
    assert refused(*words, *slip, "--identity", secret) == (2, "vault.age_identity")
    assert fieldkit(*words, *slip, "--identity", office.folder / "recovery.identity").code == 0
    as_admin = ("--user", "admin", "--passphrase-file", secret)
    assert fieldkit("queue", "--json", *as_admin, home=home.path).code == 0


@pytest.mark.days
def test_a_found_laptop_is_let_in_again(office: Office, tmp_path: Path, passphrase_file: Path) -> None:
    home = office.kit(tmp_path / "kit")
    provision.revoke_kit(office.folder, kit_of_slots(Place(home.path)), CLOCK)
    as_admin = ("--user", "admin", "--passphrase-file", passphrase_file)
    told = fieldkit("sync", "--once", *as_admin, home=home.path)
    assert (told.code, told.problem) == (3, "sync.kit_revoked")
    assert refused("sync", "--once", *as_admin, home=home.path) == (3, "office.kit_revoked")  # nobody signs in
    slip = ("--slip-file", readmission(office, home, tmp_path))
    assert fieldkit("readmit", *as_admin, *slip, home=home.path).code == 0
    assert fieldkit("sync", "--once", *as_admin, home=home.path).code == 0
