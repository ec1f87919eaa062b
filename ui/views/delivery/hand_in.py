"""Kirim dari flashdisk: the sticks to choose from, and below them what became of the records of one."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.delivery.hand_in import HandInState, Refusal
from ui.presenters.form import FormState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.form import FormView
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice


class HandInView(FormView):
    """A form whose stick has the keyboard at first; each reason of a refusal is a card of its own."""

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._counts = NumberCard(look)
        self._reasons: list[Advice] = []
        self._below = QVBoxLayout()
        self._below.setSpacing(look.tokens.space["md"])
        self._below.addWidget(self._counts)
        self.column.insertLayout(self.column.count() - 1, self._below)

    def show_state(self, state: FormState) -> None:
        """Show the sticks and the outcome."""
        super().show_state(state)
        assert isinstance(state, HandInState)
        present(self._counts, bool(state.counts))
        if state.counts:
            self._counts.render_numbers(phrase("titip.outcome"), state.counts)
        while len(self._reasons) < len(state.refusals):
            self._reasons.append(Advice(self.look))
            self._below.addWidget(self._reasons[-1])
        for at, card in enumerate(self._reasons):
            present(card, at < len(state.refusals))
            if at < len(state.refusals):
                self._show_refusal(card, state.refusals[at])

    def _show_refusal(self, card: Advice, refusal: Refusal) -> None:
        told = self.look.phrases.explain(refusal.problem)
        title = phrase("titip.refused_because", count=len(refusal.record_ids), why=told.what)
        card.render_advice(title, f"{told.safe} {told.do}\n{', '.join(refusal.record_ids)}")
