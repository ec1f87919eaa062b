"""Perbedaan: both sides of one difference."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.exchange.conflict import ConflictState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen

_HINT = phrase("conflicts.search")


class ConflictView(ListScreen[ConflictState]):
    """1 and 2 take a side, Ctrl O swaps a field, Enter keeps."""

    take_first = Signal()
    take_second = Signal()
    take_third = Signal()
    swap = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        page(QVBoxLayout(self.content), look).addWidget(self.table, 1)

    def show_state(self, state: ConflictState) -> None:
        """Show the sides beside each other."""
        rows, empty = state.rows, state.nothing
        self.show_rows(state.title, state.columns, rows, empty=empty, hint=_HINT, tags=state.tags, cursor=1)
