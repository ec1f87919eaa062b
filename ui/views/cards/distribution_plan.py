"""Jadwal distribusi: its stops as a list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.cards.distribution_plan import COLUMNS, DistributionPlanState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen


class DistributionPlanView(ListScreen[DistributionPlanState]):
    """Ctrl B adds a stop, Enter changes one, Ctrl H takes it off."""

    add = Signal()
    remove = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self.table.commanded.connect(self.command)
        page(QVBoxLayout(self.content), look).addWidget(self.table, 1)

    def show_state(self, state: DistributionPlanState) -> None:
        """Show the stops."""
        self.show_rows(
            phrase("distribusi.plan_title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("distribusi.plan_search"),
            tags=state.tags,
        )
