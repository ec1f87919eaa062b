"""Collects garbage on the thread of the window.

Python looks for garbage on whichever thread just made something. A closed screen is a circle of references, so an
executor could come to destroy a widget, and Qt's widgets may only die where they live.
"""

from __future__ import annotations

import builtins
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

import PySide6.QtCore  # noqa: F401 – loading it is what puts the other import in place
from PySide6.QtCore import QObject, QSocketNotifier, QTimer

# Python's own import, after Qt has been loaded.


def import_plainly() -> None:
    """Take back the import of Python that PySide6 wraps.

    Its wrapper reads the source of every module imported later, to find users of `from __feature__ import …`. Nothing
    here uses that, and the sign-in screen alone would wait for the sources of a hundred modules. PySide6 keeps the
    original as `builtins.__orig_import__`; without it nothing changes.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)


_EVERY_MS, _AT_REST_MS = 1_000, 16_000
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class WindowGarbage(QObject):
    """Takes over from Python's own collector until `end`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._look)
        self._timer.start(_EVERY_MS)

    def end(self) -> None:
        """Let Python collect by itself again."""
        self._timer.stop()
        gc.enable()

    def _look(self) -> None:
        """Collect what is due; while nothing is, look less and less often: a kit at rest makes no garbage."""
        longer_ms = min(2 * self._timer.interval(), _AT_REST_MS)
        self._timer.setInterval(_EVERY_MS if collect_due() else longer_ms)


def collect_due() -> bool:
    """Collect the generations that Python would collect by now, the oldest of them last; return whether one was."""
    has_collected = False
    for generation, (count, threshold) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)):
        if count <= threshold:
            break
        gc.collect(generation)
        has_collected = True
    return has_collected


class Interrupts(QObject):
    """Calls `told` on the thread of the window for each signal until `end`; elsewhere than there it does nothing.

    Ctrl-C and SIGTERM close it as its own button does: Qt's loop would never let Python hear of them.
    """

    def __init__(self, told: Callable[[], None]) -> None:
        super().__init__()
        self._told = told
        # A window on Windows has no terminal whose Ctrl-C it could hear.
        self._is_on = sys.platform != "win32" and threading.current_thread() is threading.main_thread()
        if not self._is_on or sys.platform == "win32":
            return
        # The interpreter writes a byte for each signal, also while Qt waits; reading it lets handlers run.
        self._heard, self._written = os.pipe()
        for end in (self._heard, self._written):
            os.set_blocking(end, False)
        self._notifier = QSocketNotifier(self._heard, QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._wake)
        self._wakeup = signal.set_wakeup_fd(self._written, warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, _leave_to_qt) for number in _SIGNALS}

    def end(self) -> None:
        """Let signals do again what they did before; idempotent."""
        if self._is_on:
            self._is_on = False
            for number, handler in self._before.items():
                signal.signal(number, handler)
            signal.set_wakeup_fd(self._wakeup)
            self._notifier.setEnabled(False)
            os.close(self._heard)
            os.close(self._written)

    def _wake(self) -> None:
        heard = os.read(self._heard, 64)
        if any(number in heard for number in _SIGNALS):
            self._told()


def _leave_to_qt(_number: int, _frame: FrameType | None) -> None:
    """Raise nothing: an exception between two steps of the window would only be printed."""
