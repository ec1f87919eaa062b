"""Who has the keyboard when a screen's content appears."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def take_keyboard(screen: QWidget) -> None:
    """Give a screen the keyboard when nobody in sight has it: content comes later than the screen itself."""
    holder = screen.window().focusWidget()
    if holder is None or holder is screen or not holder.isVisible():
        screen.setFocus()
