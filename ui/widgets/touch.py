"""What fingers on a screen need: content that scrolls when it is dragged, and keys for a PIN."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QInputDevice, QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QScrollArea, QScroller, QWidget

from ui.presenters.presenter import Command, Weight, message
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.layout import grid

ERASE = "⌫"
_KEYS = ("123", "456", "789", f" 0{ERASE}")


def has_touch_screen() -> bool:
    """Return whether a finger can press what is shown here."""
    return any(device.type() is QInputDevice.DeviceType.TouchScreen for device in QInputDevice.devices())


def drag_to_scroll(area: QAbstractScrollArea) -> None:
    """Let a finger drag the content, which rolls on when it is let go; the mouse does what it did.

    Call it before the area gets its content.
    """
    if isinstance(area, QScrollArea):
        # Our own: asked for that of Qt, PySide first builds every class that it might be, 10 ms of the start.
        area.setViewport(QWidget())
    QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)


class ScrollDown(QScrollArea):
    """An area in which content scrolls downwards."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        drag_to_scroll(self)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)


class KeylessScroll(ScrollDown):
    """The same where the keys are the screen's."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.ignore()


class DigitKeys(QWidget):
    """The digits and a key that takes the last one back. `pressed` carries a digit, or `ERASE`."""

    pressed = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        laid = grid(self, gap=theming.tokens.space["sm"])
        for line, keys in enumerate(_KEYS):
            for column, key in enumerate(keys):
                if key != " ":
                    laid.addWidget(self._key(theming, key), line, column)

    def _key(self, theming: ThemeContext, key: str) -> ActionButton:
        button = ActionButton(theming)
        button.render_action(Command("digit", key, weight=Weight.PLAIN))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keyboard stays where the digits go
        if key == ERASE:
            button.setAccessibleName(theming.say(message("ui.pin.erase")))
        button.commanded.connect(lambda _: self.pressed.emit(key))
        return button
