"""A button that is on or off, with the key that turns it."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from ui.presenters.messages import Message
from ui.runtime.icons import draw_icon
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import BOX, LEFT, circle, ground, key_cap, key_cap_width, painter_on, tick_box, write

_PADDING = 16
_GAP = 10


class Mark(Enum):
    """What stands before the word: several may be chosen, one of them, or, where room is dear, nothing."""

    BOX = "box"
    CIRCLE = "circle"
    NONE = "none"  # the tick stands in place of the key


class ToggleButton(QAbstractButton):
    """Shows what `render_toggle` says; a press changes nothing by itself, whoever hears `clicked` decides."""

    def __init__(self, theming: ThemeContext, mark: Mark = Mark.BOX) -> None:
        super().__init__()
        self._theming = theming
        self._mark = mark
        self._cap = ""
        self._is_on = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def render_toggle(self, words: Message, *, is_on: bool, cap: str = "") -> None:
        """Show a word, whether it is chosen, and its key."""
        self._cap, self._is_on = cap, is_on
        self.setText(self._theming.say(words))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription("✓" if is_on else "")
        self.updateGeometry()
        self.update()

    @property
    def is_on(self) -> bool:
        """Return whether it shows as chosen."""
        return self._is_on

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        width = QFontMetricsF(self._font()).horizontalAdvance(self.text()) + 2 * _PADDING
        if self._mark is not Mark.NONE:
            width += BOX + 2 * _GAP
        if self._cap:
            width += _GAP + key_cap_width(self._theming.theme, self._cap)
        return QSize(round(width) + 4, self._theming.tokens.size["button"])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, painter = self._theming.theme, painter_on(self)
        fill = theme.colour("accent_soft" if self._is_on else "page" if self.underMouse() else "surface")
        line = theme.colour("primary" if self._is_on else "outline_strong")
        ground(painter, self, theme, fill, line)
        middle = self.height() / 2
        left, right = float(_PADDING), float(self.width() - _PADDING)
        if self._mark is not Mark.NONE:
            paint = tick_box if self._mark is Mark.BOX else circle
            paint(painter, theme, _PADDING, middle, is_on=self._is_on)
            left += BOX + _GAP
        if self._is_on and self._mark is Mark.NONE:
            right -= BOX
            draw_icon(painter, "check", theme.colour("primary"), right, middle - BOX / 2, BOX)
        elif self._cap:
            right -= key_cap_width(theme, self._cap)
            key_cap(painter, theme, self._cap, right, middle, theme.colour("text_muted"))
        room = QRectF(left, 0, right - left - (4 if self._mark is Mark.NONE else _GAP), self.height())
        side = LEFT
        if self._mark is Mark.NONE and not self._cap and not self._is_on and self.width() < self.sizeHint().width():
            room, side = QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter  # a sign alone needs no room beside it
        write(painter, room, self.text(), self._font(), theme.colour("text"), side)

    def _font(self) -> QFont:
        return self._theming.theme.font("text", QFont.Weight.DemiBold)
