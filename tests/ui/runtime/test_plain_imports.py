"""After Qt is loaded, importing costs what it costs without Qt."""

from __future__ import annotations

import subprocess
import sys

_SCRIPT = """
import builtins, inspect
import PySide6.QtCore
{call}
read = []
inspect.getsource = lambda module: read.append(module.__name__) or ""
import wave
from PySide6.QtCore import QObject, Signal
class Bell(QObject):
    rung = Signal()
assert Bell().rung is not None
print(read)
"""


def _read_while_importing(call: str) -> str:
    done = subprocess.run([sys.executable, "-c", _SCRIPT.format(call=call)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_no_source_is_read_for_an_import() -> None:
    assert _read_while_importing("from ui.runtime.plain_imports import import_plainly; import_plainly()") == "[]"


def test_the_import_of_qt_reads_sources() -> None:
    """When this fails PySide6 has mended it, and `plain_imports` can go."""
    assert "wave" in _read_while_importing("")
