"""A process may take as long as it gets on; one that stops is found and ended."""

from __future__ import annotations

import subprocess
import sys
from itertools import count

import pytest
from support import standstill
from support.standstill import StandstillError, run_to_its_end, wait_until

SLEEPS = "import time\nprint('begun', flush=True)\nwhile True: time.sleep(60)"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each look count."""
    for name in ("STANDSTILL_S", "_LOOK_EACH_S"):
        monkeypatch.setattr(standstill, name, 0.0)


def test_who_tells_something_or_works_is_waited_for() -> None:
    turns = count()
    wait_until(lambda: next(turns) > 20, told=lambda: next(turns))
    works = "for _ in range(20_000_000): pass"
    with subprocess.Popen([sys.executable, "-c", works]) as process, pytest.MonkeyPatch.context() as patch:
        patch.setattr(standstill, "STANDSTILL_S", 30.0)
        wait_until(lambda: process.poll() is not None, process.pid)


def test_who_stops_is_ended_with_what_it_said() -> None:
    with pytest.raises(StandstillError) as failed:
        run_to_its_end([sys.executable, "-c", SLEEPS], text=True)
    assert "stands still" in str(failed.value)


def test_what_ends_is_told_as_by_subprocess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standstill, "STANDSTILL_S", 60.0)
    command = [sys.executable, "-c", "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"]
    done = run_to_its_end(command, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n")
