"""The history of an item beside its photo."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.sarpras.item_history import COLUMNS, HistoryState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.photo import PhotoView
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class HistoryView(ListScreen[HistoryState]):
    """A row is what happened once; its photo stands beside the list."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._card, self._photo, self._about = Card(look), PhotoView(look), Text(Role.MUTED, wraps=True)
        self._photo.setMinimumHeight(240)
        self._card.body.addWidget(self._photo)
        self._card.body.addWidget(self._about)
        left = bare(QVBoxLayout(), look.tokens.space["md"])
        left.addWidget(self.table)
        self.lay_out_with_side(left, self._card)

    def show_state(self, state: HistoryState) -> None:
        """Show the history."""
        self.show_rows(
            state.title, COLUMNS, state.rows, empty=state.nothing, hint=phrase("sarpras.search"), tags=state.tags
        )
        self._photo.show_photo(state.photo, phrase("sarpras.photo"))
        present(self._photo, state.photo is not None)
        self._about.show_text(self.look.say(state.about))
        present(self._card, state.photo is not None or bool(self.look.say(state.about)))
