"""What can be done here, each line with its digit; and what is to know, in groups."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.parts import Tone
from ui.presenters.planning.sop_figures import Fact
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import CommandButton
from ui.widgets.layout import column, row
from ui.widgets.marks import focus_ring, key_cap, key_cap_width, painter_on, panel, tone_icon, write
from ui.widgets.presence import Pool
from ui.widgets.text import Role, Text

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
