"""The margins that all screens share."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card

L = TypeVar("L", bound=QBoxLayout)


def page(layout: L, theming: ThemeContext, gap: str = "md") -> L:
    """Give the outermost layout of a screen its margins, and the room between its parts."""
    space = theming.tokens.space
    layout.setContentsMargins(space["lg"], space["lg"], space["lg"], space["md"])
    layout.setSpacing(space[gap])
    return layout


def bare(layout: L, spacing: int) -> L:
    """Let an inner layout take all the room it has."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout


def card_of(theming: ThemeContext, *parts: QWidget | tuple[QWidget, int]) -> Card:
    """Return a card that holds parts below each other, each with its stretch or none."""
    card = Card(theming)
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        card.body.addWidget(widget, stretch)
    return card
