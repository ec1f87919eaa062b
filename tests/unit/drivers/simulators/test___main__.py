from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.standstill import wait_until


@pytest.fixture
def process(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], dict[str, object]]]:
    file = tmp_path / "ports.json"
    command = [sys.executable, "-W", "error", "-m", "drivers.simulators", "--seed", "5", "--ports-file", str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        wait_until(lambda: file.exists() or running.poll() is not None)
        yield running, json.loads(file.read_text(encoding="utf-8"))
        running.kill()


def is_listening(url: object) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", int(str(url).split(":")[2].split("/")[0]))) == 0


@pytest.mark.days
def test_obeys_standard_input_and_the_control_socket(process) -> None:
    running, addresses = process
    assert all(is_listening(url) for url in (*addresses["sbi"], addresses["camera"]))
    assert Path(addresses["trust"]).exists()
    running.stdin.write(b"present 2 RIGHT_THUMB=worn\n")
    running.stdin.flush()
    assert running.stdout.readline() == b"ok synthetic-7\n"
    with socket.create_connection(("127.0.0.1", addresses["control"])) as line:
        line.sendall(b"fault busy\nunplug iris\ndance\nquit\n")
        with line.makefile("rb") as answers:
            assert [answers.readline() for _ in range(4)] == [
                b"ok\n",
                b"ok\n",
                b"error not understood: dance\n",
                b"ok\n",
            ]
    assert running.wait() == 0
    assert running.stderr.read() == b""
    assert not Path(addresses["trust"]).exists()


@pytest.mark.days
def test_never_outlives_the_program_that_started_it(process) -> None:
    running, addresses = process
    running.stdin.close()
    assert running.wait() == 0  # its ports may be another worker's by now
    assert not Path(addresses["trust"]).exists()


@pytest.mark.days
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_on_a_signal_without_a_word(process, number: signal.Signals) -> None:
    running, _ = process
    running.send_signal(number)
    assert running.wait() == 0
    assert running.stderr.read() == b""


@pytest.mark.days
@pytest.mark.parametrize("given", ["/dev/null", "lines"])
def test_a_file_as_input_is_obeyed_and_an_empty_one_refused_in_a_sentence(given: str, tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("nobody\n")
    command = [sys.executable, "-m", "drivers.simulators", "--ports-file", str(tmp_path / "ports.json")]
    with (tmp_path / given).open("rb") as lines:
        done = subprocess.run(command, stdin=lines, capture_output=True, text=True, check=False)
    if given == "lines":
        assert (done.returncode, done.stdout, done.stderr) == (0, "ok\n", "")
    else:
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.splitlines()[-1].startswith("python -m drivers.simulators: error: the devices end with")
        assert not (tmp_path / "ports.json").exists()
