"""Kirim dari flashdisk: the sticks to choose from, and below them what became of the records of one."""

from __future__ import annotations

from ui.presenters.delivery.stick_work import HandInState, Refusal
from ui.presenters.form import FormState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.widgets.layout import column
from ui.widgets.numbers import NumberCard
from ui.widgets.presence import Pool, present
from ui.widgets.quality_panel import Advice


class HandInView(FormView):
    """A form whose stick has the keyboard at first; each reason of a refusal is a card of its own."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._counts = NumberCard(theming)
        below = column(self._counts, gap=theming.tokens.space["md"])
        self._reasons: Pool[Advice] = Pool(below.addWidget, lambda: Advice(theming))
        self.column.insertLayout(self.column.count() - 1, below)

    def show_state(self, state: FormState) -> None:
        """Show the sticks and the outcome."""
        super().show_state(state)
        assert isinstance(state, HandInState)
        present(self._counts, bool(state.counts))
        if state.counts:
            self._counts.render_numbers(message("titip.outcome"), state.counts)
        self._reasons.show(state.refusals, self._show_refusal)

    def _show_refusal(self, card: Advice, refusal: Refusal) -> None:
        told = self.theming.catalog.explain(refusal.problem)
        title = message("titip.refused_because", count=len(refusal.record_ids), why=told.what)
        card.render_advice(title, f"{told.safe} {told.do}\n{', '.join(refusal.record_ids)}")
