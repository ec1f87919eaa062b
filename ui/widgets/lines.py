"""Lines to tick or to put in order: people of a team, kits, houses of a route."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, QStringListModel, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ui.presenters.lines import Line, names_of
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import BOX, circle, panel, tick_box, write_lines
from ui.widgets.tag import draw_tag, tag_width
from ui.widgets.touch import drag_to_scroll

Index = QModelIndex | QPersistentModelIndex
_LINE = Qt.ItemDataRole.UserRole
_PADDING = 10
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class _Lines(QStringListModel):
    """Gives Qt the lines. Qt holds the names: for their number it would come to Python twice a line."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self.lines: Sequence[Line] = ()

    def show_lines(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.setStringList(names_of(lines))

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or role not in (_LINE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return None
        line = self.lines[index.row()]
        if role == _LINE:
            return line
        say = self._theming.say
        told = "✓" if line.is_on else ""
        return " ".join(
            filter(None, (told, say(line.words), say(line.detail), say(line.tag.words) if line.tag else ""))
        )


class _LinePainter(QStyledItemDelegate):
    """Paints a line: tick box or number, words with their detail, a tag at the right."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802 – Qt's name
        return QSize(120, 46)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, say = self._theming.theme, self._theming.say
        line: Line = index.data(_LINE)
        rect = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        behind = "accent_soft" if QStyle.StateFlag.State_Selected in option.state else "surface"
        if behind != "surface":
            painter.fillRect(rect, theme.colour(behind))
        if QStyle.StateFlag.State_HasFocus in option.state:
            panel(painter, rect.adjusted(1, 1, -1, -1), 6, None, theme.colour("focus"), theme.tokens.line["focus"])
        painter.fillRect(QRectF(rect.left(), rect.bottom(), rect.width(), 1), theme.colour("outline"))
        x = rect.left() + _PADDING
        if line.is_on is not None:
            paint = circle if line.is_alone else tick_box
            paint(painter, theme, x, rect.center().y(), is_on=line.is_on)
            x += BOX + _PADDING
        right = rect.right() - _PADDING
        if line.tag is not None:
            right -= tag_width(self._theming, line.tag)
            draw_tag(painter, self._theming, line.tag, right, rect.center().y(), behind)
            right -= _PADDING
        lines = (
            (say(line.words), theme.font("text", QFont.Weight.DemiBold), theme.colour("text")),
            (say(line.detail), theme.font("text"), theme.colour("text_muted")),
        )
        write_lines(painter, QRectF(x, rect.top(), right - x, rect.height()), lines)
        painter.restore()


class LineList(QListView):
    """`selected(name)` tells the line under the cursor, `toggled(name)` Space or a click, `moved(name, by)` Alt ↑ ↓."""

    selected = Signal(str)
    toggled = Signal(str)
    moved = Signal(str, int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._shown: object = None
        self._lines, self._painter = _Lines(theming), _LinePainter(theming)
        self.setModel(self._lines)
        self.setItemDelegate(self._painter)
        self.setUniformItemSizes(True)
        drag_to_scroll(self)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def render_lines(self, name: str, lines: Sequence[Line], first: str = "") -> None:
        """Show lines under a name for screen readers; the cursor stays with its line, and begins at `first`."""
        self.setAccessibleName(name)
        state = (lines, self._theming.catalog.language)
        if state == self._shown:
            return
        self._shown = state
        at, before = self.currentIndex().row(), self.current()
        self.blockSignals(True)
        self._lines.show_lines(lines)
        names = names_of(lines)
        there = before if before in names else first
        row = names.index(there) if there in names else min(max(at, 0), len(lines) - 1)
        if row >= 0:
            self.setCurrentIndex(self._lines.index(row))
        self.blockSignals(False)
        if self.current() != before:
            self.selected.emit(self.current())

    def current(self) -> str:
        """Return the name of the line under the cursor, "" without one."""
        row = self.currentIndex().row()
        return self._lines.lines[row].name if 0 <= row < len(self._lines.lines) else ""

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802, D102 – Qt's name
        super().currentChanged(current, previous)
        if current.isValid():
            self.selected.emit(self._lines.lines[current.row()].name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        key = Qt.Key(event.key())
        if event.modifiers() & Qt.KeyboardModifier.AltModifier and key in _STEPS:
            if self.current():
                self.moved.emit(self.current(), _STEPS[key])
        elif key == Qt.Key.Key_Space:
            self._toggle()
        elif _belongs_to_the_screen(event):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().mouseReleaseEvent(event)
        if self.indexAt(event.position().toPoint()).isValid():
            self._toggle()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(280, 184)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(180, 96)

    def _toggle(self) -> None:
        row = self.currentIndex().row()
        if 0 <= row < len(self._lines.lines) and self._lines.lines[row].is_on is not None:
            self.toggled.emit(self._lines.lines[row].name)


def _belongs_to_the_screen(event: QKeyEvent) -> bool:
    """Return whether a key is none of a list: Enter, letters, and everything with Ctrl."""
    is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    is_letter = bool(event.text()) and event.text().isprintable()
    return is_enter or is_letter or bool(event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier)
