"""Showing and hiding parts of a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.runtime.theme_context import ThemeContext

T = TypeVar("T")
W = TypeVar("W", bound=QWidget)


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


class Pool(Generic[W]):
    """Widgets of one kind, made when there is first something for them to show; the others take no place."""

    def __init__(self, add: Callable[[W], object], make: Callable[[], W]) -> None:
        self._add, self._make = add, make
        self.made: list[W] = []

    def show(self, things: Sequence[T], render: Callable[[W, T], object]) -> None:
        """Let each thing be shown by a widget of its own."""
        while len(self.made) < len(things):
            self.made.append(self._make())
            self._add(self.made[-1])
        for widget, thing in zip(self.made, things, strict=False):
            render(widget, thing)
        for at, widget in enumerate(self.made):
            present(widget, at < len(things))
