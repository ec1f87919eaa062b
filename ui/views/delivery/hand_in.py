"""Kirim dari flashdisk: the sticks to choose from, and below them what became of the records of one."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.delivery.hand_in import HandInState, Refusal
from ui.presenters.form import FormState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice


class HandInView(FormView):
    """A form whose stick has the keyboard at first; each reason of a refusal is a card of its own."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._counts = NumberCard(theming)
        self._reasons: list[Advice] = []
        self._below = QVBoxLayout()
        self._below.setSpacing(theming.tokens.space["md"])
        self._below.addWidget(self._counts)
        self.column.insertLayout(self.column.count() - 1, self._below)

    def show_state(self, state: FormState) -> None:
        """Show the sticks and the outcome."""
        super().show_state(state)
        assert isinstance(state, HandInState)
        present(self._counts, bool(state.counts))
        if state.counts:
            self._counts.render_numbers(message("titip.outcome"), state.counts)
        while len(self._reasons) < len(state.refusals):
            self._reasons.append(Advice(self.theming))
            self._below.addWidget(self._reasons[-1])
        for at, card in enumerate(self._reasons):
            present(card, at < len(state.refusals))
            if at < len(state.refusals):
                self._show_refusal(card, state.refusals[at])

    def _show_refusal(self, card: Advice, refusal: Refusal) -> None:
        told = self.theming.catalog.explain(refusal.problem)
        title = message("titip.refused_because", count=len(refusal.record_ids), why=told.what)
        card.render_advice(title, f"{told.safe} {told.do}\n{', '.join(refusal.record_ids)}")
