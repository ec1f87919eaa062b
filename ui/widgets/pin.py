"""Boxes for a PIN: each digit a dot, the next box outlined."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import focus_ring, painter_on, panel
from ui.widgets.touch import ERASE

_HEIGHT = 54


class PinBoxes(QWidget):
    """Takes digits and forgets them on `clear`. `edited` follows each key, `completed` carries the whole PIN once."""

    edited = Signal(str)
    completed = Signal(str)

    def __init__(self, theming: ThemeContext, length: int = 6) -> None:
        super().__init__()
        self._theming = theming
        self._length = length
        self._digits = ""
        self._is_wrong = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._tell()

    def clear(self, *, wrong: bool = False) -> None:
        """Empty the boxes; `wrong` outlines them as refused until the next digit."""
        self._digits = ""
        self._is_wrong = wrong
        self._tell()

    def press(self, key: str) -> None:
        """Take a digit, or take the last one back with `ERASE`, as if it had been typed."""
        if key == ERASE:
            self._digits = self._digits[:-1]
        elif len(self._digits) < self._length:
            self._digits += key
            self._is_wrong = False
        else:
            return
        self._tell()
        self.edited.emit(self._digits)
        if key != ERASE and len(self._digits) == self._length:
            self.completed.emit(self._digits)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(self._length * 46 + (self._length - 1) * 12, _HEIGHT)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        text = event.text()
        if event.key() == Qt.Key.Key_Backspace:
            self.press(ERASE)
        elif len(text) == 1 and "0" <= text <= "9":
            self.press(text)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        pitch = min(64.0, (self.width() + 12) / self._length)
        radius = theme.tokens.radius["button"]
        for index in range(self._length):
            rect = QRectF(index * pitch, 0, pitch - 12, _HEIGHT)
            line = theme.colour("bad" if self._is_wrong else "outline_strong")
            panel(painter, rect, radius, theme.colour("surface"), line, 2)
            if index < len(self._digits):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("text"))
                painter.drawEllipse(rect.center(), 5, 5)
            elif index == len(self._digits) and self.hasFocus():
                focus_ring(painter, rect, radius, theme)

    def _tell(self) -> None:
        told = message("ui.pin.name", done=len(self._digits), length=self._length)
        self.setAccessibleName(self._theming.say(told))
        self.update()
