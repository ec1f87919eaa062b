"""Kunjungan: the doors of the day."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.visits.visits import COLUMNS, VisitsState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.quality_panel import Advice


class VisitsView(ListScreen[VisitsState]):
    """A row is a door; what happened there the last time stands below the table."""

    next_show = Signal()
    show_trip = Signal()
    show_recap = Signal()
    add_walk_in = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look, opens_rows=True)
        self._advice, self._jumps = Advice(look), 0
        column = page(QVBoxLayout(self.content), look)
        column.addWidget(self.table, 1)
        column.addWidget(self._advice)

    def show_state(self, state: VisitsState) -> None:
        """Show the list; once a door is closed the cursor goes on to the next."""
        say = self.look.say
        self._advice.render_advice(state.about, " · ".join(filter(None, (*map(say, state.last), state.remarks))))
        self.show_rows(
            phrase("field.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("sasaran.hint"),
            tags=state.tags,
            cursor=state.cursor,
        )
        if state.jumps != self._jumps:
            self._jumps = state.jumps
            self.table.stand_on(state.cursor)
