"""Big numbers with their labels, a card of counts, and the big cards of Beranda."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.figures import BigAction, Number, QualityRow
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.steps import Fact
from ui.presenters.presenter import Action, Command, Message, Weight
from ui.runtime.theme import ThemeContext
from ui.widgets.button import CommandButton
from ui.widgets.cards import Card
from ui.widgets.layout import Pool, Role, Text, column, fill, row
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
from ui.widgets.quality_panel import QualityRows


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


# What can be done here, each line with its digit; and what is to know, in groups.

_HEIGHT = 40
_ICON = 20


class _WayLine(CommandButton):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self.setFixedHeight(_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def render_way(self, action: Command) -> None:
        self._take(action)

    def sizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        return QSize(320, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        rect, radius = QRectF(self.rect()), theme.tokens.radius["button"]
        if self.underMouse() or self.isDown():
            panel(painter, rect, radius, theme.colour("accent_soft"))
        x, middle = 4.0, self.height() / 2
        if cap := self._cap():
            key_cap(painter, theme, cap, x, middle, theme.colour("text_muted"))
            x += key_cap_width(theme, cap) + 12
        room = QRectF(x, 0, self.width() - x - 4, self.height())
        write(painter, room, self.text(), theme.font("text", QFont.Weight.DemiBold), theme.colour("accent"))
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)


class WayList(QWidget):
    """Lines that are buttons; `commanded` tells which was pressed."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._lines = Pool(column(on=self, gap=0).addWidget, self._new_line)

    def render_ways(self, ways: tuple[Command, ...]) -> None:
        """Show what can be done."""
        self._lines.show(ways, _WayLine.render_way)

    def _new_line(self) -> _WayLine:
        line = _WayLine(self._theming)
        line.commanded.connect(self.commanded)
        return line

    def perform(self, act: Action, ways: tuple[Command, ...]) -> bool:
        """Do what a digit means; `False` when no line has it."""
        way = next((way for way in ways if way.act is act), None)
        if way is not None:
            self.commanded.emit(way)
        return way is not None


class FactList(QWidget):
    """Facts below each other; the head of a group stands above its first."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._lines = Pool(column(on=self, gap=2).addWidget, lambda: _FactLine(theming))

    def render_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show facts; a tone has its icon before the words."""
        if is_seen := self.isVisible():
            self.hide()  # else each line that comes into sight lays out all those above it anew
        self._lines.show(facts, _FactLine.render_fact)
        if is_seen:
            self.show()


class _FactLine(QWidget):
    """A fact below the head of its group, where it is the first of it."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._head, self._mark, self._text = Text(Role.STRONG, wraps=True), _Mark(theming), Text(wraps=True)
        self._head.setContentsMargins(0, theming.tokens.space["sm"], 0, 0)
        line = row((self._mark, 0, Qt.AlignmentFlag.AlignTop), (self._text, 1), gap=8)
        column(self._head, line, on=self, gap=2)

    def render_fact(self, fact: Fact) -> None:
        self._head.show_text(self._theming.say(fact.head))
        self._mark.set_tone(fact.tone)
        self._text.setText(self._theming.say(fact.words))


class _Mark(QWidget):
    """The icon of a tone, a dot for what is simply said."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._tone = theming, Tone.NEUTRAL
        self.setFixedSize(_ICON, 24)

    def set_tone(self, tone: Tone) -> None:
        self._tone = tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        painter = painter_on(self)
        theme, middle = self._theming.theme, self.height() / 2
        if not tone_icon(painter, theme, self._tone, 1, middle, _ICON - 3):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("text_muted"))
            painter.drawEllipse(QRectF(_ICON / 2 - 4, middle - 3, 6, 6))
