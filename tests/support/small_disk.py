"""A true small disk: a tmpfs in a mount namespace of its own, with a program on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def on_a_small_disk(folder: Path, megabytes: int, *python: str) -> list[str]:
    """Run Python with these arguments while a folder is a disk of so many megabytes; return the lines that it said."""
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a small disk (unshare -rm)")
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    mounted = f'mount -t tmpfs -o size={megabytes}m none "{folder}" && "$@"'
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", mounted, "sh", sys.executable, *python],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stderr == ""
    return done.stdout.splitlines()
