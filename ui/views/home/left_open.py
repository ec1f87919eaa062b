"""Belum selesai: what was left open or typed, and where it goes on."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.home.left_open import COLUMNS, LeftOpenState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen

_HINT = phrase("isian.search")


class LeftOpenView(ListScreen[LeftOpenState]):
    """Arrows move, Enter goes on."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, opens_rows=True)
        page(QVBoxLayout(self.content), look).addWidget(self.table, 1)

    def show_state(self, state: LeftOpenState) -> None:
        """Show the list."""
        title = phrase("isian.title")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=_HINT, tags=state.tags)
