"""Ctrl-C in the terminal of `make run`: the window closes, and nothing that the demo started lives on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from support.standstill import end_of, wait_until

from fieldkit.app.bootstrap.clock import log_files
from fieldkit.app.bootstrap.home import Home

pytestmark = pytest.mark.faults
# A shell says 130 of both: Python ends by the signal itself where it came while a text was executed, as by dataclasses.
INTERRUPTED = (130, -signal.SIGINT)


@contextmanager
def started(place: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Open the demo as `make run` does, in a process group of its own, as a terminal's job is."""
    environment = {**os.environ, "DISPLAY": ":0", "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "fieldkit", "run", "--demo", "--home", str(place)]
    # A shell without a terminal lets what it starts in the background ignore Ctrl-C, and so these tests: no demo would
    # hear of it. What a process handles itself begins anew in its children.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        running = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with running:
        try:
            yield running
        finally:
            running.kill()


def wait_for(condition: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: condition() or running.poll() is not None, running.pid)
    assert running.poll() is None


def interrupted(running: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Press Ctrl-C; return the exit code and what was said, once all that was started has ended."""
    children = psutil.Process(running.pid).children(recursive=True)
    os.killpg(running.pid, signal.SIGINT)
    _, said = end_of(running)
    wait_until(lambda: not any(child.is_running() for child in children), *(child.pid for child in children))
    return running.returncode, said


def test_ctrl_c_ends_the_window_and_all_that_it_started(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    for _ in range(2):  # the second run finds all prepared
        before = sum(file.stat().st_size for file in log_files(home.path))
        with started(tmp_path) as running:
            wait_for(lambda known=before: sum(f.stat().st_size for f in log_files(home.path)) > known, running)
            assert len(psutil.Process(running.pid).children()) >= 2  # data center and devices
            code, said = interrupted(running)
        assert code in (0, *INTERRUPTED), said  # interrupted just before the window is built
        assert said == b""


def test_ctrl_c_during_the_preparation_leaves_nothing_behind_either(tmp_path: Path) -> None:
    with started(tmp_path) as running:
        wait_for(lambda: bool(psutil.Process(running.pid).children()), running)
        code, said = interrupted(running)
    assert code in INTERRUPTED, said
    assert b"Traceback" not in said
