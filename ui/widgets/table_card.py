"""A table in its card: title, tags, search, counts and the empty state."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui.presenters.figures import Column, Rows
from ui.presenters.lists import Order
from ui.presenters.parts import Empty, Tag
from ui.presenters.presenter import Message, message
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card, EmptyCard
from ui.widgets.field import SearchField
from ui.widgets.layout import SPRING, Role, Text, column, row
from ui.widgets.table import Table
from ui.widgets.tags import TagRow

SEARCH_HINT = message("ui.search.hint")
_TYPING_MS = 150
_LEAST = 480


class TableCard(QWidget):
    """`searched` comes when typing rests a moment or a key follows that types nothing, as Enter.

    `opened` and `selected` tell the name of a row.
    """

    searched = Signal(str)
    opened = Signal(str)
    selected = Signal(str)
    ticked = Signal(str)
    sorted_by = Signal(int)
    commanded = Signal(object)

    def __init__(self, theming: ThemeContext, *, opens_rows: bool = True) -> None:
        super().__init__()
        self._theming = theming
        space = theming.tokens.space
        self._title, self._tags, self._count = Text(Role.TITLE), TagRow(theming), Text(Role.MUTED)
        self._search = SearchField(theming)
        self._head = row(self._title, self._tags, SPRING, self._count, self._search, gap=space["md"])
        self._table = Table(theming, opens_rows=opens_rows)
        card = Card(theming)
        card.body.addWidget(self._table)
        self._empty = EmptyCard(theming)
        self._stack = QStackedLayout()
        self._stack.addWidget(card)
        self._stack.addWidget(self._empty)
        self._column = column(self._head, (self._stack, 1), on=self, gap=space["md"])
        self._rest = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._rest.timeout.connect(self._tell_search)
        self._search.searched.connect(lambda _text: self._rest.start())
        self._search.installEventFilter(self)
        self._table.opened.connect(self.opened)
        self._table.selected.connect(self.selected)
        self._table.ticked.connect(self.ticked)
        self._table.sorted_by.connect(self.sorted_by)
        self._empty.commanded.connect(self.commanded)
        self.setFocusProxy(self._table)

    def render_table(
        self,
        title: Message,
        columns: tuple[Column, ...],
        rows: Rows,
        *,
        empty: Empty,
        tags: tuple[Tag, ...] = (),
        search_hint: Message = SEARCH_HINT,
        cursor: int = -1,
        has_ticks: bool = False,
    ) -> None:
        """Show a table; `empty` stands in its place when there are no rows.

        The cursor goes to the row `cursor`; with -1 it stays at its place.
        """
        say = self._theming.say
        self._title.show_text(say(title))
        self._tags.render_tags(tags)
        self._search.render_hint(search_hint)
        self._place_tags()
        self._count.setText(say(message("ui.search.count", shown=_grouped(rows.count), total=_grouped(rows.total))))
        self._table.render_rows(columns, rows, cursor, has_ticks=has_ticks)
        self._empty.render_empty(empty)
        self._stack.setCurrentIndex(0 if rows.count else 1)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(_LEAST, super().minimumSizeHint().height())  # tags without room step down, columns share

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._place_tags()

    def _place_tags(self) -> None:
        """Let the tags stand below the title where they have no room beside it."""
        beside = (self._title, self._tags, self._count, self._search)
        wanted = sum(max(part.sizeHint().width(), part.minimumWidth()) for part in beside) + self._head.spacing() * len(
            beside
        )
        layout = self._head if wanted <= self.width() else self._column
        if layout.indexOf(self._tags) < 0:
            layout.insertWidget(1, self._tags)

    def show_order(self, order: Order, *, can_sort: bool) -> None:
        """Show by which column the rows stand."""
        self._table.show_order(order.column, is_descending=order.is_descending, can_sort=can_sort)

    def search(self) -> None:
        """Put the keyboard into the search field."""
        self._search.setFocus()
        self._search.selectAll()

    def type_on(self, text: str) -> None:
        """Go on typing in the search field what was begun elsewhere."""
        self._search.setFocus()
        self._search.insert(text)

    def stand_on(self, row: int) -> None:
        """Put the cursor on a row."""
        self._table.selectRow(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if watched is self._search and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._search_key(event)
        return False

    def _tell_search(self) -> None:
        self._rest.stop()
        self.searched.emit(self._search.text())

    def _search_key(self, event: QKeyEvent) -> bool:
        types_nothing = not event.text() or not event.text().isprintable()
        if self._rest.isActive() and types_nothing:
            self._tell_search()  # what the key does must not be done to a row from before
        if event.key() == Qt.Key.Key_Escape and self._search.text():
            self._search.clear()
            return True
        if event.key() == Qt.Key.Key_Down:
            self._table.setFocus()
            if not self._table.currentIndex().isValid():
                self._table.selectRow(0)
            return True
        return False


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")
