"""Status pusat: the worklist, the counts of its groups and the history of one record."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.parts import Tone
from ui.presenters.statuses.statuses import COLUMNS, StatusesState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import Timeline


class StatusesView(ListScreen[StatusesState]):
    """What the data center said and what is to be done, group by group and record by record."""

    next_group = Signal()
    show_clocks = Signal()
    show_prints = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._groups, self._person, self._history = NumberCard(look), Card(look), Timeline(look)
        self._todo, self._doubt = Advice(look), Advice(look)
        self._person.body.addWidget(self._history)
        left = bare(QVBoxLayout(), 0)
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._todo, self._doubt, self._person, self._groups)

    def show_state(self, state: StatusesState) -> None:
        """Show the statuses."""
        self._groups.render_numbers(phrase("status.groups"), state.groups)
        self._person.set_title(self.look.say(state.person))
        self._history.render_steps(state.history)
        present(self._person, bool(state.history))
        self._todo.render_advice(state.todo, tone=Tone.SOFT)
        self._doubt.render_advice(phrase("status.doubt_tag") if state.doubt else "", state.doubt)
        # The last: the cursor of the table tells the presenter, which shows a newer state meanwhile.
        title, hint = phrase("status.title"), phrase("ui.search.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)
