"""Ctrl-C in the terminal of `make run`: the window closes, and nothing that the demo started lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.local_log import log_files

pytestmark = pytest.mark.faults
_PATIENCE_S = 120.0


def start(place: Path) -> subprocess.Popen[bytes]:
    """Open the demo as `make run` does, in a process group of its own, as a terminal's job is."""
    environment = {**os.environ, "DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "fieldkit", "run", "--demo", "--home", str(place)]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)


def interrupted(running: subprocess.Popen[bytes]) -> tuple[int, bytes, list[psutil.Process]]:
    """Press Ctrl-C; return the exit code, what was said, and what was started and lives."""
    children = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=_PATIENCE_S)
    _, alive = psutil.wait_procs(children, timeout=10)
    return running.returncode, said, alive


def test_ctrl_c_ends_the_window_and_all_that_it_started(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for _ in range(2):  # the second run finds all prepared
        before = sum(file.stat().st_size for file in log_files(home.path))
        running = start(tmp_path)
        wait_for(lambda known=before: sum(f.stat().st_size for f in log_files(home.path)) > known, running)
        assert len(psutil.Process(running.pid).children()) >= 2  # data center and devices
        code, said, alive = interrupted(running)
        assert code in (0, 130)  # 130 just before the window is built
        assert (said, alive) == (b"", [])


def test_ctrl_c_during_the_preparation_leaves_nothing_behind_either(tmp_path: Path) -> None:
    running = start(tmp_path)
    wait_for(lambda: bool(psutil.Process(running.pid).children()), running)
    code, said, alive = interrupted(running)
    assert (code, alive) == (130, [])
    assert b"Traceback" not in said
