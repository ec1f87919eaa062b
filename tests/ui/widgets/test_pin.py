from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.widgets.pin import PinBoxes

Picture = Callable[..., bytes]


@pytest.fixture
def pin(qtbot: QtBot, theming: ThemeContext) -> PinBoxes:
    pin = PinBoxes(theming)
    qtbot.addWidget(pin)
    pin.resize(pin.sizeHint())
    pin.show()
    return pin


def test_six_digits_are_told_once_and_whole(qtbot: QtBot, pin: PinBoxes) -> None:
    told: list[str] = []
    pin.completed.connect(told.append)
    qtbot.keyClicks(pin, "12a34")
    qtbot.keyClick(pin, Qt.Key.Key_Backspace)
    assert told == []
    qtbot.keyClicks(pin, "5678")
    assert told == ["123567"]


def test_the_digits_are_never_readable(qtbot: QtBot, pin: PinBoxes, picture: Picture) -> None:
    qtbot.keyClicks(pin, "1234")
    assert pin.accessibleName() == "PIN, 4 dari 6 angka terisi"
    one = picture(pin)
    pin.clear()
    qtbot.keyClicks(pin, "9876")
    assert picture(pin) == one


def test_a_wrong_pin_empties_the_boxes_and_outlines_them(qtbot: QtBot, theming: ThemeContext, pin: PinBoxes) -> None:
    qtbot.keyClicks(pin, "123456")
    pin.clear(wrong=True)
    # The box that waits for a digit wears the ring.
    assert pin.grab().toImage().pixelColor(59, 27) == theming.theme.colour("bad")
    with qtbot.waitSignal(pin.completed) as told:
        qtbot.keyClicks(pin, "654321")
    assert told.args == ["654321"]
