from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import fieldkit, refused

from fieldkit.app.cli import absent


@pytest.mark.parametrize(
    "words",
    [
        ["no-such-command"],
        ["queue", "--no-such-option"],
        ["capture", "fingers"],
        ["capture", "toes", "--out", "x"],
        ["capture", "fingers", "--out", "x", "--position", "LEFT_TOE"],
        ["capture", "fingers", "--out", "x", "--timeout", "soon"],
        ["demo"],
        ["demo", "--out", "x", "--people", "0"],
        ["user", "add", "budi"],
        ["user", "add", "budi", "--name", "B", "--role", "king", "--admin", "a", "--new-passphrase-file", "x"],
        ["gateway", "no-such-command"],
        ["record", "open"],
        ["record", "verify", "file"],
        ["audit", "verify", "surplus"],
    ],
)
def test_wrong_use_is_one_clear_sentence(words: list[str]) -> None:
    assert refused(*words) == (2, "cli.usage")


def test_it_tells_its_version() -> None:
    said = fieldkit("--version")
    assert (said.code, said.err) == (0, "")
    assert re.fullmatch(r"fieldkit \d+\.\d+\.\d+\n", said.out)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("drivers.simulators", "cli.no_demo"),
        ("fieldkit.app.demo.day", "cli.no_demo"),
        ("ui", "cli.other_package"),
        ("fastapi", "cli.part_missing"),
        ("ui.nothing_of_that_name", None),  # a mistake of ours, which shows itself
    ],
)
def test_what_an_installation_does_without_is_one_sentence(module: str, code: str | None) -> None:
    problem = absent(module)
    assert (problem.code if problem else None) == code


@pytest.mark.parametrize("words", [[], ["gateway"], ["record"], ["audit"], ["user"]])
def test_a_bare_command_shows_what_there_is(words: list[str]) -> None:
    said = fieldkit(*words)
    assert (said.code, said.err) == (2, "")
    assert "--help" in said.out


@pytest.mark.parametrize(
    "command",
    [
        "run", "demo", "doctor", "enrol", "devices", "capture", "sync", "queue", "user add",
        "gateway init", "gateway serve", "gateway enrol-code", "record open", "record verify", "audit verify",
    ],
)  # fmt: skip
def test_every_command_tells_its_options(command: str) -> None:
    said = fieldkit(*command.split(), "--help")
    assert (said.code, said.err) == (0, "")
    assert "--help" in said.out


def test_a_folder_that_the_system_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert refused("gateway", "init", "--dir", tmp_path / "file" / "in", "--dinas", "Uji") == (3, "cli.system")


def test_a_reader_that_goes_away_is_no_crash() -> None:
    command = f"{sys.executable} -m fieldkit --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=True)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
