"""A program that crashes must not leave its memory, and the keys in it, on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PR_GET_DUMPABLE, _PR_SET_DUMPABLE = 3, 4
# Of SetErrorMode: a crash ends the process at once and Windows Error Reporting does not hear of it.
_NO_ERROR_REPORT = 0x0002
_LOCAL_DUMPS = r"SOFTWARE\Microsoft\Windows\Windows Error Reporting\LocalDumps"
DEBUG = "FIELDKIT_DEBUG"  # who debugs the program may look into its memory


def forbid() -> None:
    """Let this process leave no core dump: no file by its limit, on Linux none to a program, on Windows none to WER."""
    if os.environ.get(DEBUG):
        return
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(ctypes.windll.kernel32.GetErrorMode() | _NO_ERROR_REPORT)
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not bind a core_pattern that pipes to a program (core(5)); this does.
    _prctl(_PR_SET_DUMPABLE, 0)


def are_off(pattern_file: Path = Path("/proc/sys/kernel/core_pattern")) -> tuple[bool, str]:
    """Return whether this process leaves no core dump, and by what: its limit, the pattern, the kernel's flag.

    On Windows: whether the laptop keeps crash dumps (LocalDumps), and whether a crash of this process is reported.
    """
    if sys.platform == "win32":
        return _are_windows_dumps_off()
    import resource

    limit = resource.getrlimit(resource.RLIMIT_CORE)[0]
    try:
        pattern = pattern_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        pattern = ""
    is_undumpable = _prctl(_PR_GET_DUMPABLE, 0) == 0
    said = "unlimited" if limit == resource.RLIM_INFINITY else str(limit)
    return is_undumpable or (limit == 0 and not pattern.startswith("|")), f"ulimit -c {said}; {pattern}".rstrip("; ")


def _are_windows_dumps_off() -> tuple[bool, str]:
    if sys.platform != "win32":
        raise NotImplementedError
    import ctypes
    import winreg

    is_silent = bool(ctypes.windll.kernel32.GetErrorMode() & _NO_ERROR_REPORT)
    try:
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _LOCAL_DUMPS))
    except FileNotFoundError:
        return is_silent, f"LocalDumps -; error mode {'on' if is_silent else 'off'}"
    return False, "LocalDumps"


def _prctl(what: int, value: int) -> int:
    if sys.platform != "linux":
        return -1
    import ctypes

    return int(ctypes.CDLL(None).prctl(what, value, 0, 0, 0))
