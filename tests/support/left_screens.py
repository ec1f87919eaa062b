"""Screens that were left: only the window's own loop deletes them, which hardly any test runs.

Thousands of them make each later screen slow to lay out, and a new style is put on every one.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent


def delete_left() -> None:
    """Delete what was told to be deleted later."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
