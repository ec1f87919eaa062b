from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.field import TextField
from ui.widgets.preview import PinBoxes
from ui.widgets.touch import DigitKeys, drag_to_scroll


def key(keys: DigitKeys, name: str) -> ActionButton:
    return next(button for button in keys.findChildren(ActionButton) if button.text() == name)


def test_a_pin_is_pressed_by_finger_and_the_keyboard_stays_with_it(qtbot: QtBot, theming: ThemeContext) -> None:
    window, pin, keys = QWidget(), PinBoxes(theming), DigitKeys(theming)
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(pin)
    column.addWidget(keys)
    keys.pressed.connect(pin.press)
    window.show()
    window.activateWindow()
    pin.setFocus()
    qtbot.waitUntil(pin.hasFocus)
    told: list[str] = []
    pin.completed.connect(told.append)
    for name in ("1", "2", "⌫", "0", "3", "4", "5", "6"):
        key(keys, name).click()
    assert told == ["103456"]
    assert pin.hasFocus()


def test_a_secret_field_takes_the_digits_too(qtbot: QtBot, theming: ThemeContext) -> None:
    field, keys = TextField(theming, is_secret=True), DigitKeys(theming)
    qtbot.addWidget(field)
    qtbot.addWidget(keys)
    keys.pressed.connect(field.press)
    for name in ("7", "8", "⌫"):
        key(keys, name).click()
    assert field.text() == "7"


@pytest.mark.parametrize("is_dragged", [True, False])
def test_content_is_dragged_by_finger(qtbot: QtBot, touch_screen: QPointingDevice, is_dragged: bool) -> None:
    area, content = QScrollArea(), QWidget()
    qtbot.addWidget(area)
    content.setFixedSize(200, 2_000)
    area.setWidget(content)
    area.resize(220, 200)
    if is_dragged:
        drag_to_scroll(area)
    area.show()
    qtbot.waitExposed(area)
    view, finger = area.viewport(), touch_screen
    QTest.touchEvent(view, finger).press(0, QPoint(100, 180))
    for y in range(170, 20, -10):
        qtbot.wait(2)
        QTest.touchEvent(view, finger).move(0, QPoint(100, y))
    QTest.touchEvent(view, finger).release(0, QPoint(100, 20))
    if is_dragged:
        qtbot.waitUntil(lambda: area.verticalScrollBar().value() > 0)
    assert (area.verticalScrollBar().value() > 0) is is_dragged
