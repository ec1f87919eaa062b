"""Bantuan: the list at the left; numbers, the person and what the proposal has come through at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.aid.aid import COLUMNS, AidListState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.fact_grid import FactGrid
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.steps import Timeline


class AidView(ListScreen[AidListState]):
    """Enter goes on with the row, Ctrl Enter with all that are as far; Ctrl S filters."""

    next_filter = Signal()
    export = Signal()
    meet = Signal()
    judge = Signal()
    write_note = Signal()
    move_all = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._numbers, self._person = NumberCard(look), Card(look)
        self._facts, self._history = FactGrid(look), Timeline(look)
        self._export, self._note = ActionButton(look), ActionButton(look)
        self._numbers.body.addWidget(self._export)
        for part in (self._facts, self._history, self._note):
            self._person.body.addWidget(part)
        for button in (self._export, self._note):
            button.commanded.connect(self.command)
            button.refused.connect(self.refused)
        left = bare(QVBoxLayout(), 0)
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._numbers, self._person)

    def show_state(self, state: AidListState) -> None:
        """Show list and details."""
        self.show_rows(
            phrase("aid.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("sasaran.hint"),
            tags=state.tags,
        )
        self._numbers.render_numbers(phrase("aid.numbers"), state.numbers, phrase("aid.no_numbers"))
        self._person.set_title(self.look.say(state.about))
        self._facts.render_facts(state.facts)
        self._history.render_steps(state.history)
        for button, action in ((self._export, state.export), (self._note, state.write_note)):
            present(button, action is not None)
            if action is not None:
                button.render_action(action)
        present(self._person, bool(state.about))

    def perform(self, act: Act) -> bool:
        """Press the buttons beside the list by their keys."""
        for button, key in ((self._export, Act.NEW), (self._note, Act.PERSON_NOTES)):
            if act is key and button.isVisible():
                button.click()
                return True
        return super().perform(act)
