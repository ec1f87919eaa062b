"""Rekap: the numbers above the people of the day, outcomes and times at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.visits.recap import COLUMNS, RecapState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.number_card import NumberCard
from ui.widgets.numbers import NumberRow


class RecapView(ListScreen[RecapState]):
    """PgUp and PgDn turn the days, Enter goes to the evaluation."""

    next_step = Signal()
    previous_step = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._numbers, self._card = NumberRow(look), Card(look)
        self._card.body.addWidget(self._numbers)
        self._outcomes, self._times = NumberCard(look), NumberCard(look)
        left = bare(QVBoxLayout(), look.tokens.space["md"])
        left.addWidget(self._card)
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._outcomes, self._times)

    def show_state(self, state: RecapState) -> None:
        """Show the day."""
        self._numbers.render_numbers(state.numbers)
        self._outcomes.render_numbers(phrase("field.outcome"), state.outcomes, phrase("field.no_outcome"))
        self._times.render_numbers(phrase("field.times"), state.times)
        self.show_rows(
            phrase("field.recap_title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("field.recap_hint"),
            tags=state.tags,
        )

    def perform(self, act: Act) -> bool:
        """Turn the days, or answer the keys of lists."""
        match act:
            case Act.NEXT_STEP:
                self.next_step.emit()
            case Act.PREVIOUS_STEP:
                self.previous_step.emit()
            case _:
                return super().perform(act)
        return True
