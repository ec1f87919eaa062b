"""The checklist: the list at the left; the line under the cursor, its concerns and the signature at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from ui.presenters.actions import CHOICES, Action
from ui.presenters.messages import message
from ui.presenters.sarpras.checklist_state import COLUMNS, ChecklistState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import card_of, page
from ui.views.sarpras.checklist_side import AttentionCard, IzinCard, LineCard
from ui.views.screen import Screen
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, row
from ui.widgets.presence import present
from ui.widgets.table import Table
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text

_SIDE = 392
_ROOM_FOR_SIDE, _FOUR_ROWS = 1200, 250  # in a narrower window the side stands below the table
_STEPS = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Right: 1, Qt.Key.Key_Minus: -1, Qt.Key.Key_Left: -1}


class ChecklistView(Screen[ChecklistState]):
    """Arrows walk, Space says all is well, 1–4 the condition, L and H complete and clean, + and − count."""

    select = Signal(str)
    number = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._tags = Text(Role.TITLE), TagRow(theming)
        self._table = Table(theming, opens_rows=False)
        self._table.selected.connect(self.select)
        self._gauges, self._gauges_head = TagRow(theming), Text(Role.STRONG)
        self._kits = ActionButton(theming)
        self._line, self._attention, self._izin = LineCard(theming), AttentionCard(theming), IzinCard(theming)
        for part in (self._kits, self._line, self._attention):
            part.commanded.connect(self.command)
        self._shown: Any = None
        self.setFocusProxy(self._table)
        self._lay_out()

    def _lay_out(self) -> None:
        theming, space = self.theming, self.theming.tokens.space
        gauges = Card(theming)
        gauges.body.setContentsMargins(20, space["sm"], 20, space["sm"])
        gauges.body.addLayout(row(self._gauges_head, self._gauges, SPRING, gap=space["md"]))
        head = row(self._title, self._tags, SPRING, self._kits, gap=space["md"])
        left = column(head, (card_of(theming, self._table), 1), gauges, gap=space["md"])
        self._side = QWidget()
        self._below = column(self._line, self._attention, (self._izin, 1), on=self._side, gap=space["md"])
        self._outer = page(row((left, 1), self._side, on=self.content), theming)
        self._outer.setSpacing(space["lg"])

    def show_state(self, state: ChecklistState) -> None:
        """Show the list."""
        say = self.theming.say
        self._title.setText(say(state.title))
        self._tags.render_tags(state.tags)
        self._gauges_head.setText(say(message("sarpras.laptop")))
        self._gauges.render_tags(state.gauges)
        present(self._kits, state.choose_kits is not None)
        if state.choose_kits is not None:
            self._kits.render_action(state.choose_kits)
        shown = (tuple(map(state.rows.row, range(state.rows.count))), self.theming.catalog.language)
        if shown != self._shown:
            self._shown = shown
            self._table.render_rows(COLUMNS, state.rows)
        self._stand(state)
        self._line.show_state(state)
        self._attention.show_state(state)
        self._izin.show_state(state)
        take_keyboard(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= _ROOM_FOR_SIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._outer.setDirection(across if has_room else down)
        self._below.setDirection(down if has_room else across)
        self._side.setMinimumWidth(_SIDE if has_room else 0)
        self._side.setMaximumWidth(_SIDE if has_room else self.maximumWidth())
        self._table.setMinimumHeight(0 if has_room else _FOUR_ROWS)

    def _stand(self, state: ChecklistState) -> None:
        names = [state.rows.row(at).name for at in range(state.rows.count)]
        if state.cursor in names and self._table.currentIndex().row() != names.index(state.cursor):
            self._table.selectRow(names.index(state.cursor))

    def perform(self, act: Action) -> bool:
        """Take a digit of a count; what other keys mean is said by their commands."""
        state = self.state
        if state is not None and state.counter is not None and act in CHOICES:
            self.number.emit(CHOICES.index(act) + 1)
            return True
        return super().perform(act)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        by = _STEPS.get(Qt.Key(event.key()))
        counter = self.state.counter if self.state is not None else None
        if by is not None and counter is not None:
            self.command(counter.more if by > 0 else counter.fewer)
        else:
            event.ignore()
