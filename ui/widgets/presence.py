"""Showing and hiding parts of a screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget


def present(widget: QWidget, is_there: bool) -> None:
    """Show or hide a part. One without a parent is only prepared: shown now, it would become a window of its own."""
    if is_there and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(is_there)
