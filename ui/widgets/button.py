"""A button of 52 px with its word and its key cap."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ui.presenters.actions import shortcut_of
from ui.presenters.commands import Command, Weight
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import focus_ring, key_cap, key_cap_width, panel
from ui.widgets.presence import LastShown

_PADDING = 24
_GAP = 12


class ActionButton(QPushButton):
    """Shows an `Command`. A refused one can be reached and pressed, and then says why it is refused."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._action: Command | None = None
        self._last = LastShown(theming)
        # A click does not take the keyboard away from the screen, where Space means capture.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._press)

    def render_action(self, action: Command) -> None:
        """Show an action."""
        self._action = action
        if self._last.is_same(action.words, action.refused, action.act, action.weight):
            return
        self.setText(look_text := self._theming.say(action.words))
        reason = self._theming.say(action.refused)
        self.setAccessibleName(look_text)
        self.setAccessibleDescription(reason)
        self.setToolTip(reason)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        width = QFontMetricsF(self._font()).horizontalAdvance(self.text()) + 2 * _PADDING
        if self._cap():
            width += _GAP + key_cap_width(self._theming.theme, self._cap())
        return QSize(round(width) + 4, self._theming.tokens.size["button"])

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.update()
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, tokens = self._theming.theme, self._theming.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, line, ink = self._colours()
        if self.isDown():
            fill = fill.darker(112)
        rect, radius = QRectF(self.rect()), tokens.radius["button"]
        panel(painter, rect, radius, fill, line, tokens.line["input"])
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)
        metrics = QFontMetricsF(self._font())
        content = metrics.horizontalAdvance(self.text())
        if self._cap():
            content += _GAP + key_cap_width(theme, self._cap())
        x = (self.width() - content) / 2
        painter.setFont(self._font())
        painter.setPen(ink)
        text = QRectF(x, 0, metrics.horizontalAdvance(self.text()) + 2, self.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self._cap():
            key_cap(painter, theme, self._cap(), text.right() - 2 + _GAP, self.height() / 2, ink)

    def _press(self) -> None:
        if self._action is None:
            return
        if self._action.refused:
            self.refused.emit(self._theming.say(self._action.refused))
        else:
            self.commanded.emit(self._action)

    def _colours(self) -> tuple[QColor, QColor, QColor]:
        theme = self._theming.theme
        surface = theme.colour("page" if self.underMouse() else "surface")
        if self._action is None or self._action.refused:
            return theme.colour("neutral_soft"), theme.colour("outline_strong"), theme.colour("text_muted")
        match self._action.weight:
            case Weight.PRIMARY:
                fill = theme.colour("primary")
                return (fill.lighter(112) if self.underMouse() else fill), fill, theme.colour("on_primary")
            case Weight.SECOND:
                return surface, theme.colour("primary"), theme.colour("accent")
            case Weight.DANGER:
                return surface, theme.colour("bad"), theme.colour("bad")
            case Weight.PLAIN:
                return surface, theme.colour("outline_strong"), theme.colour("text")

    def _font(self) -> QFont:
        return self._theming.theme.font("text", QFont.Weight.DemiBold)

    def _cap(self) -> str:
        if self._action is None or self._action.act is None:
            return ""
        return self._theming.say(shortcut_of(self._action.act).cap)
