from __future__ import annotations

import subprocess
import sys


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "fieldkit", *arguments], capture_output=True, text=True, check=False)


def test_the_module_runs_a_command() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "enrol" in done.stdout


def test_the_exit_code_reaches_the_shell() -> None:
    done = run("no-such-command")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("[cli.usage]\n")
