"""Verifikasi sasaran: the worklist at the left, the verdicts at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.targets.verify_targets import COLUMNS, VerifyTargetsState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.text import Role, Text


class VerifyTargetsView(ListScreen[VerifyTargetsState]):
    """Tab goes from the list to the verdicts, Space chooses one; Ctrl Enter verifies all that are shown."""

    judge = Signal(str)
    judge_shown = Signal()
    next_filter = Signal()
    export = Signal()
    read_answer = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._card, self._remark = Card(look), Text(Role.MUTED, wraps=True)
        self._choices = ChoiceList(look, has_keys=False)
        self._choices.chosen.connect(self.judge)
        self._choices.refused.connect(self.refused)
        self._card.body.addWidget(self._remark)
        self._card.body.addWidget(self._choices)
        left = bare(QVBoxLayout(), look.tokens.space["md"])
        left.addWidget(self.table, 1)
        self.lay_out_with_side(left, self._card)

    def show_state(self, state: VerifyTargetsState) -> None:
        """Show list and verdicts."""
        self._card.set_title(self.look.say(state.about))
        self._remark.show_text(self.look.say(state.remark))
        self._choices.render_choices(state.choices, state.chosen)
        self.show_rows(
            phrase("cek.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("sasaran.hint"),
            tags=state.tags,
        )
