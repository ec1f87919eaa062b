from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from obstore.exceptions import GenericError
from support.commands import fieldkit, refused
from support.homes import ADMIN, FAST, Office, new
from support.room import PETUGAS

from fieldkit.app.bootstrap.enrolment import Slip, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.people import slip_in
from fieldkit.vault.keyslots import KeySlotFile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "gateway"
    assert fieldkit("gateway", "init", "--dir", made, "--dinas", "Dinas Uji").code == 0
    return made


def test_init_makes_a_gateway_and_tells_the_fingerprint(tmp_path: Path) -> None:
    said = fieldkit("gateway", "init", "--dir", tmp_path / "g", "--dinas", "Dinas Uji", "--json").json
    assert len(said["ca_fingerprint"].replace(":", "")) == 64
    assert Path(said["identity"]).is_file()
    assert Path(said["recovery"]).stat().st_mode & 0o077 == 0


def test_init_closes_a_folder_that_was_there_or_says_that_it_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, is_closed in (("closed", True), ("open", False)):
        folder = tmp_path / name
        folder.mkdir(mode=0o755)
        with monkeypatch.context() as changed:
            if not is_closed:
                changed.setattr(os, "geteuid", lambda: -1)  # another's
            said = fieldkit("gateway", "init", "--dir", folder, "--dinas", "Dinas Uji")
        assert (said.code, folder.stat().st_mode & 0o777) == (0, 0o700 if is_closed else 0o755)
        assert ("doctor.home_open" in said.err) is not is_closed


def test_a_second_init_is_refused(folder: Path) -> None:
    before = (folder / "ca.key.pem").read_bytes()
    assert refused("gateway", "init", "--dir", folder, "--dinas", "Dinas Uji") == (2, "gateway.exists")
    assert (folder / "ca.key.pem").read_bytes() == before


def test_init_needs_a_name_and_a_zone_of_indonesia(tmp_path: Path) -> None:
    assert refused("gateway", "init", "--dir", tmp_path, "--dinas", " ") == (2, "gateway.profile_incomplete")
    assert refused("gateway", "init", "--dir", tmp_path, "--dinas", "x", "--zone", "CET") == (2, "cli.usage")


def test_hosts_and_addresses_are_ones_that_a_certificate_and_a_laptop_can_use(folder: Path, tmp_path: Path) -> None:
    init = ("gateway", "init", "--dinas", "x", "--dir", tmp_path / "other", "--host")
    for host in ("bukan host!", "-a.example", "a..example", "x" * 64, ""):
        assert refused(*init, host) == (2, "gateway.bad_host"), host
    slip = ("gateway", "enrol-code", "--dir", folder, "--kit", "K01", "--admin", "a", "--url")
    for url in ("bukan-url", "http://127.0.0.1:8443", "https://", "https://a b:1", "https://a:99999"):
        assert refused(*slip, url) == (2, "gateway.bad_url"), url
    for url in ("https://u:p@127.0.0.1", "https://127.0.0.1/x", "https://127.0.0.1?x"):
        assert refused(*slip, url) == (2, "gateway.bad_url"), url
    for url in ("https://[::1]:8443", "https://pusat.example:8443", "https://127.0.0.2"):
        assert refused(*slip, url) == (2, "gateway.url_not_certified"), url
    assert fieldkit("gateway", "reissue", "--dir", folder, "--host", "::1", "--host", "Pusat.example").code == 0
    for url in ("https://[::1]:8443", "https://pusat.example:8443"):
        assert fieldkit(*slip, url).code == 0, url


def _change(folder: Path, **settings: str) -> None:
    file = folder / "gateway.json"
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | settings), "utf-8")


def test_what_it_cannot_serve_with_is_one_sentence(folder: Path) -> None:
    serve = ("gateway", "serve", "--dir", folder, "--port")
    assert refused(*serve, "99999") == (2, "cli.usage")
    assert refused(*serve, "0", "--host", "192.0.2.1") == (3, "gateway.not_listening")  # nobody's (RFC 5737)
    _change(folder, database="postgresql+psycopg://u:p@127.0.0.1:1/x")
    assert refused(*serve, "0") == (3, "gateway.database_away")
    _change(folder, database="bukan alamat")
    assert refused(*serve, "0") == (2, "gateway.database_address")
    _change(folder, database="", objects="bukan url")
    assert refused(*serve, "0") == (2, "gateway.objects_address")
    _change(folder, objects="")
    database = folder / "gateway.sqlite3"
    with closing(sqlite3.connect(database)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    whole = database.read_bytes()
    database.write_bytes(b"garbage" * 1000)
    assert refused(*serve, "0") == (2, "gateway.database_damaged")
    database.write_bytes(whole[: len(whole) // 4] + os.urandom(len(whole) // 4) + whole[len(whole) // 2 :])
    assert refused(*serve, "0") == (2, "gateway.database_damaged")  # pages that opening it does not read
    database.write_bytes(b"")
    assert refused(*serve, "0") == (2, "gateway.database_damaged")
    database.unlink()
    assert refused(*serve, "0") == (2, "gateway.database_damaged")


def test_a_store_of_records_that_does_not_answer_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ENDPOINT_URL": "http://127.0.0.1:1", "ALLOW_HTTP": "true", "REGION": "x"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")

    def no_answer(_store: object, _key: str) -> None:  # the true client tries ten times, for seconds
        raise GenericError("connection refused")

    monkeypatch.setattr("obstore.head", no_answer)
    _change(folder, objects="s3://bucket")
    assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (3, "gateway.objects_unreachable")


@pytest.mark.parametrize("name", ["tls.pem", "tls.key.pem", "ca.pem", "ca.key.pem", "receipt.key.pem"])
@pytest.mark.parametrize("content", [b"nonsense", "\u00e9".encode(), b""])
def test_a_key_that_cannot_be_read_is_named_with_its_file(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (2, "gateway.key_damaged")
    assert str(folder / name) in fieldkit("gateway", "serve", "--dir", folder, "--port", "0").err


@pytest.mark.parametrize("name", ["tls.pem", "ca.key.pem", "nik.key"])
def test_a_key_that_is_gone_is_named_with_its_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (2, "gateway.key_damaged")
    assert str(folder / name) in fieldkit("gateway", "serve", "--dir", folder, "--port", "0").err


def test_a_certificate_of_another_key_is_named(folder: Path) -> None:
    (folder / "tls.pem").write_bytes((folder / "ca.pem").read_bytes())
    assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (2, "gateway.key_damaged")


def test_a_disk_that_is_full_at_the_start_is_one_sentence(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))  # no file grows beyond it, as on a full disk
    try:
        assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (3, "store.disk_full")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_slip_is_printed(folder: Path) -> None:
    words = (
        "gateway",
        "enrol-code",
        "--dir",
        folder,
        "--url",
        "https://127.0.0.1:8443",
        "--kit",
        "K01",
        "--admin",
        "a",
    )
    slip = fieldkit(*words, "--json").json
    assert slip["url"] == "https://127.0.0.1:8443"
    assert (slip["kit"], slip["admin"]) == ("K01", "a")
    assert slip_in(json.dumps(slip)) == Slip(**slip)
    other = fieldkit(*words, lang="en")
    assert other.code == 0
    assert slip["ca_fingerprint"] in other.out
    assert slip["code"] not in other.out


@pytest.mark.days
def test_a_slip_for_a_known_kit_needs_the_word_again(office: Office, tmp_path: Path) -> None:
    enrol_kit(Home(tmp_path / "lost"), office.slip("K90"), new(ADMIN), FAST)
    words = ("gateway", "enrol-code", "--dir", office.folder, "--url", office.url, "--admin", "a", "--kit")
    assert refused(*words, "K90") == (2, "gateway.kit_exists")
    assert "--again" in fieldkit(*words, "K90", lang="en").err
    assert refused(*words, "K99", "--again") == (2, "gateway.kit_not_enrolled")
    assert fieldkit("gateway", "revoke", "--dir", office.folder, "--kit", "K90").code == 0
    slip = fieldkit(*words[:-2], ADMIN.user_id, "--kit", "K90", "--again", "--json").json
    again = Home(tmp_path / "again")
    enrol_kit(again, Slip(slip["url"], slip["code"], slip["ca_fingerprint"]), new(ADMIN), FAST)
    assert KeySlotFile.open(again.slots).kit_id == "K90"


@pytest.mark.parametrize(
    ("where", "kit", "problem"),
    [("nowhere", "K01", "gateway.not_here"), ("gateway", "K 01/..", "gateway.kit_name")],
)
def test_a_slip_that_cannot_be_printed(folder: Path, where: str, kit: str, problem: str) -> None:
    words = ("gateway", "enrol-code", "--dir", folder.parent / where, "--url", "https://localhost", "--kit", kit)
    assert refused(*words, "--admin", "a") == (2, problem)
    assert refused(*words, "--admin", "A ni") == (2, "cli.user_id_form")


@pytest.mark.days
def test_a_lost_kit_is_shut_out_once(office: Office, tmp_path: Path, passphrase_file: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    words = ("gateway", "revoke", "--dir", office.folder, "--kit", "K01")
    send = ("sync", "--once", "--home", home.path, "--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)
    assert fieldkit(*send).code == 0
    assert fieldkit(*words).code == 0
    assert refused(*words) == (2, "gateway.kit_unknown")
    assert fieldkit(*send).code == 3


@pytest.mark.days
def test_a_damaged_folder_is_named(folder: Path) -> None:
    (folder / "gateway.json").write_text("{")
    assert refused("gateway", "serve", "--dir", folder, "--port", "0") == (2, "gateway.folder_damaged")
    assert refused("gateway", "serve", "--dir", folder / "not", "--port", "0") == (2, "gateway.not_here")


@pytest.mark.days
def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert refused("gateway", "serve", "--dir", folder, "--port", port) == (3, "gateway.port_busy")


@pytest.mark.days
def test_it_serves_until_it_is_told_to_stop(folder: Path) -> None:
    command = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--dir", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
        finally:
            process.send_signal(signal.SIGTERM)
        _, err = process.communicate()
    assert "https://127.0.0.1:" in line
    assert (process.returncode, err) == (0, "")
    assert json.loads((folder / "gateway.json").read_text())["profile"]["dinas"] == "Dinas Uji"
