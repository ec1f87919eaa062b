from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare, page


def test_a_screen_keeps_the_margins_of_the_tokens(theming: ThemeContext, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    margins = page(QVBoxLayout(widget), theming).contentsMargins()
    space = theming.tokens.space
    assert (margins.left(), margins.top(), margins.right()) == (space["lg"], space["lg"], space["lg"])


def test_an_inner_layout_has_none() -> None:
    layout = bare(QHBoxLayout(), 7)
    assert (layout.contentsMargins().left(), layout.contentsMargins().top(), layout.spacing()) == (0, 0, 7)
