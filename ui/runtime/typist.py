"""Presses keys in a window as a person would, waits for what they bring and takes pictures; for demo and checks."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, QTimer
from PySide6.QtGui import QImage, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

_UNTIL_THE_NEXT = QEventLoop.ProcessEventsFlag.AllEvents | QEventLoop.ProcessEventsFlag.WaitForMoreEvents
_LOOK_MS = 10  # at the latest: what no event of the window tells is looked for too
_MOST_LOOKS = 6  # a live picture never stands still
_QUICKLY = 85  # of PNG: two thirds of the time for a tenth more bytes


class Typist:
    """Types into the widget that has the focus, the window itself when none has."""

    def __init__(self, window: QWidget) -> None:
        self._window = window
        self.keystrokes = 0
        window.activateWindow()  # without a window manager nobody else gives the window the keyboard
        self.let_pass()

    def press(self, key: str) -> None:
        """Press one key, named in the portable text of QKeySequence: "Return", "Space", "X", "Ctrl+F"."""
        QTest.keySequence(self.focused, QKeySequence(key))
        self.keystrokes += 1
        self.let_pass()

    def type(self, text: str) -> None:
        """Type a text letter by letter."""
        for letter in text:
            QTest.keyClicks(self.focused, letter)
            self.keystrokes += 1
        self.let_pass()

    def wait_until(self, is_so: Callable[[], bool], timeout_s: float) -> bool:
        """Serve the window until something is so; `False` when it did not come in time."""
        deadline = time.monotonic() + timeout_s
        ticks = QTimer()
        ticks.start(_LOOK_MS)
        try:
            while not is_so():
                if time.monotonic() > deadline:
                    return False
                # The next event wakes it, as it wakes the program itself: a pause would be counted as the program's.
                QCoreApplication.processEvents(_UNTIL_THE_NEXT)
            return True
        finally:
            ticks.stop()

    def let_pass(self) -> None:
        """Serve what waits in the queue, and delete the screens that were left, as the program's own loop does."""
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

    @property
    def focused(self) -> QWidget:
        """Return the widget that a key goes to."""
        return QApplication.focusWidget() or self._window.focusWidget() or self._window


def grab(window: QWidget, path: Path) -> None:
    """Write what the window shows as PNG, once it stands still. Raise `OSError` when it cannot be written."""
    if not look(window).save(str(path), None, _QUICKLY):
        raise OSError(f"cannot write {path}")


def look(window: QWidget) -> QImage:
    """Return what the window shows, once nothing of it waits to be painted anew or two looks see the same."""
    painting = _Painting(window)
    QApplication.processEvents()
    seen = window.grab().toImage()
    for _ in range(_MOST_LOOKS):
        if not painting.goes_on():
            break
        last, seen = seen, window.grab().toImage()
        if seen == last:
            break
    return seen


class _Painting(QObject):
    """Hears what a window asks to be painted anew. One that is not shown never asks."""

    def __init__(self, window: QWidget) -> None:
        super().__init__()
        self._window, self._is_asked = window, False
        window.installEventFilter(self)

    def goes_on(self) -> bool:
        """Serve what waits, and return whether any of it changes the picture."""
        self._is_asked = not self._window.isVisible()
        QApplication.processEvents()
        QApplication.sendPostedEvents()  # what a timer among these asked for
        return self._is_asked

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 – Qt's name
        self._is_asked = self._is_asked or event.type() is QEvent.Type.UpdateRequest
        return super().eventFilter(watched, event)
