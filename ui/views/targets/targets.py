"""Sasaran: the list of the day."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.targets.targets import COLUMNS, TargetsState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.card_seen import CardSeenPanel
from ui.widgets.quality_panel import Advice


class TargetsView(ListScreen[TargetsState]):
    """A row is a house; what is to know about it stands below the table."""

    show_queue = Signal()
    check_card = Signal()
    next_state = Signal()
    next_category = Signal()
    write_notes = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, opens_rows=True)
        self._advice = Advice(look)
        column = page(QVBoxLayout(self.content), look)
        column.addWidget(self.table, 1)
        column.addWidget(self._advice)
        self._card = CardSeenPanel(look)
        column.addWidget(self._card)

    def show_state(self, state: TargetsState) -> None:
        """Show the list."""
        self.show_rows(
            phrase("sasaran.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("sasaran.hint"),
            tags=state.tags,
            cursor=state.cursor,
        )
        self._card.render_card(state.card)
        self._advice.render_advice(state.about, " ".join(self.look.say(words) for words in state.warnings))
