"""Big numbers with their labels, a card of counts, and the big cards of Beranda."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.commands import Weight
from ui.presenters.figures import BigAction, Number, QualityRow
from ui.presenters.messages import Message
from ui.presenters.parts import Tag
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import CommandButton
from ui.widgets.card import Card
from ui.widgets.layout import column, fill, row
from ui.widgets.marks import (
    TONE_ICONS,
    focus_ring,
    key_cap,
    key_cap_width,
    painter_on,
    panel,
    tone_icon,
    write,
    write_whole,
)
from ui.widgets.presence import Pool
from ui.widgets.quality_panel import QualityRows
from ui.widgets.text import Role, Text


class NumberLabel(QWidget):
    """One big number above its label."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._value, self._label = Text(Role.NUMBER), Text(Role.MUTED, wraps=True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column(self._value, (self._label, 1), on=self, gap=0)

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
        beside = row(on=self, gap=theming.tokens.space["md"])
        self._labels = Pool(lambda label: beside.addWidget(label, 1), lambda: NumberLabel(theming))

    def render_numbers(self, numbers: tuple[Number, ...]) -> None:
        """Show numbers."""
        self._labels.show(numbers, NumberLabel.render_number)


class BigActionCard(CommandButton):
    """A card that is one big button: title, line, headline and its key."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._big: BigAction | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(264, 128)

    def render_big(self, big: BigAction) -> None:
        """Show a big action."""
        self._big = big
        self._take(big.action, f"{self._theming.say(big.line)} {self._theming.say(big.headline)}")

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(448, 146)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._big is None:
            return
        big, theme, say = self._big, self._theming.theme, self._theming.say
        painter = painter_on(self)
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
        title = QRectF(content.left(), content.top(), content.width() - 48, 32)
        write_whole(painter, title, self.text(), self._fitting(self.text(), title.width(), "title", "text"), ink)
        below = QRectF(content.left(), content.top() + 33, content.width(), 22)
        write(painter, below, say(big.action.refused or big.line), theme.font("text"), quiet)
        self._paint_headline(painter, QRectF(content.left(), content.bottom() - 40, content.width(), 40), ink)
        if cap := self._cap():
            key_cap(painter, theme, cap, content.right() - key_cap_width(theme, cap), content.top() + 17, ink)
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)

    def _paint_headline(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        assert self._big is not None
        theme, tone = self._theming.theme, self._big.tone
        if tone in TONE_ICONS:
            ink = theme.ink(tone) if self._big.action.weight is not Weight.PRIMARY else ink
            rect = rect.adjusted(tone_icon(painter, theme, tone, rect.left(), rect.center().y(), 28) + 2, 0, 0, 0)
        headline = self._theming.say(self._big.headline)
        write(painter, rect, headline, self._fitting(headline, rect.width(), "number", "title"), ink)

    def _fitting(self, words: str, width: float, large: str, small: str) -> QFont:
        """Return the larger font where the words have room in it."""
        font = self._theming.theme.font(large, QFont.Weight.Bold)
        has_room = QFontMetrics(font).horizontalAdvance(words) <= width
        return font if has_room else self._theming.theme.font(small, QFont.Weight.Bold)


class NumberCard(Card):
    """Counts below a section head; a quiet line while there are none."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._rows, self._nothing = QualityRows(theming), Text(Role.MUTED, wraps=True)
        fill(self.body, self._rows, self._nothing)

    def render_numbers(self, title: Message, numbers: tuple[Number, ...], nothing: Message = "") -> None:
        """Show the counts."""
        self.set_title(self._theming.say(title))
        self._rows.render_rows(tuple(QualityRow(n.label, n.value, Tag("", n.tone)) for n in numbers))
        self._nothing.show_text("" if numbers else self._theming.say(nothing))
