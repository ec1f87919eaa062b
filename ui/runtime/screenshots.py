"""Pictures of the window, for the demo and the tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

_MOST_LOOKS = 6  # a live picture never stands still
_QUICKLY = 85  # of PNG: two thirds of the time for a tenth more bytes


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
