from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.presenter import Action, Command, Weight, message
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton


@pytest.fixture
def button(qtbot: QtBot, theming: ThemeContext) -> Iterator[ActionButton]:
    window, field, button = QWidget(), QLineEdit(), ActionButton(theming)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(field)
    column.addWidget(button)
    button.render_action(Command("accept", message("act.accept"), Action.ACCEPT, Weight.PRIMARY))
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    yield button
    window.close()


def test_a_press_tells_the_intent(qtbot: QtBot, button: ActionButton) -> None:
    with qtbot.waitSignal(button.commanded) as told:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args[0].name == "accept"
    assert button.accessibleName() == "Terima dan lanjut"


def test_it_is_52_px_high_and_has_room_for_its_key_cap(button: ActionButton) -> None:
    with_cap = button.sizeHint()
    button.render_action(Command("accept", message("act.accept"), weight=Weight.PRIMARY))
    assert with_cap.height() == 52
    assert with_cap.width() - button.sizeHint().width() > 50


def test_a_refused_action_says_why_and_does_nothing_else(qtbot: QtBot, button: ActionButton) -> None:
    button.render_action(Command("accept", "Segel", Action.ACCEPT, Weight.PRIMARY, refused="Iris kiri belum direkam."))
    with qtbot.waitSignal(button.refused) as told, qtbot.assertNotEmitted(button.commanded):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == ["Iris kiri belum direkam."]
    assert button.accessibleDescription() == "Iris kiri belum direkam."


def test_a_click_leaves_the_keyboard_where_it_was_but_tab_reaches_it(qtbot: QtBot, button: ActionButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not button.hasFocus()
    button.setFocus(Qt.FocusReason.TabFocusReason)
    with qtbot.waitSignal(button.commanded):
        qtbot.keyClick(button, Qt.Key.Key_Space)


def test_weights_and_focus_look_different(qtbot: QtBot, theming: ThemeContext, button: ActionButton) -> None:
    pictures = set()
    for weight in Weight:
        button.render_action(Command("accept", "Segel", weight=weight))
        image = button.grab().toImage()
        pictures.add((image.pixelColor(12, 26).name(), image.pixelColor(1, 26).name()))
    assert len(pictures) == len(Weight)
    button.setFocus(Qt.FocusReason.TabFocusReason)
    assert button.grab().toImage().pixelColor(1, 26) == theming.theme.colour("focus")
