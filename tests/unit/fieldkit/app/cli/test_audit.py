from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import fieldkit, refused
from support.homes import ADMIN, CLOCK, Office, opened, record
from support.room import PETUGAS

from fieldkit.app.bootstrap.home import Home
from fieldkit.vault.certificates import certificates_to_pem, create_ca

OWN_ROOT = certificates_to_pem(create_ca("Siapa saja", CLOCK.now()).certificate_der)


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    home = office.kit(tmp_path / "kit", PETUGAS)
    with opened(home) as context:
        record(context)
    return home


def as_user(user: str, passphrase_file: Path) -> tuple[object, ...]:
    return ("--user", user, "--passphrase-file", passphrase_file)


@pytest.mark.days
def test_a_log_that_nobody_else_holds_yet_is_said_so(home: Home, passphrase_file: Path) -> None:
    words = ("audit", "verify", "--home", home.path, *as_user(PETUGAS.user_id, passphrase_file))
    said = fieldkit(*words, "--json")
    assert (said.code, said.json["ok"], said.json["proven_to"], said.json["faults"]) == (0, True, None, [])
    assert "Belum ada yang membuktikannya" in fieldkit(*words).out


@pytest.mark.days
def test_what_changed_is_listed_and_accepted_by_who_may(home: Home, passphrase_file: Path) -> None:
    (home.trust / "own.pem").write_text(OWN_ROOT)
    words = ("audit", "verify", "--home", home.path, *as_user(PETUGAS.user_id, passphrase_file))
    said = fieldkit(*words, "--json", lang="en")
    assert (said.code, said.json["faults"]) == (3, [{"kind": "file", "id": "trust/own.pem", "code": "audit.unnoted"}])
    assert "trust/own.pem" in fieldkit(*words).out
    accepting = ("audit", "accept", "--home", home.path)
    petugas = as_user(PETUGAS.user_id, passphrase_file)
    assert refused(*accepting, *petugas, "--reason", "x") == (2, "role.not_yours")
    accept = (*accepting, *as_user(ADMIN.user_id, passphrase_file))
    assert refused(*accept, "--reason", " ") == (2, "audit.reason_needed")
    assert fieldkit(*accept, "--reason", "alat baru dari pusat").code == 0
    assert fieldkit(*words, "--json").json["ok"]
