"""Daftar cetak: the list at the left, counts and what happened to one person's print at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.cards.prints import COLUMNS, PrintsState
from ui.presenters.parts import Tone
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import Timeline


class PrintsView(ListScreen[PrintsState]):
    """Space chooses a row, Ctrl Enter all of them, Enter notes what was printed."""

    next_shelf = Signal()
    toggle = Signal()
    tick_all = Signal()
    note_failed = Signal()
    write_facts = Signal()
    write_paper = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._counts, self._person, self._history = NumberCard(look), Card(look), Timeline(look)
        self._hint = Advice(look)
        self._person.body.addWidget(self._history)
        self.table.opened.connect(self.toggle)
        left = bare(QVBoxLayout(), 0)
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._counts, self._hint, self._person)

    def show_state(self, state: PrintsState) -> None:
        """Show the list."""
        self._counts.render_numbers(phrase("cetak.counts"), state.counts)
        self._hint.render_advice(phrase("cetak.keys_title") if state.hint else "", state.hint, Tone.SOFT)
        self._person.set_title(self.look.say(state.person))
        self._history.render_steps(state.history)
        present(self._person, bool(state.history))
        title, hint = phrase("cetak.title"), phrase("ui.search.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)

    def perform(self, act: Act) -> bool:
        """Answer the keys of lists, and those that choose rows."""
        match act:
            case Act.CAPTURE:
                self.toggle.emit()
            case Act.ISSUE:
                self.tick_all.emit()
            case _:
                return super().perform(act)
        return True
