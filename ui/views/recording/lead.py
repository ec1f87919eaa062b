"""The team lead's word: who stands here, and the passphrase."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.messages import Message, message
from ui.presenters.recording.panels import LeadPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.layout import SPRING, column
from ui.widgets.text import Role, Text

_WIDTH = 560


class LeadPage(QWidget):
    """Choose with the arrows, type the passphrase, Enter."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._hint, self._who, self.people = Text(wraps=True), Text(Role.SECTION), ChoiceList(theming, has_keys=False)
        self.passphrase = TextField(theming, is_secret=True)
        self._cleared = 0
        card = card_of(theming, self._hint, self._who, self.people, self.passphrase)
        card.setMaximumWidth(_WIDTH)
        column(card, SPRING, on=self, gap=theming.tokens.space["md"])

    def show_panel(self, panel: LeadPanel, hint: Message) -> None:
        """Show what for and who may be asked; the passphrase empties when it was wrong."""
        self._hint.setText(self._theming.say(hint))
        self._who.setText(self._theming.say(message("rekam.lead_who")))
        self.people.render_choices(panel.choices, panel.chosen)
        text = self.passphrase.text() if panel.clear_serial == self._cleared else ""
        self._cleared = panel.clear_serial
        told = self._theming.catalog.explain(panel.problem) if panel.problem is not None else None
        problem = f"{told.what} {told.do}" if told else ""
        self.passphrase.render_field(message("rekam.lead_passphrase"), text, problem=problem)

    def forget(self) -> None:
        """Empty the passphrase: the panel was closed."""
        self._cleared = 0
        self.passphrase.render_field(message("rekam.lead_passphrase"), "")
