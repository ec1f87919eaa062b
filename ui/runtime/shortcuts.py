"""From a key press to an act of the table."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeyEvent

from ui.presenters.actions import Action

_IGNORED = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier


@cache
def _acts() -> dict[str, Action]:
    from PySide6.QtGui import QKeySequence  # on demand: dear to load, and not needed before the first key

    return {QKeySequence(act.key).toString(): act for act in Action}


def act_of(event: QKeyEvent) -> Action | None:
    """Return the act of a key press; the keypad's Enter and digits count as the others."""
    key = Qt.Key.Key_Return if event.key() == Qt.Key.Key_Enter else Qt.Key(event.key())
    pressed = QKeyCombination(event.modifiers() & ~_IGNORED, key)
    from PySide6.QtGui import QKeySequence

    return _acts().get(QKeySequence(pressed).toString())
