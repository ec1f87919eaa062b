"""A program that crashes must not leave its memory, and the keys in it, on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
DEBUG = "FIELDKIT_DEBUG"  # who debugs the program may look into its memory


def forbid() -> None:
    """Let this process leave no core dump: no file by its limit, and on Linux none to a program either."""
    if sys.platform == "win32" or os.environ.get(DEBUG):
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not bind a core_pattern that pipes to a program (core(5)); this does.
    _prctl(_PR_SET_DUMPABLE, 0)


def are_off(pattern_file: Path = Path("/proc/sys/kernel/core_pattern")) -> tuple[bool, str]:
    """Return whether this process leaves no core dump, and by what: its limit, the pattern, the kernel's flag."""
    if sys.platform == "win32":
        return True, ""
    import resource

    limit = resource.getrlimit(resource.RLIMIT_CORE)[0]
    try:
        pattern = pattern_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pattern = ""
    is_undumpable = _prctl(_PR_GET_DUMPABLE, 0) == 0
    said = "unlimited" if limit == resource.RLIM_INFINITY else str(limit)
    return is_undumpable or (limit == 0 and not pattern.startswith("|")), f"ulimit -c {said}; {pattern}".rstrip("; ")


def _prctl(what: int, value: int) -> int:
    if sys.platform != "linux":
        return -1
    import ctypes

    return int(ctypes.CDLL(None).prctl(what, value, 0, 0, 0))
