"""Ctrl-C and SIGTERM close the window as its own button does: Qt's loop would never let Python hear of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

from PySide6.QtCore import QObject, QSocketNotifier

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts(QObject):
    """Calls `told` on the thread of the window for each signal until `end`; elsewhere than there it does nothing."""

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
