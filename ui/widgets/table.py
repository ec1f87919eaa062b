"""A table of rows made on demand: 100,000 of them scroll like ten."""

from __future__ import annotations

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QToolTip,
)

from ui.presenters.figures import Cell, Column, Row, Rows, rows_of
from ui.runtime.theme_context import ThemeContext
from ui.widgets.column_widths import Need, shared
from ui.widgets.marks import tick_box, write_lines
from ui.widgets.tag import draw_tag, tag_width
from ui.widgets.touch import drag_to_scroll

Index = QModelIndex | QPersistentModelIndex
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
        elif isinstance(cell, Cell):
            painter.setClipRect(content)
            self._paint_cell(painter, content, cell, behind)
        painter.restore()

    def helpEvent(  # noqa: N802, D102 – Qt's name
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: Index
    ) -> bool:
        cell = index.data(_CELL)
        text = "" if not isinstance(cell, Cell) or self._fits(cell, option) else index.data(_WHOLE)
        QToolTip.showText(event.globalPos(), text, view)
        return True

    def _fits(self, cell: Cell, option: QStyleOptionViewItem) -> bool:
        """Return whether a cell shows everything; one that is cut tells it on hovering."""
        return self.room_for(cell).liked <= option.rect.width()

    def room_for(self, cell: Cell) -> Need:
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

    def _paint_cell(self, painter: QPainter, rect: QRectF, cell: Cell, behind: str) -> None:
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
