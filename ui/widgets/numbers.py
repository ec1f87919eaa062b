"""Big numbers with their labels, and the big cards of Beranda."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.actions import shortcut_of
from ui.presenters.commands import Weight
from ui.presenters.figures import BigAction, Number
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import TONE_ICONS, focus_ring, key_cap, key_cap_width, panel, tone_icon
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class NumberLabel(QWidget):
    """One big number above its label."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._value = Text(Role.NUMBER)
        self._label = Text(Role.MUTED, wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column.addWidget(self._value)
        column.addWidget(self._label, 1)

    def render_number(self, number: Number) -> None:
        """Show a number."""
        self._value.setText(number.value)
        self._value.set_tone(number.tone)
        self._label.setText(self._theming.say(number.label))
        # Qt may break a line only between words, and would cut the longest one.
        self._label.ensurePolished()  # else it is measured in another font
        longest = max(map(self._label.fontMetrics().horizontalAdvance, self._label.text().split()), default=0)
        self.setMinimumWidth(longest + 4)
        self.setAccessibleName(f"{number.value} {self._label.text()}")


class NumberRow(QWidget):
    """Big numbers side by side."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theming.tokens.space["md"])
        self._labels: list[NumberLabel] = []

    def render_numbers(self, numbers: tuple[Number, ...]) -> None:
        """Show numbers."""
        while len(self._labels) < len(numbers):
            self._labels.append(NumberLabel(self._theming))
            self._row.addWidget(self._labels[-1], 1)
        for index, label in enumerate(self._labels):
            present(label, index < len(numbers))
            if index < len(numbers):
                label.render_number(numbers[index])


class BigActionCard(QAbstractButton):
    """A card that is one big button: title, line, headline and its key."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._big: BigAction | None = None
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(264, 128)
        self.clicked.connect(self.press)

    def render_big(self, big: BigAction) -> None:
        """Show a big action."""
        self._big = big
        say = self._theming.say
        self.setAccessibleName(say(big.action.words))
        reason = say(big.action.refused)
        self.setAccessibleDescription(reason or f"{say(big.line)} {say(big.headline)}")
        self.setToolTip(reason)
        self.update()

    def press(self) -> None:
        """Do it, or say why not; also for the number keys of the screen."""
        if self._big is None:
            return
        if self._big.action.refused:
            self.refused.emit(self._theming.say(self._big.action.refused))
        else:
            self.commanded.emit(self._big.action)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(448, 146)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._big is None:
            return
        big, theme, say = self._big, self._theming.theme, self._theming.say
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_primary = big.action.weight is Weight.PRIMARY and not big.action.refused
        fill = theme.colour("primary" if is_primary else "surface")
        if self.underMouse() or self.isDown():
            fill = fill.lighter(112) if is_primary else theme.colour("accent_soft")
        line = theme.colour("primary" if is_primary else "outline_strong" if self.underMouse() else "outline")
        rect, radius = QRectF(self.rect()), theme.tokens.radius["card"]
        panel(painter, rect, radius, fill, line, theme.tokens.line["card"])
        ink = theme.colour("on_primary" if is_primary else "text")
        quiet = ink if is_primary else theme.colour("text_muted")
        content = rect.adjusted(20, 16, -20, -16)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setPen(ink)
        title = QRectF(content.left(), content.top(), content.width() - 48, 32)
        painter.setFont(theme.font("title", QFont.Weight.Bold))
        if painter.fontMetrics().horizontalAdvance(say(big.action.words)) > title.width():
            painter.setFont(theme.font("text", QFont.Weight.Bold))
        painter.drawText(title, flags, say(big.action.words))
        painter.setFont(theme.font("text"))
        painter.setPen(quiet)
        text = painter.fontMetrics().elidedText(
            say(big.action.refused or big.line), Qt.TextElideMode.ElideRight, int(content.width())
        )
        painter.drawText(QRectF(content.left(), content.top() + 33, content.width(), 22), flags, text)
        self._paint_headline(painter, QRectF(content.left(), content.bottom() - 40, content.width(), 40), ink)
        if big.action.act is not None:
            cap = say(shortcut_of(big.action.act).cap)
            x = content.right() - key_cap_width(theme, cap)
            key_cap(painter, theme, cap, x, content.top() + 17, ink)
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)

    def _paint_headline(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        assert self._big is not None
        theme, tone = self._theming.theme, self._big.tone
        if tone in TONE_ICONS:
            ink = theme.ink(tone) if self._big.action.weight is not Weight.PRIMARY else ink
            rect = rect.adjusted(tone_icon(painter, theme, tone, rect.left(), rect.center().y(), 28) + 2, 0, 0, 0)
        headline = self._theming.say(self._big.headline)
        painter.setFont(theme.font("number", QFont.Weight.Bold))
        if painter.fontMetrics().horizontalAdvance(headline) > rect.width():
            painter.setFont(theme.font("title", QFont.Weight.Bold))
        painter.setPen(ink)
        text = painter.fontMetrics().elidedText(headline, Qt.TextElideMode.ElideRight, int(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
