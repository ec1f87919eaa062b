from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pypdfium2
import pytest
from starlette.types import Receive, Scope, Send
from support.commands import PROBLEM, fieldkit, refused
from support.homes import Nobody, Office, Repository, open_office, opened, record
from support.kept import NAME, NIK
from support.room import PETUGAS, STORES

from fieldkit.app.bootstrap.enrolment import is_new
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.cli.kit import _finding_as_json, _finding_row, kits_in, opened_context
from fieldkit.app.cli.speech import messages
from fieldkit.domain.errors import InputError, Problem
from fieldkit.ports.laptop import Finding
from fieldkit.vault.one_time_codes import TotpCodes
from fieldkit.vault.slot_copies import copies_of
from sync.gateway import provision
from sync.gateway.server import GatewayServer


@pytest.fixture
def home(office: Office, tmp_path: Path) -> Home:
    return office.kit(tmp_path / "kit", PETUGAS)


def as_petugas(passphrase_file: Path) -> tuple[object, ...]:
    return ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)


@pytest.mark.parametrize("command", [("queue",), ("sync", "--once"), ("audit", "verify"), ("run",)])
def test_without_a_kit_the_remedy_is_named(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert refused(*command, home=tmp_path) == (2, "kit.not_enrolled")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.days
def test_the_store_opens_only_for_who_knows_the_passphrase(home: Home, tmp_path: Path, passphrase_file: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not this one")
    for lang, left in (("id", 4), ("en", 3)):
        said = fieldkit("queue", "--user", PETUGAS.user_id, "--passphrase-file", wrong, home=home.path, lang=lang)
        assert said.problem == "vault.wrong_passphrase"
        assert str(left) in said.err
        assert said.code != 0
    assert refused("queue", home=home.path) == (2, "cli.which_user")
    assert refused("queue", "--user", "rina", home=home.path) == (2, "cli.no_passphrase")
    assert refused("queue", "--user", "nobody", "--passphrase-file", passphrase_file, home=home.path)[1] == (
        "vault.unknown_user"
    )


def test_damaged_key_slots_are_named(home: Home, passphrase_file: Path) -> None:
    for copy in copies_of(home.slots):
        copy.write_text(copy.read_text().replace("rina", "sari"))
    assert refused("queue", *as_petugas(passphrase_file), home=home.path) == (3, "vault.slots_damaged")


def test_a_kit_that_is_in_use_is_left_alone(home: Home, passphrase_file: Path) -> None:
    kit = LockedKit(home, Repository())
    assert refused("sync", "--once", *as_petugas(passphrase_file), home=home.path) == (3, "store.in_use")
    kit.leave()


@pytest.mark.days
def test_the_queue_is_shown_masked_and_then_sent(home: Home, passphrase_file: Path) -> None:
    with opened(home) as context:
        sealed = record(context).record
    words = as_petugas(passphrase_file)
    before = fieldkit("queue", "--json", *words, home=home.path)
    assert (before.code, before.err) == (0, "")
    assert (before.json["sealed"], before.json["unsent"], before.json["counts"]) == (1, 1, {"queued": 1})
    (row,) = before.json["records"]
    assert (row["record_id"], row["state"], row["name"]) == (sealed.record_id, "queued", sealed.masked_name)
    for lang in ("id", "en"):
        table = fieldkit("queue", *words, home=home.path, lang=lang)
        assert sealed.masked_nik in table.out
        for personal in (NIK, NAME):
            assert personal not in table.out + before.out
    (home.path / "devices.toml").write_text("[plugin_that_was_removed]")  # what is wrong with a device stops no record
    sent = fieldkit("sync", "--once", "--json", *words, home=home.path)
    assert (sent.code, sent.err) == (0, "")
    assert (sent.json["acknowledged"], sent.json["waiting"], sent.json["counts_agree"]) == ([sealed.record_id], 0, True)
    again = fieldkit("sync", "--once", *words, home=home.path, lang="en")
    assert (again.code, again.out) == (0, "0 records acknowledged by the data center, 0 still waiting.\n")
    (row,) = fieldkit("queue", "--json", *words, home=home.path).json["records"]
    assert row["state"] == "acknowledged"
    assert row["acknowledged_at"]


def test_sync_sends_once(home: Home, passphrase_file: Path) -> None:
    assert refused("sync", *as_petugas(passphrase_file), home=home.path) == (2, "cli.sync_once")


def test_who_may_not_send_is_told(office: Office, tmp_path: Path, passphrase_file: Path) -> None:
    home = office.kit(tmp_path / "kit", STORES)
    words = ("sync", "--once", "--user", STORES.user_id, "--passphrase-file", passphrase_file)
    assert refused(*words, home=home.path) == (2, "delivery.not_your_role")


async def nonsense(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer everything with a page that a captive portal might show."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
        await send({"type": "http.response.body", "body": b"<html>Please log in</html>"})


@pytest.mark.days
def test_a_gateway_that_is_away_or_talks_nonsense_loses_nothing(tmp_path: Path, passphrase_file: Path) -> None:
    with open_office(tmp_path / "gateway") as office:
        home = office.kit(tmp_path / "kit", PETUGAS)
        with opened(home) as context:
            sealed = record(context).record
        office.server.stop()
        words = ("sync", "--once", *as_petugas(passphrase_file))
        assert refused(*words, home=home.path) == (3, "sync.unreachable")
        liar = GatewayServer(nonsense, *provision.tls_files(office.folder), "127.0.0.1", office.server.port)
        liar.start()
        try:
            assert refused(*words, home=home.path) == (3, "sync.nonsense")
            said = fieldkit(*words, "--json", home=home.path)
            assert (said.json["stopped_by"], said.json["waiting"]) == ("sync.nonsense", 1)
        finally:
            liar.stop()
    (row,) = fieldkit("queue", "--json", *as_petugas(passphrase_file), home=home.path).json["records"]
    assert (row["record_id"], row["state"]) == (sealed.record_id, "queued")


@pytest.mark.days
def test_a_gateway_with_anothers_certificate_is_not_spoken_to(tmp_path: Path, passphrase_file: Path) -> None:
    with open_office(tmp_path / "gateway") as office, open_office(tmp_path / "stranger") as stranger:
        home = office.kit(tmp_path / "kit", PETUGAS)
        office.server.stop()
        port, files = office.server.port, provision.tls_files(stranger.folder)
        liar = GatewayServer(nonsense, *files, "127.0.0.1", port)
        liar.start()
        try:
            code, problem = refused("sync", "--once", *as_petugas(passphrase_file), home=home.path)
        finally:
            liar.stop()
    assert (code, problem) == (3, "sync.untrusted_server")


def on_a_full_disk(home: Home, *words: object) -> subprocess.CompletedProcess[str]:
    """Run a command in a process whose files cannot grow beyond 16 KiB."""
    return subprocess.run(
        [sys.executable, "-m", "fieldkit", *map(str, words), "--home", str(home.path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024, 16 * 1024)),
    )


@pytest.mark.days
def test_a_full_disk_is_named_and_loses_nothing(home: Home, passphrase_file: Path) -> None:
    with opened(home) as context:
        sealed = record(context).record
    done = on_a_full_disk(home, "sync", "--once", *as_petugas(passphrase_file))
    assert done.returncode == 3, done.stderr
    (line,) = done.stderr.splitlines()
    found = PROBLEM.match(line)
    assert found
    assert found[1] in ("store.disk_full", "store.disk_failed")
    said = fieldkit("sync", "--once", "--json", *as_petugas(passphrase_file), home=home.path)
    assert (said.code, said.json["waiting"]) == (0, 0)
    (row,) = fieldkit("queue", "--json", *as_petugas(passphrase_file), home=home.path).json["records"]
    assert (row["record_id"], row["state"]) == (sealed.record_id, "acknowledged")


def test_the_doctor_looks_without_changing(tmp_path: Path) -> None:
    said = fieldkit("doctor", "--json", "--home", tmp_path / "kit")
    assert said.err == ""
    findings = {finding["name"]: finding for finding in said.json}
    assert findings["store"]["ok"]
    assert not findings["enrolled"]["ok"]
    assert said.code == (0 if all(f["ok"] for f in said.json if f["needed"]) else 3)
    assert fieldkit("doctor", "--home", tmp_path / "kit", lang="en").out
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_names_the_device_that_is_in_trouble() -> None:
    fault = Problem("device.jws_untrusted")
    assert _finding_row(Finding("devices", fault, "Contoh F1", is_needed=False))[1].endswith(": Contoh F1")
    assert ":" not in _finding_row(Finding("devices", fault, fault.code, is_needed=False))[1]


def test_what_the_doctor_could_not_check_has_no_tick() -> None:
    unchecked = Finding("swap", is_needed=False, is_checked=False)
    assert _finding_row(unchecked)[0] == "–"
    assert _finding_row(unchecked)[2] == messages().text("doctor.unchecked")
    assert _finding_as_json(unchecked)["ok"] is None
    assert _finding_row(Finding("swap"))[0] == "✓"
    assert _finding_as_json(Finding("swap"))["ok"] is True


@pytest.mark.days
def test_the_doctor_says_when_something_needed_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = fieldkit("doctor", "--json", "--home", tmp_path / "file" / "kit")
    assert said.code == 3
    closed = next(finding for finding in said.json if finding["name"] == "home")
    assert (closed["code"], closed["exit_code"]) == ("doctor.home_closed", 3)
    assert closed["remedy"].startswith("Periksa pemilik")
    for lang, remedy in (("id", "Periksa pemilik"), ("en", "Check that folder")):
        assert remedy in fieldkit("doctor", "--home", tmp_path / "file" / "kit", lang=lang).out.replace("\n", " ")


@pytest.mark.days
def test_lost_keys_are_not_taken_for_a_laptop_without_a_kit(home: Home) -> None:
    for copy in copies_of(home.slots):
        copy.unlink()
    assert refused("queue", home=home.path) == (3, "vault.slots_missing")
    home.database.unlink()
    assert refused("queue", home=home.path) == (2, "kit.not_enrolled")
    (home.sealed / "record.age").write_bytes(b"sealed")  # whose laptop this was
    assert refused("queue", home=home.path) == (3, "vault.slots_missing")
    assert not is_new(home)
    faults = {finding["code"] for finding in fieldkit("doctor", "--json", "--home", home.path).json}
    assert "doctor.slots_lost" in faults


@pytest.mark.days
def test_a_file_for_who_helps_is_written_without_a_passphrase(home: Home, tmp_path: Path) -> None:
    for lang in ("id", "en"):
        said = fieldkit("diagnose", "--home", home.path, "--out", tmp_path / lang / "d.zip", lang=lang)
        assert (said.code, said.err) == (0, "")
        assert str(tmp_path / lang / "d.zip") in said.out
        assert (tmp_path / lang / "d.zip").is_file()
    (tmp_path / "file").touch()
    assert refused("diagnose", "--home", home.path, "--out", tmp_path / "file" / "in") == (3, "stick.failed")


@pytest.mark.days
def test_what_lies_on_a_stick_is_handed_in(office: Office, home: Home, tmp_path: Path, passphrase_file: Path) -> None:
    """A laptop that died: its sealed folder goes over another one, and the office has its record."""
    dead = office.kit(tmp_path / "dead", PETUGAS)
    with opened(dead) as context:
        record_id = record(context).record.record_id
    words = ("sync", "--from", dead.sealed, *as_petugas(passphrase_file))
    said = fieldkit(*words, "--json", home=home.path)
    assert (said.code, said.err) == (0, "")
    assert said.json == {
        "found": 1,
        "carried": [record_id],
        "held_already": [],
        "adopted": [],
        "queued": [],
        "refused": [],
        "from_office": [],
        "office_problems": [],
        "stopped_by": None,
    }
    assert (dead.sealed / f"{record_id}.receipt").exists()
    (dead.sealed / "x.age").write_bytes(b"?")
    told = fieldkit(*words, home=home.path, lang="en")
    assert told.code == 2  # a program that reads no sentences hears it too
    assert told.out.startswith(
        "2 records found: 0 handed in, 1 were at the data center already, 0 are in this laptop's"
    )
    assert "Not taken: x. No manifest lies beside this sealed file." in told.out
    assert refused("sync", *as_petugas(passphrase_file), home=home.path) == (2, "cli.sync_once")
    with opened(dead) as context:  # it was not dead after all
        report = context.delivery.send(Nobody(), Nobody())
    assert (report.acknowledged, report.sent_bytes) == ((record_id,), 0)


@pytest.mark.days
def test_a_bundle_of_the_office_that_was_tampered_with_is_said(
    office: Office, home: Home, tmp_path: Path, passphrase_file: Path
) -> None:
    policy, stick = tmp_path / "policy.yaml", tmp_path / "stick"
    policy.write_text("name: Kediri\nfingers: {good: 71, enough: 50}\n")
    assert fieldkit("gateway", "publish", "--dir", office.folder, "policy", policy, "--all", "--out", stick).code == 0
    (bundle,) = stick.iterdir()
    words, whole = ("sync", "--from", stick, *as_petugas(passphrase_file)), bundle.read_bytes()
    bundle.write_bytes(whole.replace(b"good: 71", b"good: 17"))
    told = fieldkit(*words, home=home.path)
    assert (told.code, told.problem) == (2, "office.damaged")
    bundle.write_bytes(whole)
    told = fieldkit(*words, home=home.path)
    assert (told.code, "Dari kantor: Aturan perekaman - versi 1" in told.out) == (0, True)


@pytest.mark.days
def test_a_command_asks_for_the_second_factor_where_somebody_can_answer(
    home: Home, passphrase_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(home) as context:
        factor, now = context.second_factor, int(context.clock.now().timestamp())
        factor.begin(TotpCodes().code_at(factor.offer().secret, now // 30))
        spares = iter(factor.fresh_spares)
    me = ("--user", PETUGAS.user_id, "--passphrase-file", passphrase_file)
    assert refused("queue", *me, home=home.path) == (3, "factor.wanted")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda _question: next(spares))
    with opened_context(home, PETUGAS.user_id, passphrase_file) as context:
        assert context.second_factor.standing().spares_left == 9
    (home.path / "policy.yaml").write_text("name: uji\nsecond_factor: [admin_dinas]\n")
    admin = ("--user", "admin", "--passphrase-file", passphrase_file)
    assert refused("queue", *admin, home=home.path) == (2, "factor.set_up_first")


URL = "https://pusat.example:8443"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "gateway"
    assert fieldkit("gateway", "init", "--dir", made, "--dinas", "Dinas Uji", "--host", "pusat.example").code == 0
    return made


@pytest.mark.parametrize(
    "text",
    [
        "K01,ani\nK02,budi\n",
        "kit;admin\nK01;ani\n\nK02;budi\n",
        "\ufeffNo,Admin,Laptop\n1,ani,K01\n2,budi,K02\n",
    ],
)
def test_a_table_names_kit_and_admin(tmp_path: Path, text: str) -> None:
    (tmp_path / "kits.csv").write_text(text, "utf-8")
    assert kits_in(tmp_path / "kits.csv") == [("K01", "ani"), ("K02", "budi")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "slips.none"),
        ("K01\n", "slips.row"),
        ("K01,ani\nK01,budi\n", "slips.twice"),
        ("K01,A ni\n", "cli.user_id_form"),
    ],
)
def test_a_bad_row_is_named_before_any_code_is_made(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "kits.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        kits_in(tmp_path / "kits.csv")
    assert caught.value.code == code


@pytest.mark.days
def test_many_kits_get_one_sheet_of_slips(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kits.csv").write_text("".join(f"K{n:02},ani\n" for n in range(1, 8)))
    sheet = tmp_path / "slips.pdf"
    order = ("gateway", "enrol-code", "--dir", folder, "--url", URL, "--csv", tmp_path / "kits.csv")
    made = fieldkit(*order, "--sheet", sheet, "--json").json
    assert [each["kit"] for each in made] == [f"K{n:02}" for n in range(1, 8)]
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(sheet.read_bytes())]
    assert len(pages) == 2
    assert all(each["code"] in "".join(pages).replace("\r\n", "") for each in made)
    assert "Dinas Uji" in pages[0]
    assert sheet.stat().st_mode & 0o077 == 0
    assert refused(*order, "--sheet", sheet) == (2, "cli.exists")
    told = fieldkit(*order).out
    assert ("Laptop: K07, admin: ani" in told, told.count(URL)) == (True, 7)


def test_one_kit_or_a_table_has_to_be_named(folder: Path, tmp_path: Path) -> None:
    order = ("gateway", "enrol-code", "--dir", folder, "--url", URL)
    (tmp_path / "kits.csv").write_text("K01,ani\n")
    for wrong in ((), ("--kit", "K01"), ("--kit", "K01", "--admin", "ani", "--csv", tmp_path / "kits.csv")):
        assert refused(*order, *wrong) == (2, "slips.which")
