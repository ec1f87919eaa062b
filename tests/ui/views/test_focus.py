from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.views.focus import take_keyboard


def test_it_takes_the_keyboard_from_nobody_in_sight(qtbot: QtBot) -> None:
    window, screen, overlay = QWidget(), QLineEdit(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(screen)
    column.addWidget(overlay)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    overlay.setFocus()
    take_keyboard(screen)
    assert window.focusWidget() is overlay
    overlay.hide()
    take_keyboard(screen)
    assert window.focusWidget() is screen
