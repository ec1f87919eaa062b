from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from ui.presenters.actions import Action
from ui.runtime.shortcuts import act_of

NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
KEYPAD, SHIFT = Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "act"),
    [
        (Qt.Key.Key_Space, NONE, Action.CAPTURE),
        (Qt.Key.Key_Return, NONE, Action.ACCEPT),
        (Qt.Key.Key_Enter, KEYPAD, Action.ACCEPT),
        (Qt.Key.Key_R, NONE, Action.REPEAT),
        (Qt.Key.Key_0, NONE, Action.CHOICE_10),
        (Qt.Key.Key_1, KEYPAD, Action.CHOICE_1),
        (Qt.Key.Key_F12, NONE, Action.BLANK),
        (Qt.Key.Key_Z, CTRL, Action.UNDO),
        (Qt.Key.Key_D, CTRL, Action.RECAP),
        (Qt.Key.Key_Q, CTRL, None),
        (Qt.Key.Key_Return, SHIFT, None),
        (Qt.Key.Key_Q, NONE, None),
    ],
)
def test_a_key_press_finds_its_act(key: Qt.Key, modifiers: Qt.KeyboardModifier, act: Action | None) -> None:
    assert act_of(QKeyEvent(QEvent.Type.KeyPress, key, modifiers)) is act
