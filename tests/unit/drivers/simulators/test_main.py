"""The simulated kit as a process of its own, as the demo starts it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.standstill import wait_until


@pytest.fixture
def process(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "drivers.simulators", "--ports-file", str(tmp_path / "ports.json"), "--seed", "9"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield process
        process.kill()


@pytest.fixture
def addresses(process: subprocess.Popen[bytes], tmp_path: Path) -> dict[str, Any]:
    wait_until(lambda: (tmp_path / "ports.json").exists() or process.poll() is not None)
    found = json.loads((tmp_path / "ports.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


@pytest.mark.days
def test_it_writes_where_its_devices_are(addresses: dict[str, Any]) -> None:
    assert addresses["finger"] in addresses["sbi"]
    assert addresses["camera"].startswith("http://127.0.0.1:")
    assert Path(addresses["topaz"]).exists()
    assert "BEGIN CERTIFICATE" in Path(addresses["trust"]).read_text("ascii")


@pytest.mark.days
def test_it_obeys_lines_on_its_socket_and_on_its_input(
    process: subprocess.Popen[bytes], addresses: dict[str, Any]
) -> None:
    with socket.create_connection(("127.0.0.1", addresses["control"])) as line:
        line.sendall(b"present 1 blue\ndance\n")
        answers = b""
        while answers.count(b"\n") < 2:
            answers += line.recv(200)
    assert answers.splitlines()[0] == b"ok synthetic-10"
    assert answers.splitlines()[1].startswith(b"error not understood")
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"nobody\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"ok\n"


@pytest.mark.days
def test_it_ends_with_its_input(process: subprocess.Popen[bytes], addresses: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0
    assert not Path(addresses["topaz"]).exists()
