"""Pictures of the window, for the demo and the tests."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget


def grab(window: QWidget, path: Path) -> None:
    """Write what the window shows as PNG. Raise `OSError` when it cannot be written."""
    QApplication.processEvents()
    if not window.grab().save(str(path), "PNG"):
        raise OSError(f"cannot write {path}")
