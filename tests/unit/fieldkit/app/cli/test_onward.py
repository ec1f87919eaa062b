from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.clock import true_clock
from support.commands import fieldkit, refused
from support.gateway import enrolled_kit
from support.onward import valid_record

from fieldkit.vault.age import generate_identity
from sync.gateway import provision


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], true_clock())
    return tmp_path / "gateway"


@pytest.fixture
def record_id(folder: Path) -> str:
    clock = true_clock()
    gateway_context = provision.open_gateway(folder, clock)
    made = valid_record(folder, gateway_context, enrolled_kit(folder, gateway_context, clock, "kit-01"))
    gateway_context.engine.dispose()
    return made


def test_a_folder_takes_what_is_valid_and_its_answers_come_back(folder: Path, record_id: str, tmp_path: Path) -> None:
    words = ("gateway", "onward", "--dir", folder, "--to", f"folder:{tmp_path / 'out'}", "--as", "SIAK", "--once")
    done = fieldkit(*words, "--json")
    assert (done.code, done.json["handed_over"]) == (0, 1)
    enrollment = json.loads((tmp_path / "out" / "batch-000001" / record_id / "enrollment.json").read_bytes())
    assert enrollment["enrollmentId"] == record_id
    answers = tmp_path / "out" / "answers" / "a.csv"
    answers.write_text(f"nomor_rekaman,hasil,nomor_resmi\n{record_id},diterima,REG-9\n")
    os.utime(answers, (time.time() - 60,) * 2)
    assert "Answers read: 1" in fieldkit(*words, lang="en").out
    (found,) = fieldkit("gateway", "records", "find", "REG-9", "--dir", folder, "--json").json
    assert (found["record_id"], found["onward"]["state"]) == (record_id, "acknowledged")
    assert [said["code"] for said in found["statuses"] if said["source"] == "SIAK"] == [
        "SENT_FOR_ENROLLMENT",
        "RECEIVED_AT_CENTRAL",
    ]


def test_what_keeps_it_from_working_is_named(folder: Path, record_id: str, tmp_path: Path) -> None:
    words = ("gateway", "onward", "--dir", folder, "--once", "--to")
    assert refused(*words, "dinas") == (2, "onward.no_such_way")
    assert refused(*words, f"folder:{tmp_path}", "--identity", tmp_path / "none") == (2, "vault.identity_absent")
    other = tmp_path / "other.identity"
    other.write_text(generate_identity().secret_text + "\n")
    other.chmod(0o600)
    assert fieldkit(*words, f"folder:{tmp_path}", "--identity", other, "--json").json["failed"] == 1


@pytest.mark.allow_logs
def test_a_folder_that_cannot_be_written_makes_records_wait(folder: Path, record_id: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    to = f"folder:{tmp_path / 'file' / 'out'}"
    said = fieldkit("gateway", "onward", "--dir", folder, "--once", "--to", to, "--as", "SIAK")
    assert (said.code, said.problem) == (3, "onward.away")


@pytest.mark.days
def test_it_goes_on_until_it_is_told_to_end(folder: Path, record_id: str, tmp_path: Path) -> None:
    to = f"folder:{tmp_path / 'out'}"
    command = [sys.executable, "-m", "fieldkit", "gateway", "onward", "--dir", folder, "--to", to, "--every", "0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert "1" in program.stdout.readline()
        program.send_signal(signal.SIGTERM)
        assert program.wait() == 0
    assert (tmp_path / "out" / "batch-000001" / "manifest.json").exists()
