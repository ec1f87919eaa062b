"""What the card on the reader told, with its photo."""

from __future__ import annotations

from PySide6.QtCore import QSize

from ui.presenters.messages import message
from ui.presenters.recording.card_check import CardShown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, row
from ui.widgets.photo import PhotoView
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_PHOTO = QSize(96, 128)


class CardSeenPanel(Card):
    """Takes no place while there is nothing to tell."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._photo, self._what, self._hint = PhotoView(theming), Text(Role.STRONG, wraps=True), Text(wraps=True)
        self._photo.setFixedSize(_PHOTO)
        words = column(self._what, self._hint, SPRING, gap=theming.tokens.space["xs"])
        self.body.addLayout(row(self._photo, (words, 1), gap=theming.tokens.space["md"]))

    def render_card(self, card: CardShown | None) -> None:
        """Show what was read."""
        if card is not None:
            self.set_tone(card.tone)
            self._what.show_text(self._theming.say(card.title))
            self._hint.show_text(self._theming.say(card.hint))
            self._photo.show_photo(card.photo, message("kartu.photo"))
        present(self._photo, card is not None and card.photo is not None)
        present(self, card is not None)
