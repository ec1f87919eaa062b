"""The data center runs without what only a kit has: Qt, OpenCV, card and serial libraries, the encrypted store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OF_A_KIT = {"PySide6", "shiboken6", "cv2", "smartcard", "serial", "sqlcipher3", "typst", "pyhanko", "pypdfium2"} | {
    "holidays", "psutil"
}  # fmt: skip
PROGRAM = """
import importlib, pkgutil, sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Absent())
import sync.gateway
for module in pkgutil.walk_packages(sync.gateway.__path__, "sync.gateway."):
    if ".migrations" not in module.name:  # alembic imports these itself
        importlib.import_module(module.name)
from fieldkit.app.cli.commands import perform
done = perform(["gateway", "init", "--dir", sys.argv[1], "--dinas", "Dinas"])
sys.exit(done or perform(["gateway", "publish", "--dir", sys.argv[1], "policy", "assets/policy/default.yaml", "--all"]))
"""


@pytest.mark.days
def test_it_begins_without_the_libraries_of_a_kit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM.format(absent=OF_A_KIT), str(tmp_path / "center")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "center" / "gateway.json").exists()
