"""The margins that all screens share."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout

from ui.runtime.theme_context import ThemeContext

L = TypeVar("L", bound=QBoxLayout)


def page(layout: L, theming: ThemeContext) -> L:
    """Give the outermost layout of a screen its margins."""
    space = theming.tokens.space
    layout.setContentsMargins(space["lg"], space["lg"], space["lg"], space["md"])
    layout.setSpacing(space["md"])
    return layout


def bare(layout: L, spacing: int) -> L:
    """Let an inner layout take all the room it has."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout
