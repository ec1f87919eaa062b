"""Every module can be imported without the modules of POSIX; `packaging/checks/posix_calls.py` finds its names.

Nothing is run on Windows here. What imports them where a function needs them asks for the platform first.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from posix_calls import MODULES

ROOT = Path(__file__).parents[2]
IMPORTER = """
import builtins, importlib, sys
blocked, ours = {blocked!r}, ("fieldkit", "ui", "sync", "drivers")
plain = builtins.__import__
def guarded(name, globals=None, locals=None, fromlist=(), level=0):
    who = (globals or {{}}).get("__name__", "")
    # These ask for the platform first, which is still this one.
    asks = who in ("fieldkit.storage.home_lock", "drivers.serial_line", "sync.gateway.server", "sync.gateway.blobs")
    if name.partition(".")[0] in blocked and who.startswith(ours) and not asks:
        raise ModuleNotFoundError(f"{{who}} needs {{name}}")
    return plain(name, globals, locals, fromlist, level)
builtins.__import__ = guarded
for name in {names!r}:
    importlib.import_module(name)
"""


def _files() -> Iterator[Path]:
    for package in ("fieldkit", "ui", "sync", "drivers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.relative_to(ROOT).parts:
                yield path


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.days
def test_every_module_can_be_imported_without_them() -> None:
    names = [_name(path) for path in _files() if path.name != "__main__.py"]
    script = IMPORTER.format(blocked=MODULES, names=names)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_whatever_opens_a_file_to_write_by_its_flags_writes_bytes_as_they_are() -> None:
    """Windows opens a descriptor for text unless told otherwise: each line end of a record became two bytes."""
    writing = re.compile(r"^.*os\.O_WRONLY \| os\.O_CREAT.*$", re.MULTILINE)
    found = {line.strip() for path in _files() for line in writing.findall(path.read_text("utf-8"))}
    empty = {"os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))"}
    assert {line for line in found if not any(word in line for word in ("O_BINARY", "_PLAIN"))} <= empty
    assert len(found) >= 5
