"""Whether a process still gets on: a busy machine is no standstill, so nobody counts seconds of the clock alone."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psutil

STANDSTILL_S = 60.0
_LEAST_WORK_S = 1.0  # of a processor in that time: who only looks again and again whether something came works less
_LOOK_EACH_S = 0.5
_POLL_S = 0.005


class StandstillError(AssertionError):
    """Nothing more was told and nothing was worked for so long."""


class Progress:
    """Watches processes with all that they started; `told` is what they said so far, in any form."""

    def __init__(self, pids: Sequence[int], told: Callable[[], object] = lambda: None) -> None:
        self._pids, self._told = pids, told
        self._worked_s, self._known = worked_s(pids), told()
        self._moved_at = self._looked_at = time.monotonic()

    def demand(self) -> None:
        """Raise `StandstillError` when they have stopped."""
        now = time.monotonic()
        if now < self._looked_at + _LOOK_EACH_S:
            return
        self._looked_at = now
        told, worked = self._told(), worked_s(self._pids)
        if told != self._known or abs(worked - self._worked_s) > _LEAST_WORK_S:
            self._known, self._worked_s, self._moved_at = told, worked, now
        elif now > self._moved_at + STANDSTILL_S:
            raise StandstillError(f"stands still for {STANDSTILL_S:.0f} s after {told!r}")


def worked_s(pids: Sequence[int]) -> float:
    """Return how long processes worked with all that they started, in seconds of processor."""
    worked = 0.0
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(pid)
            for each in (first, *first.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    worked += sum(each.cpu_times()[:4])
    return worked


def wait_until(
    is_so: Callable[[], object], *pids: int, told: Callable[[], object] | None = None, every_s: float = _POLL_S
) -> None:
    """Wait for what must come, however busy the machine is. Raise `StandstillError` when processes stop before it.

    Where no process and nothing told is watched, what never comes ends with the time of the test.
    """
    progress = Progress(pids, told or (lambda: None)) if pids or told else None
    while not is_so():
        if progress:
            progress.demand()
        time.sleep(every_s)


def end_of(process: subprocess.Popen[Any]) -> tuple[Any, Any]:
    """Return what a process said on its streams until it ended; when it stands still, kill it and raise."""
    said: list[tuple[Any, Any]] = []
    reader = threading.Thread(target=lambda: said.append(process.communicate()))
    reader.start()
    try:
        wait_until(lambda: not reader.is_alive(), process.pid)
    except StandstillError as error:
        process.kill()
        reader.join()
        raise StandstillError(f"{process.args} {error}: {said}") from error
    return said[0]


def run_to_its_end(command: Sequence[object], **how: Any) -> subprocess.CompletedProcess[Any]:
    """Run a command as `subprocess.run` does with captured output; it may take as long as it gets on."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([str(part) for part in command], **{**streams, **how}) as process:
        out, err = end_of(process)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)
