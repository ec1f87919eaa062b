"""A script of `packaging/`, run as its docstring says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_PROJECT = Path(__file__).parents[2]


def run_script(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `packaging/NAME.py`; return what it printed and how it ended."""
    environment = {**os.environ, "PYTHONPATH": str(_PROJECT)}
    command = [sys.executable, str(_PROJECT / "packaging" / f"{name}.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
