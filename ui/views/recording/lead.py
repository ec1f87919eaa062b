"""The team lead's word: who stands here, and the passphrase."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.recording.state import LeadPanel
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.text import Role, Text

_WIDTH = 560


class LeadPage(QWidget):
    """Choose with the arrows, type the passphrase, Enter."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._hint, self._who, self.people = Text(wraps=True), Text(Role.SECTION), ChoiceList(look, has_keys=False)
        self.passphrase = TextField(look, is_secret=True)
        self._cleared = 0
        card = Card(look)
        card.setMaximumWidth(_WIDTH)
        for widget in (self._hint, self._who, self.people, self.passphrase):
            card.body.addWidget(widget)
        column = bare(QVBoxLayout(self), look.tokens.space["md"])
        column.addWidget(card)
        column.addStretch(1)

    def show_panel(self, panel: LeadPanel) -> None:
        """Show who may be asked; the passphrase empties when it was wrong."""
        self._hint.setText(self._look.say(phrase("rekam.lead_hint")))
        self._who.setText(self._look.say(phrase("rekam.lead_who")))
        self.people.render_choices(panel.choices, panel.chosen)
        text = self.passphrase.text() if panel.clear_serial == self._cleared else ""
        self._cleared = panel.clear_serial
        told = self._look.phrases.explain(panel.problem) if panel.problem is not None else None
        problem = f"{told.what} {told.do}" if told else ""
        self.passphrase.render_field(phrase("rekam.lead_passphrase"), text, problem=problem)

    def forget(self) -> None:
        """Empty the passphrase: the panel was closed."""
        self._cleared = 0
        self.passphrase.render_field(phrase("rekam.lead_passphrase"), "")
