"""What the card of a person on the reader tells."""

from __future__ import annotations

from ui.presenters.recording.card_check import CardCheckState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.layout import SPRING, column
from ui.widgets.photo import CardSeenPanel
from ui.widgets.text import Role, Text


class CardCheckView(Screen[CardCheckState]):
    """One card with one photo; Esc leaves, F4 waits for a card again."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._card = Text(Role.TITLE), CardSeenPanel(theming)
        page(column(self._title, self._card, SPRING, on=self.content), theming)

    def show_state(self, state: CardCheckState) -> None:
        """Show what the card told."""
        self._title.setText(self.theming.say(state.title))
        self._card.render_card(state.card)
