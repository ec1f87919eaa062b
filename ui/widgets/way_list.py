"""What can be done here, each line with its digit; and what is to know, in groups."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.presenters.actions import Action, shortcut_of
from ui.presenters.commands import Command
from ui.presenters.parts import Tone
from ui.presenters.planning.sop_figures import Fact
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import focus_ring, key_cap, key_cap_width, panel, tone_icon
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_HEIGHT = 40
_ICON = 20


class _WayLine(QAbstractButton):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self.action_shown = Command("", "")
        self.setFixedHeight(_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def render_way(self, action: Command) -> None:
        self.action_shown = action
        self.setText(self._theming.say(action.words))
        self.setAccessibleName(self.text())
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        return QSize(320, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        theme = self._theming.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect, radius = QRectF(self.rect()), theme.tokens.radius["button"]
        if self.underMouse() or self.isDown():
            panel(painter, rect, radius, theme.colour("accent_soft"))
        x, middle = 4.0, self.height() / 2
        if self.action_shown.act is not None:
            cap = self._theming.say(shortcut_of(self.action_shown.act).cap)
            key_cap(painter, theme, cap, x, middle, theme.colour("text_muted"))
            x += key_cap_width(theme, cap) + 12
        painter.setFont(theme.font("text", QFont.Weight.DemiBold))
        painter.setPen(theme.colour("accent"))
        room = QRectF(x, 0, self.width() - x - 4, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)


class WayList(QWidget):
    """Lines that are buttons; `commanded` tells which was pressed."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._lines: list[_WayLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def render_ways(self, ways: tuple[Command, ...]) -> None:
        """Show what can be done."""
        while len(self._lines) < len(ways):
            line = _WayLine(self._theming)
            line.clicked.connect(lambda _checked=False, it=line: self.commanded.emit(it.action_shown))
            self._column.addWidget(line)
            self._lines.append(line)
        for at, line in enumerate(self._lines):
            present(line, at < len(ways))
            if at < len(ways):
                line.render_way(ways[at])

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
        self._lines: list[tuple[Text, QWidget, _Mark, Text]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)

    def render_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show facts; a tone has its icon before the words."""
        if is_seen := self.isVisible():
            self.hide()  # else each line that comes into sight lays out all those above it anew
        while len(self._lines) < len(facts):
            self._lines.append(self._new_line())
        for at, (head, line, mark, text) in enumerate(self._lines):
            fact = facts[at] if at < len(facts) else None
            head.show_text(self._theming.say(fact.head) if fact else "")
            present(line, fact is not None)
            if fact is not None:
                mark.set_tone(fact.tone)
                text.setText(self._theming.say(fact.words))
        if is_seen:
            self.show()

    def _new_line(self) -> tuple[Text, QWidget, _Mark, Text]:
        head, line, mark, text = Text(Role.STRONG, wraps=True), QWidget(), _Mark(self._theming), Text(wraps=True)
        head.setContentsMargins(0, self._theming.tokens.space["sm"], 0, 0)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        self._column.addWidget(head)
        self._column.addWidget(line)
        return head, line, mark, text


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
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, middle = self._theming.theme, self.height() / 2
        if not tone_icon(painter, theme, self._tone, 1, middle, _ICON - 3):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("text_muted"))
            painter.drawEllipse(QRectF(_ICON / 2 - 4, middle - 3, 6, 6))
