"""Programs of other hands from npm, run by node; where they cannot be had, a test is skipped with the reason."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from support.standstill import StandstillError, run_to_its_end

PROJECT = Path(__file__).parents[2]
INTEROP = PROJECT / "packaging" / "interop"


def npm_modules(package: str, lock: Path, variable: str) -> Path:
    """Return a folder where `package` is installed as the lock file beside `lock` says.

    The environment `variable` may name one where it is installed already.
    """
    if shutil.which("node") is None:
        pytest.skip(f"node is not installed: no {package} to compare with")
    folder = Path(os.environ.get(variable, PROJECT / ".venv" / f"interop-{package}"))
    if (folder / "node_modules" / package).is_dir():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"npm is not installed and {variable} names no folder with {package}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock / name, folder / name)
    command = [npm, "ci", "--silent", "--ignore-scripts", "--fetch-retries=0", "--fetch-timeout=20000"]
    try:
        run_to_its_end(command, cwd=folder).check_returncode()
    except (subprocess.CalledProcessError, StandstillError) as error:
        pytest.skip(f"npm cannot install {package}: {error}")
    return folder
