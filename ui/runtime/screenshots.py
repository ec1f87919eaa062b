"""Pictures of the window, for the demo and the tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

_MOST_LOOKS = 6  # a live picture never stands still
_QUICKLY = 85  # of PNG: two thirds of the time for a tenth more bytes


def grab(window: QWidget, path: Path) -> None:
    """Write what the window shows as PNG, once it stands still. Raise `OSError` when it cannot be written."""
    if not look(window).save(str(path), None, _QUICKLY):
        raise OSError(f"cannot write {path}")


def look(window: QWidget) -> QImage:
    """Return what the window shows, once two looks see the same."""
    last: QImage | None = None
    seen = _seen(window)
    for _ in range(_MOST_LOOKS):
        if seen == last:
            break
        last, seen = seen, _seen(window)
    return seen


def _seen(window: QWidget) -> QImage:
    QApplication.processEvents()
    return window.grab().toImage()
