"""Showing and hiding parts of a screen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.runtime.theme_context import ThemeContext


class LastShown:
    """What a part showed last: a state that changed elsewhere leaves it as it is, neither measured nor painted anew."""

    def __init__(self, theming: ThemeContext) -> None:
        self._theming = theming
        self._last: object = None

    def is_same(self, *shown: object) -> bool:
        """Return whether just this stands there, in the language in force; from now on it does."""
        told = (self._theming.catalog.language, *shown)
        is_same = told == self._last
        self._last = told
        return is_same


def present(widget: QWidget, is_there: bool) -> None:
    """Show or hide a part. One without a parent is only prepared: shown now, it would become a window of its own."""
    if is_there and widget.parentWidget() is None:
        widget.setAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide, False)
    else:
        widget.setVisible(is_there)
