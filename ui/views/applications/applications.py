"""Permohonan: one table; what each waits for stands in its row."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.applications.applications import COLUMNS, ApplicationsState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen


class ApplicationsView(ListScreen[ApplicationsState]):
    """Arrows move, Enter opens, letters search, Ctrl S filters."""

    begin_new = Signal()
    write_recap = Signal()
    next_filter = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, opens_rows=True)
        page(QVBoxLayout(self.content), look).addWidget(self.table, 1)

    def show_state(self, state: ApplicationsState) -> None:
        """Show the list."""
        hint = phrase("counter.hint")
        self.show_rows(state.title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)

    def perform(self, act: Act) -> bool:
        """Filter; the other keys are those of lists."""
        if act is Act.FILTER:
            self.next_filter.emit()
            return True
        return super().perform(act)
