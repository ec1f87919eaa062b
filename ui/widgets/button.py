"""A button of 52 px with its word and its key cap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ui.presenters.presenter import Command, Weight
from ui.runtime.theme import ThemeContext
from ui.widgets.layout import LastShown, present
from ui.widgets.marks import ground, key_cap, key_cap_width, painter_on, write_whole

_PADDING = 24
_GAP = 12


class CommandButton(QPushButton):
    """What is pressed for a `Command`. A refused one can be reached and pressed, and then says why it is refused."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._action: Command | None = None
        # A click does not take the keyboard away from the screen, where Space means capture.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self.press)

    def press(self) -> None:
        """Do it, or say why not; also for the keys of the screen."""
        if self._action is not None and self._action.refused:
            self.refused.emit(self._theming.say(self._action.refused))
        elif self._action is not None:
            self.commanded.emit(self._action)

    def _take(self, action: Command, description: str = "") -> None:
        """Stand for a command; why it is refused is told before any other description."""
        self._action = action
        reason = self._theming.say(action.refused)
        self.setText(self._theming.say(action.words))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(reason or description)
        self.setToolTip(reason)
        self.updateGeometry()
        self.update()

    def _cap(self) -> str:
        if self._action is None or self._action.act is None:
            return ""
        return self._theming.say(self._action.act.cap)


class ActionButton(CommandButton):
    """A button of the bottom bar or of a card."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._last = LastShown(theming)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def render_action(self, action: Command) -> None:
        """Show an action."""
        self._action = action
        if not self._last.is_same(action.words, action.refused, action.act, action.weight):
            self._take(action)

    def offer(self, action: Command | None) -> None:
        """Show an action; `None` takes no place."""
        if action is not None:
            self.render_action(action)
        present(self, action is not None)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(round(self._content_width()) + 2 * _PADDING + 4, self._theming.tokens.size["button"])

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = painter_on(self)
        fill, line, ink = self._colours()
        ground(painter, self, self._theming.theme, fill.darker(112) if self.isDown() else fill, line)
        words = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        text = QRectF((self.width() - self._content_width()) / 2, 0, words + 2, self.height())
        write_whole(painter, text, self.text(), self._font(), ink)
        if cap := self._cap():
            key_cap(painter, self._theming.theme, cap, text.right() - 2 + _GAP, self.height() / 2, ink)

    def _content_width(self) -> float:
        words = QFontMetricsF(self._font()).horizontalAdvance(self.text())
        return words + (_GAP + key_cap_width(self._theming.theme, cap) if (cap := self._cap()) else 0)

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
