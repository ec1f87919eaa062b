"""Distribusi: the documents at the left; the way of the one under the cursor and the counts at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.cards.distribution import COLUMNS, DistributionState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.list_keys import ListKeys
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.way_list import FactList


class DistributionView(ListScreen[DistributionState]):
    """Space chooses a document, Ctrl O all that are shown, Enter hands over what is chosen."""

    toggle = Signal()
    toggle_all = Signal()
    next_filter = Signal()
    schedule = Signal()
    print_slips = Signal()
    failed = Signal()
    write_ba = Signal()
    export = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._below = ListKeys(look)
        self._below.commanded.connect(self.command)
        self._below.refused.connect(self.refused)
        self._way, self._facts = Card(look), FactList(look)
        self._way.body.addWidget(self._facts)
        self._numbers = NumberCard(look)
        left = bare(QVBoxLayout(), look.tokens.space["sm"])
        left.addWidget(self.table, 1)
        left.addWidget(self._below)
        self.lay_out_with_side(left, self._numbers, self._way)

    def show_state(self, state: DistributionState) -> None:
        """Show list, way and counts."""
        self._below.render_keys(phrase("distribusi.keys"), state.ways)
        self._way.set_title(self.look.say(state.about))
        self._facts.render_facts(state.facts)
        present(self._way, bool(state.facts))
        self._numbers.render_numbers(phrase("distribusi.counts"), state.numbers)
        self.show_rows(
            phrase("distribusi.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("distribusi.search"),
            tags=state.tags,
        )

    def perform(self, act: Act) -> bool:
        """Answer the keys of lists, and those that choose."""
        if act is Act.CAPTURE:
            self.toggle.emit()
        elif act is Act.GROUP:
            self.toggle_all.emit()
        else:
            return self._below.perform(act) or super().perform(act)
        return True
