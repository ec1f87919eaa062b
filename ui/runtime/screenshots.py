"""Pictures of the window, for the demo and the tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

_QUICKLY = 80  # Qt's word for a light compression: a third of the time, a picture some hundredths larger
_MOST_LOOKS = 6  # a live picture never stands still


def grab(window: QWidget, path: Path) -> None:
    """Write what the window shows as PNG, once two looks see the same. Raise `OSError` when it cannot be written."""
    last: QImage | None = None
    seen = _seen(window)
    for _ in range(_MOST_LOOKS):
        if seen == last:
            break
        last, seen = seen, _seen(window)
    if not seen.save(str(path), quality=_QUICKLY):
        raise OSError(f"cannot write {path}")


def _seen(window: QWidget) -> QImage:
    QApplication.processEvents()
    return window.grab().toImage()
