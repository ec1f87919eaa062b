"""Antrean dan kirim: the list, the run under way, the numbers of both sides."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.acts import Act
from ui.presenters.delivery.queue import COLUMNS, QueueState
from ui.presenters.parts import Tone
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.progress_card import ProgressCard
from ui.widgets.quality_panel import Advice


class QueueView(ListScreen[QueueState]):
    """What waits at the left, what both sides count at the right."""

    make_shipment = Signal()
    show_statuses = Signal()
    back_up = Signal()
    send_again = Signal()
    hand_over = Signal()
    set_aside = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._progress, self._advice = ProgressCard(look), Advice(look)
        self._advice.commanded.connect(self.command)
        self._advice.refused.connect(self.refused)
        self._sides, self._central = NumberCard(look), NumberCard(look)
        left = bare(QVBoxLayout(), look.tokens.space["md"])
        left.addWidget(self._progress)
        left.addWidget(self.table, 1)
        left.addWidget(self._advice)
        self.lay_out_with_side(left, self._sides, self._central)

    def show_state(self, state: QueueState) -> None:
        """Show the queue."""
        present(self._progress, state.sending is not None)
        if state.sending is not None:
            self._progress.render_progress(state.sending)
        title, hint = phrase("kirim.title"), phrase("ui.search.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)
        self._sides.render_numbers(phrase("kirim.both_sides"), state.sides)
        self._central.render_numbers(phrase("kirim.central"), state.central, phrase("kirim.central_none"))
        self._show_advice(state)

    def _show_advice(self, state: QueueState) -> None:
        """Tell about the record under the cursor where it is held back, else about the backup that is missing."""
        if state.held_back is None:
            self._advice.render_advice(state.reminder, state.reminder_detail, Tone.SOFT)
            return
        told = self.look.phrases.explain(state.held_back)
        detail = phrase("kirim.why_aside", reason=state.why_aside) if state.why_aside else f"{told.safe} {told.do}"
        self._advice.render_advice(told.what, detail, more=state.record_actions)

    def perform(self, act: Act) -> bool:
        """Press what can be done about the record under the cursor."""
        actions = self.state.record_actions if self.state is not None else ()
        action = next((action for action in actions if action.act is act), None)
        if action is None:
            return super().perform(act)
        if action.refused:
            self.refused.emit(self.look.say(action.refused))
        else:
            self.command(action)
        return True
