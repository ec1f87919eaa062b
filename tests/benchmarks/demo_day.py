"""Perform a day through the real screens as `fieldkit demo` does, and say what it was to the window: `OUT PEOPLE`.

Prints, as JSON, the resident MiB of the process after each person, and each time for which the thread of the window
worked on without looking at what came in, in ms of a processor; less than 20 ms are not told. Devices and data center
are other processes.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication
from PySide6.QtTest import QTest

from fieldkit.app.cli import main
from fieldkit.app.demo import day
from ui.runtime import typist

_, OUT, PEOPLE = sys.argv
LEAST_MS = 20.0
worked_ms: list[float] = []
resident: list[float] = []


def timed(work: Callable[..., Any]) -> Callable[..., Any]:
    """Note how long the window's thread is busy with what came in."""

    def do(*given: Any) -> Any:
        begun = time.thread_time()
        try:
            return work(*given)
        finally:
            if (took := (time.thread_time() - begun) * 1000) >= LEAST_MS:
                worked_ms.append(took)

    return do


class Served(QCoreApplication):
    """What the robot serves the window with; waiting takes nothing of a processor."""

    processEvents = staticmethod(timed(QCoreApplication.processEvents))  # noqa: N815 – Qt's name
    sendPostedEvents = staticmethod(timed(QCoreApplication.sendPostedEvents))  # noqa: N815 – Qt's name


class Pressed(QTest):
    """What the robot presses keys with."""

    keySequence = staticmethod(timed(QTest.keySequence))  # noqa: N815 – Qt's name
    keyClicks = staticmethod(timed(QTest.keyClicks))  # noqa: N815 – Qt's name


def record(robot: Any, person: Any) -> Any:
    """Record as ever, then look at the memory."""
    told = recorded(robot, person)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    resident.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
    return told


recorded = day._record
day._record = record
typist.QCoreApplication, typist.QTest = Served, Pressed  # type: ignore[misc]  # what is measured
sys.argv = ["fieldkit", "demo", "--json", "--out", OUT, "--people", PEOPLE]
with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
    main()
print(json.dumps({"resident_mib": resident, "worked_ms": worked_ms}), flush=True)
os._exit(0)
