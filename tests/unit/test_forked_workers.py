"""Tests that run in forks are told, counted and torn down as if one process ran them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ONE = """
import os, time
from pathlib import Path
import pytest

def note(word):
    with Path("noted").open("a") as file:
        file.write(f"{word} {os.getpid()}\\n")

@pytest.fixture(scope="module")
def room():
    note("made")
    yield
    note("left")

@pytest.mark.parametrize("n", range(4))
def test_in_a_room(room, tmp_path, n):
    (tmp_path / "file").write_text("x")
    note("run")

def test_that_fails(room):
    print("on the way out")
    assert 1 == 2

def test_that_is_skipped():
    pytest.skip("for a reason")
"""
DEADLY = """
import os, signal

def test_before(): pass
def test_that_takes_its_process_down(): os.kill(os.getpid(), signal.SIGKILL)
def test_after(): pass
"""


def run(folder: Path, *options: str, **files: str) -> tuple[str, Counter[str]]:
    """Return what pytest says about some test files in two forks, and what the tests noted, without processes."""
    for name, source in files.items():
        (folder / f"test_{name}.py").write_text(source)
    plugins = ("-p", "support.forked_workers", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *plugins, "--workers", "2", "-rs", *options]
    env = {**os.environ, "PYTHONPATH": str(TESTS), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    noted = (folder / "noted").read_text().splitlines() if (folder / "noted").exists() else []
    return done.stdout + done.stderr, Counter(line.split()[0] for line in noted)


def counts(said: str) -> dict[str, int]:
    last = said.strip().splitlines()[-1]
    return {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}


def test_a_file_is_run_by_one_fork_and_everything_is_told(tmp_path: Path) -> None:
    said, noted = run(tmp_path, one=ONE, other=ONE)
    assert counts(said) == {"passed": 8, "failed": 2, "skipped": 2}
    assert noted == {"made": 2, "run": 8, "left": 2}, "a fixture of a module is made once and left"
    assert said.count("Captured stdout call") == 2
    assert "for a reason" in said


@pytest.mark.days
def test_single_tests_are_shared_out_and_each_fork_leaves_its_rooms(tmp_path: Path) -> None:
    said, noted = run(tmp_path, "--share", "test", one=ONE)
    assert counts(said) == {"passed": 4, "failed": 1, "skipped": 1}
    assert noted["run"] == 4
    assert 1 <= noted["made"] == noted["left"] <= 2


@pytest.mark.days
def test_a_test_that_takes_its_process_down_fails_and_the_others_run(tmp_path: Path) -> None:
    said, _ = run(tmp_path, "-v", deadly=DEADLY)
    assert counts(said) == {"passed": 2, "failed": 1}
    assert "FAILED" in said
    assert "the worker ended with -9 while it ran this test" in said


@pytest.mark.days
def test_the_first_failure_can_end_the_run(tmp_path: Path) -> None:
    said, _ = run(tmp_path, "-x", "--workers", "1", deadly=DEADLY)
    assert counts(said) == {"passed": 1, "failed": 1}
    assert "stopping after 1 failures" in said


@pytest.mark.days
def test_without_workers_pytest_runs_them_itself(tmp_path: Path) -> None:
    said, _ = run(tmp_path, "--workers", "0", one=ONE)
    assert counts(said) == {"passed": 4, "failed": 1, "skipped": 1}
