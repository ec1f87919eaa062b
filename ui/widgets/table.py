"""A table of rows made on demand: 100,000 of them scroll like ten."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from ui.presenters.figures import Column, FigureCell, Row, Rows, rows_of
from ui.presenters.wording import Line, names_of
from ui.runtime.theme import ThemeContext
from ui.widgets.marks import BOX, circle, panel, tick_box, write_lines
from ui.widgets.tags import draw_tag, tag_width
from ui.widgets.touch import drag_to_scroll

# How the columns of a table share a room that is too narrow for them.


@dataclass(frozen=True)
class Need:
    """Px that a column needs: whole heads and tags, words that still say something, everything."""

    hard: int
    least: int
    liked: int


def shared(room: int, widths: Sequence[int], needs: Sequence[Need]) -> list[int] | None:
    """Return a width in px for each column, or `None` where the widths as they are do.

    In `widths` 0 stands for a column that takes what is left. Who has more than it likes gives; who lacks the least
    gets first. Where there is room for everything nothing is cut.
    """
    takers = [at for at, width in enumerate(widths) if not width]
    rest = max(0, room - sum(widths)) // len(takers) if takers else 0
    given = [width or rest for width in widths]
    whole = all(has >= need.liked for has, need in zip(given, needs, strict=True))
    has_room = sum(need.liked for need in needs) <= room
    if all(has >= need.least for has, need in zip(given, needs, strict=True)) and (whole or not has_room):
        return None
    if sum(need.hard for need in needs) > room:  # too little for all: what is over is rolled to
        return [need.hard for need in needs]
    steps = [(need.least, need.liked) for need in needs]
    if sum(need.least for need in needs) > room:
        steps = [(need.hard, need.least) for need in needs]
    wanted = [max(0, high - low) for low, high in steps]
    part = min(1.0, (room - sum(low for low, _ in steps)) / sum(wanted)) if any(wanted) else 0.0
    fair = [low + int(wants * part) for (low, _), wants in zip(steps, wanted, strict=True)]
    over = takers or [len(fair) - 1]
    fair[over[0]] += room - sum(fair)
    return fair


# Lines to tick or to put in order: people of a team, kits, houses of a route.

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


_CELL = Qt.ItemDataRole.UserRole
_WHOLE = Qt.ItemDataRole.UserRole + 1
_ROLES = (_CELL, _WHOLE, Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
_KEPT_ROWS = 400
_BOXES = Column("", 44)
_MARGIN, _ORDER_MARK = 16, 20
_MASK = "•"  # in place of digits of a NIK
_MEASURED = 20  # rows that say how much room a column needs
_SCRAP, _FEW = 84, 120  # px in which a word that is shortened says a little, and something


class RowsModel(QAbstractTableModel):
    """Gives Qt the rows that are in sight; keeps the last few hundred that were made."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._columns: tuple[Column, ...] = ()
        self._rows = rows_of(())
        self._kept: dict[int, Row] = {}
        self.boxes = 0  # columns of boxes to tick before those of the rows

    def show_rows(self, columns: tuple[Column, ...], rows: Rows, boxes: int = 0) -> None:
        """Replace everything."""
        self.beginResetModel()
        self._columns, self._rows, self._kept, self.boxes = columns, rows, {}, boxes
        self.endResetModel()

    def row_at(self, index: int) -> Row:
        """Return a row."""
        row = self._kept.get(index)
        if row is None:
            if len(self._kept) >= _KEPT_ROWS:
                self._kept.clear()
            row = self._kept[index] = self._rows.row(index)
        return row

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 – Qt's name and default
        return 0 if parent.isValid() else self._rows.count

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: N802, B008, D102 – Qt's name and default
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:  # noqa: D102 – Qt's name
        if not index.isValid() or role not in _ROLES:
            return None
        row = self.row_at(index.row())
        if index.column() < self.boxes:
            if role == _CELL:
                return row.is_ticked
            return "✓" if row.is_ticked else ""
        cell = row.cells[index.column() - self.boxes]
        if role == _CELL:
            return cell
        say = self._theming.say
        lines = (say(cell.words), say(cell.detail), *(say(tag.words) for tag in cell.tags))
        return ("\n" if role == _WHOLE else " ").join(filter(None, lines))

    def headerData(  # noqa: N802, D102 – Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._theming.say(self._columns[section].title)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None


class CellPainter(QStyledItemDelegate):
    """Paints a cell: text, a quieter second line, or tags."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:  # noqa: D102 – Qt's name
        theme = self._theming.theme
        cell = index.data(_CELL)
        rect = QRectF(option.rect)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_chosen, is_under = (
            flag in state for flag in (QStyle.StateFlag.State_Selected, QStyle.StateFlag.State_MouseOver)
        )
        behind = "accent_soft" if is_chosen else "page" if is_under else "surface"
        if behind != "surface":
            painter.fillRect(rect, theme.colour(behind))
        painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 1), theme.colour("outline"))
        content = rect.adjusted(8, 0, -8, 0)
        if isinstance(cell, bool):
            tick_box(painter, theme, content.left() + 4, rect.center().y(), is_on=cell)
        elif isinstance(cell, FigureCell):
            painter.setClipRect(content)
            self._paint_cell(painter, content, cell, behind)
        painter.restore()

    def helpEvent(  # noqa: N802, D102 – Qt's name
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        cell = index.data(_CELL)
        text = "" if not isinstance(cell, FigureCell) or self._fits(cell, option) else index.data(_WHOLE)
        QToolTip.showText(event.globalPos(), text, view)
        return True

    def _fits(self, cell: FigureCell, option: QStyleOptionViewItem) -> bool:
        """Return whether a cell shows everything; one that is cut tells it on hovering."""
        return self.room_for(cell).liked <= option.rect.width()

    def room_for(self, cell: FigureCell) -> Need:
        """Return the width that a cell needs."""
        theme, say = self._theming.theme, self._theming.say
        weight = QFont.Weight.DemiBold if cell.is_strong else QFont.Weight.Normal
        words = QFontMetricsF(theme.font("text", weight)).horizontalAdvance(say(cell.words))
        detail = QFontMetricsF(theme.font("text")).horizontalAdvance(say(cell.detail)) if cell.detail else 0
        tags = sum(tag_width(self._theming, tag) + 6 for tag in cell.tags)
        if tags and words:
            tags += words + 2  # a tag stands behind the whole word
        liked = max(words, tags, detail)
        masked = detail if _MASK in say(cell.detail) else 0  # its last digits tell people apart
        widths = max(tags, min(liked, _SCRAP)), max(tags, masked, min(liked, _FEW)), liked
        return Need(*(round(width) + _MARGIN + 1 for width in widths))

    def _paint_cell(self, painter: QPainter, rect: QRectF, cell: FigureCell, behind: str) -> None:
        theme, say = self._theming.theme, self._theming.say
        x = rect.left()
        words, detail = say(cell.words), say(cell.detail)
        font = theme.font("text", QFont.Weight.DemiBold if cell.is_strong else QFont.Weight.Normal)
        first = (words, font, theme.colour("text_muted" if cell.is_muted else "text"))
        write_lines(painter, rect, (first, (detail, theme.font("text"), theme.colour("text_muted"))))
        if cell.tags and words:
            x += painter.fontMetrics().horizontalAdvance(words) + 8
        for tag in cell.tags:
            x += draw_tag(painter, self._theming, tag, x, rect.center().y(), behind) + 6


class Table(QTableView):
    """Shows `Rows`. Enter or double click has `opened`, the cursor `selected`, with the name of the row."""

    opened = Signal(str)
    selected = Signal(str)
    ticked = Signal(str)
    sorted_by = Signal(int)

    def __init__(self, theming: ThemeContext, *, opens_rows: bool = True) -> None:
        super().__init__()
        self._theming = theming
        self._opens_rows = opens_rows  # else Enter belongs to the screen
        self._columns: tuple[Column, ...] = ()
        self._shares: tuple[int, ...] = ()
        self._rooms: dict[int, Need] = {}  # by column; a window that opens asks ten times before it stands
        self._rows_model = RowsModel(theming)
        self._painter = CellPainter(theming)
        self.setModel(self._rows_model)
        self.setItemDelegate(self._painter)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setWordWrap(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        drag_to_scroll(self)
        lines = self.verticalHeader()
        lines.hide()
        # One fixed height: Qt asks no row how high it wants to be, which is what makes 100,000 rows quick.
        lines.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        lines.setDefaultSectionSize(theming.tokens.size["row"])
        heads = self.horizontalHeader()
        heads.setHighlightSections(False)
        heads.setMinimumSectionSize(_BOXES.width)  # Qt's own would push the others beyond the edge
        heads.setSectionsClickable(False)
        heads.sectionClicked.connect(lambda section: self.sorted_by.emit(section - self._rows_model.boxes))
        self.doubleClicked.connect(self._open)

    def show_order(self, column: int, *, is_descending: bool, can_sort: bool) -> None:
        """Show by which column the rows stand, -1 for none; heads can be pressed where there is an order to choose."""
        heads = self.horizontalHeader()
        heads.setSectionsClickable(can_sort)
        heads.setSortIndicatorShown(column >= 0)
        if column >= 0:
            order = Qt.SortOrder.DescendingOrder if is_descending else Qt.SortOrder.AscendingOrder
            heads.setSortIndicator(column + self._rows_model.boxes, order)
        self._share_room()

    def render_rows(
        self, columns: tuple[Column, ...], rows: Rows, cursor: int = -1, *, has_ticks: bool = False
    ) -> None:
        """Show rows with the cursor on one of them, with -1 at its place; with ticks each begins with its box."""
        at = self.currentIndex().row() if cursor < 0 else cursor
        columns = (_BOXES, *columns) if has_ticks else columns
        if columns != self._columns:
            self._columns, self._shares = columns, ()
        self._rooms = {}  # before the rows change: with them the table may be laid out already
        self._rows_model.show_rows(columns, rows, boxes=int(has_ticks))
        self._share_room()
        if rows.count and at >= 0:
            self.setCurrentIndex(self._rows_model.index(min(at, rows.count - 1), 0))
            self.scrollTo(self.currentIndex())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Give each column its width; where that leaves another too little, all share what there is."""
        widths = tuple(column.width for column in self._columns)
        if self.horizontalHeader().count() != len(widths):
            return  # a bar that went let the table grow in the middle of a change; Qt would write beyond its heads
        shares = widths
        if self._rows_model.rowCount():
            fair = shared(self.viewport().width(), widths, [self._needs(index) for index in range(len(widths))])
            shares = tuple(fair) if fair is not None else widths
        if shares == self._shares:
            return
        self._shares, heads = shares, self.horizontalHeader()
        for index, width in enumerate(shares):
            mode = QHeaderView.ResizeMode.Fixed if width else QHeaderView.ResizeMode.Stretch
            heads.setSectionResizeMode(index, mode)
            if width:
                heads.resizeSection(index, width)

    def _needs(self, index: int) -> Need:
        """Return what a column needs, by its head and its first rows."""
        boxes, heads = self._rows_model.boxes, self.horizontalHeader()
        if index < boxes:
            return Need(_BOXES.width, _BOXES.width, _BOXES.width)
        words = QFontMetricsF(heads.font()).horizontalAdvance(self._theming.say(self._columns[index].title))
        head = round(words) + _MARGIN + (_ORDER_MARK if heads.sectionsClickable() else 2)
        if index not in self._rooms:
            self._rooms[index] = self._room_of_cells(index - boxes)
        cells = self._rooms[index]
        return Need(max(head, cells.hard), max(head, cells.least), max(head, cells.liked))

    def _room_of_cells(self, column: int) -> Need:
        """Return what the first rows need, which does not change while they stand."""
        rows = range(min(_MEASURED, self._rows_model.rowCount()))
        rooms = [self._painter.room_for(self._rows_model.row_at(row).cells[column]) for row in rows]
        return Need(*(max(of) for of in zip(*((n.hard, n.least, n.liked) for n in rooms), strict=True)))

    def currentChanged(self, current: Index, previous: Index) -> None:  # noqa: N802, D102 – Qt's name
        super().currentChanged(current, previous)
        if current.isValid():
            self.selected.emit(self._rows_model.row_at(current.row()).name)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if event.button() is Qt.MouseButton.LeftButton and index.isValid():
            row = self._rows_model.row_at(index.row())
            if index.column() < self._rows_model.boxes and row.is_ticked is not None:
                self.ticked.emit(row.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            is_plain = not event.modifiers() & Qt.KeyboardModifier.ControlModifier  # Ctrl Enter is the screen's
            if self._opens_rows and is_plain and self.currentIndex().isValid():
                self._open(self.currentIndex())
            else:
                event.ignore()
        elif event.text().isprintable() and event.text():
            # Letters, digits and Space are keys of the screen, not a search in the first column.
            event.ignore()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(640, 400)

    def _open(self, index: Index) -> None:
        self.opened.emit(self._rows_model.row_at(index.row()).name)
