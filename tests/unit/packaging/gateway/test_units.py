"""Units, containers and the page about them name commands, options and files that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.unit.fieldkit.app.cli.test_named_commands import strange, tree

ROOT = Path(__file__).parents[4]
FILES = ROOT / "packaging" / "gateway"
PAGE = (ROOT / "docs" / "gateway.md").read_text("utf-8")


def unit(path: Path) -> dict[str, dict[str, str]]:
    read = configparser.RawConfigParser(strict=False, delimiters=("=",), interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text("utf-8"))
    return {name: dict(read[name]) for name in read.sections()}


def commands() -> list[tuple[str, str]]:
    """Return what each file starts, as `fieldkit …`."""
    found = []
    for path in FILES.glob("*.service"):
        for line in re.findall(r"^ExecStart=\S*(fieldkit .*)$", path.read_text("utf-8"), re.MULTILINE):
            found.append((path.name, line))
    compose = yaml.safe_load((FILES / "docker-compose.yml").read_text("utf-8"))["services"]
    found += [(name, f"fieldkit {compose[name]['command']}") for name in ("workers", "opener", "onward")]
    return found + [("docs/gateway.md", line) for line in re.findall(r"fieldkit gateway [^`\n]*", PAGE)]


def test_every_command_and_option_exists() -> None:
    known = tree()
    assert len(commands()) > 12
    for where, command in commands():
        assert list(strange(command, known)) == [], where
        words = max((each for each in known if command.startswith(f"fieldkit {each}") and each), key=len)
        assert set(re.findall(r"(?<= )--[a-z-]+", command)) <= known[words], (where, command)


def test_every_file_of_the_folder_is_told_and_every_file_told_is_there() -> None:
    there = {path.name for path in FILES.iterdir() if path.suffix not in (".py", "")} | {"Dockerfile"}
    told = set(
        re.findall(
            r"`((?:fieldkit-[\w@]+\.(?:service|timer))|(?:province|onward)\.env|Dockerfile|docker-compose\.yml)`", PAGE
        )
    )
    assert told == there


def test_units_run_without_rights_and_secrets() -> None:
    for path in FILES.glob("*.service"):
        service = unit(path)["Service"]
        assert (service["User"], service["UMask"], service["NoNewPrivileges"]) == ("fieldkit-gateway", "0077", "true")
        assert not re.search(r"password|secret=\w{8}", path.read_text("utf-8"), re.IGNORECASE)
    for path in FILES.glob("*.env"):
        for line in path.read_text("utf-8").splitlines():
            assert line.startswith("#") or re.fullmatch(r"[A-Z_]+=[^ ]*", line)
            assert not re.search(r"://[^/]*:[^/]*@", line)


def test_what_a_unit_is_told_stands_in_its_example() -> None:
    told = set(re.findall(r"\$\{?(ONWARD_\w+)", (FILES / "fieldkit-onward@.service").read_text("utf-8")))
    assert told == set(re.findall(r"^#?(ONWARD_\w+)=", (FILES / "onward.env").read_text("utf-8"), re.MULTILINE))


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_reads_the_units(tmp_path: Path) -> None:
    for path in (*FILES.glob("*.service"), *FILES.glob("*.timer")):
        # Programs and users of the package are not on this machine.
        text = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", path.read_text("utf-8"), flags=re.MULTILINE)
        text = re.sub(r"^(User|Group)=.*\n", "", text, flags=re.MULTILINE)
        (tmp_path / path.name.replace("@", "@1")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "fieldkit" in line and str(tmp_path) in line]
    assert ours == []
