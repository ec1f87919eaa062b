"""Tenggat: the clocks at the left, one of them with what moved it at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.statuses.clocks import COLUMNS, ClocksState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.fact_grid import FactGrid
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice


class ClocksView(ListScreen[ClocksState]):
    """Enter stops or starts a clock, F9 writes down what begins it, Ctrl S shows one state."""

    next_state = Signal()
    write_facts = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._person, self._facts = Card(look), FactGrid(look)
        self._person.body.addWidget(self._facts)
        self._moved, self._why = Card(look), FactGrid(look)
        self._moved.body.addWidget(self._why)
        self._standing, self._caution, self._counts = Advice(look), Advice(look), NumberCard(look)
        left = bare(QVBoxLayout(), 0)
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._standing, self._person, self._moved, self._caution, self._counts)

    def show_state(self, state: ClocksState) -> None:
        """Show the clocks."""
        self._standing.render_advice(state.standing, state.standing_why)
        self._person.set_title(self.look.say(state.person))
        self._facts.render_facts(state.facts)
        present(self._person, bool(state.person))
        self._moved.set_title(self.look.say(phrase("tenggat.why_moved")))
        self._why.render_facts(state.moved)
        present(self._moved, bool(state.moved))
        self._caution.render_advice(state.caution)
        self._counts.render_numbers(phrase("tenggat.counts"), state.counts)
        title, hint = phrase("tenggat.title"), phrase("ui.search.hint")
        nothing, cursor = state.nothing, state.cursor
        self.show_rows(title, COLUMNS, state.rows, empty=nothing, hint=hint, tags=state.tags, cursor=cursor)
