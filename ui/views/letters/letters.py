"""Surat: the letters of an activity, or the archive."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.letters.letters import COLUMNS, LettersState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen


class LettersView(ListScreen[LettersState]):
    """Enter opens a letter or begins a missing one; typing searches the whole archive."""

    draft_another = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, opens_rows=True)
        page(QVBoxLayout(self.content), look).addWidget(self.table, 1)

    def show_state(self, state: LettersState) -> None:
        """Show the list."""
        self.show_rows(
            state.title, COLUMNS, state.rows, empty=state.nothing, hint=phrase("surat.search_hint"), tags=state.tags
        )
