"""Sarpras: four lists behind four big switches."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.sarpras.inventory import COLUMNS, InventoryState, Shelf
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.runtime.shortcuts import act_of
from ui.views.layout import bare, page
from ui.views.list_screen import ListScreen
from ui.widgets.table import Table
from ui.widgets.text import Role, Text
from ui.widgets.toggle import ToggleButton


class InventoryView(ListScreen[InventoryState]):
    """PgUp and PgDn change the list, letters search it."""

    add = Signal()
    history = Signal()
    repair = Signal()
    photo = Signal()
    usual = Signal()
    next_shelf = Signal()
    previous_shelf = Signal()
    choose_shelf = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.table.commanded.connect(self.command)
        self._switches = {shelf: ToggleButton(look) for shelf in Shelf}
        self._keys = Text(Role.MUTED)
        if (rows := self.table.findChild(Table)) is not None:
            rows.installEventFilter(self)
        switches = bare(QHBoxLayout(), look.tokens.space["sm"])
        for shelf, switch in self._switches.items():
            switch.clicked.connect(lambda _checked=False, name=shelf.value: self.choose_shelf.emit(name))
            switches.addWidget(switch)
        switches.addWidget(self._keys)
        column = page(QVBoxLayout(self.content), look)
        column.addLayout(switches)
        column.addWidget(self.table, 1)

    def show_state(self, state: InventoryState) -> None:
        """Show the list that was chosen."""
        for choice in state.shelves:
            self._switches[Shelf(choice.name)].render_toggle(choice.words, is_on=choice.name == state.shelf.value)
        self._keys.setText(self.look.say(phrase("sarpras.shelf_keys")))
        self.show_rows(
            phrase("sarpras.title"),
            COLUMNS[state.shelf],
            state.rows,
            empty=state.nothing,
            hint=phrase("sarpras.search"),
            tags=state.tags,
        )

    def eventFilter(self, _rows: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        # A table of its own would jump by a page; here a page is the next list.
        return isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and self._turn(event)

    def _turn(self, event: QKeyEvent) -> bool:
        act = act_of(event)
        return act in (Act.NEXT_STEP, Act.PREVIOUS_STEP) and self.perform(act)

    def perform(self, act: Act) -> bool:
        """Answer the keys of lists, and those that change the list."""
        if act is Act.NEXT_STEP:
            self.next_shelf.emit()
        elif act is Act.PREVIOUS_STEP:
            self.previous_shelf.emit()
        else:
            return super().perform(act)
        return True
