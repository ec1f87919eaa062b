from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from support.clock import true_clock
from support.commands import fieldkit, refused
from support.gateway import Kit, open_plainly, receive
from support.onward import valid_record

from fieldkit.app.cli.gateway_records import who_looks
from sync.gateway import provision
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.opener import Opener
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled

NIK = "3315014107900001"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "gateway"
    provision.init(folder, {"dinas": "Dinas Uji", "zone": "WITA"}, ["127.0.0.1"], true_clock())
    return folder


@pytest.fixture
def received(folder: Path) -> list[str]:
    """Two records of a kit; the first is valid."""
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    kit: Kit = enrolled(folder, gateway_context, clock, "kit-01")
    made = []
    for _ in range(2):
        record_id, manifest, sealed, _ = kit.record(size=400, nik=NIK)
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        if not made:
            Opener(gateway_context, open_plainly, NikRule()).run_pending()
        made.append(record_id)
    gateway_context.engine.dispose()
    return made


def test_records_are_listed_by_page_and_state(folder: Path, received: list[str]) -> None:
    first = fieldkit("gateway", "records", "list", "--dir", folder, "--size", 1, "--json")
    assert (first.code, len(first.json["records"])) == (0, 1)
    rest = fieldkit("gateway", "records", "list", "--dir", folder, "--after", first.json["after"], "--json")
    assert {line["record_id"] for line in first.json["records"] + rest.json["records"]} == set(received)
    valid = fieldkit("gateway", "records", "list", "--dir", folder, "--state", "valid", "--onward", "none", "--json")
    assert [(line["record_id"], line["kit"]) for line in valid.json["records"]] == [(received[0], "kit-01")]
    table = fieldkit("gateway", "records", "list", "--dir", folder, "--kit", "kit-01", "--size", 1, lang="en")
    assert "kit-01" in table.out
    assert "WITA" in table.out
    assert "--after" in table.out


def test_a_record_is_found_by_its_number_and_the_look_is_written_down(folder: Path, received: list[str]) -> None:
    found = fieldkit("gateway", "records", "find", received[0], "--dir", folder, "--json")
    assert [said["code"] for said in found.json[0]["statuses"]] == ["RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD"]
    assert "PRINT_READY_RECORD" in fieldkit("gateway", "records", "find", received[0], "--dir", folder).out
    assert fieldkit("gateway", "records", "find", NIK, "--dir", folder, lang="en").problem == "records.unknown"
    log = fieldkit("gateway", "records", "log", "--dir", folder, "--json").json
    assert [(look["act"], look["about"]) for look in log] == [
        ("records.find", "••••"),
        ("records.find", received[0]),
        ("records.find", received[0]),
    ]
    assert {look["who"] for look in log} == {who_looks()}
    assert received[0] in fieldkit("gateway", "records", "log", "--dir", folder).out
    older = fieldkit("gateway", "records", "log", "--dir", folder, "--before", log[1]["number"], "--json")
    assert older.json == log[2:]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--state", "good"], "cli.not_one_of"),
        (["--onward", "gone"], "cli.not_one_of"),
        (["--day", "21-11-2026"], "cli.no_day"),
        (["--after", "x"], "records.page"),
    ],
)
def test_what_cannot_be_asked_is_told(folder: Path, words: list[str], code: str) -> None:
    assert refused("gateway", "records", "list", "--dir", folder, *words) == (2, code)


def test_a_record_is_exported_for_a_reason(folder: Path, tmp_path: Path) -> None:
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    record_id = valid_record(folder, gateway_context, enrolled(folder, gateway_context, clock, "kit-01"), NIK)
    gateway_context.engine.dispose()
    words = ("gateway", "records", "export", record_id, "--dir", folder, "--to", tmp_path / "out")
    assert refused(*words, "--reason", " ") == (2, "records.no_reason")
    said = fieldkit(*words, "--reason", "asked by the police, letter 7", "--json")
    (path,) = (Path(name) for name in said.json["files"])
    assert (path, json.loads(path.read_bytes())["biographicData"]["nik"]) == (
        tmp_path / "out" / record_id / "enrollment.json",
        NIK,
    )
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert refused(*words, "--reason", "again") == (2, "cli.exists")
    assert "1" in fieldkit(*words, "--reason", "again", "--overwrite", "--format", "an2", lang="en").out
    (look, *_) = fieldkit("gateway", "records", "log", "--dir", folder, "--json").json
    assert (look["act"], look["about"], look["reason"]) == ("records.export", f"{record_id} an2", "again")


def test_what_stopped_is_tried_again_for_a_reason(folder: Path, received: list[str]) -> None:
    words = ("gateway", "records", "retry", "--dir", folder, "--reason", "update installed")
    assert fieldkit(*words, "--json").json == {"open": [], "onward": []}
    assert "0" in fieldkit(*words).out
    assert refused(*words, "--handed-over") == (2, "records.name_them")
    said = fieldkit(*words, received[0])
    assert (said.code, said.problem) == (2, "records.nothing_stopped")
