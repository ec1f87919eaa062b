"""A program and all that it starts, ended together."""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import sys
from typing import Any

# JOBOBJECT_EXTENDED_LIMIT_INFORMATION of 64-bit Windows: its class, its size, and where which flag stands in it.
_EXTENDED_LIMITS, _LIMITS_BYTES, _FLAGS_AT, _KILL_ON_CLOSE = 9, 144, 16, 0x2000


class ProcessTree:
    """Holds a process that was started with `start_new_session`, and what it starts from now on.

    Windows knows no sessions: a job object holds them, and they end with the handle, so also when this program dies.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._job = _job_of(process)

    def kill(self) -> None:
        """End all of it; idempotent."""
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            return
        if self._job:
            _kernel().TerminateJobObject(self._job, 1)
            _kernel().CloseHandle(self._job)
            self._job = 0
        self._process.kill()


def _job_of(process: subprocess.Popen[bytes]) -> int:
    """Return the handle of a job that holds the process; 0 where there are none, or the system grants none."""
    if sys.platform != "win32":
        return 0
    kernel = _kernel()
    limits = bytearray(_LIMITS_BYTES)
    struct.pack_into("<I", limits, _FLAGS_AT, _KILL_ON_CLOSE)
    job: int = kernel.CreateJobObjectW(None, None) or 0
    kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, bytes(limits), _LIMITS_BYTES)
    if not kernel.AssignProcessToJobObject(job, int(process._handle)):
        kernel.CloseHandle(job)
        return 0
    return job


def _kernel() -> Any:
    if sys.platform != "win32":
        raise NotImplementedError
    import ctypes
    from ctypes import c_int, c_void_p, c_wchar_p

    kernel = ctypes.WinDLL("kernel32")  # of our own: the shared one keeps types that others gave it
    kernel.CreateJobObjectW.argtypes, kernel.CreateJobObjectW.restype = [c_void_p, c_wchar_p], c_void_p
    kernel.SetInformationJobObject.argtypes = [c_void_p, c_int, c_void_p, c_int]
    kernel.AssignProcessToJobObject.argtypes = [c_void_p, c_void_p]
    kernel.TerminateJobObject.argtypes = [c_void_p, c_int]
    kernel.CloseHandle.argtypes = [c_void_p]
    return kernel
