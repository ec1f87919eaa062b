"""The line that says: this was typed before and is not accepted yet; and the button that throws it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.presenters.acts import Act
from ui.presenters.commands import Command
from ui.presenters.parts import Tone
from ui.presenters.words import Words, phrase
from ui.runtime.look import Look
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.problem_card import Icon
from ui.widgets.text import Role, Text

_THROW_AWAY = Command("throw_away", phrase("isian.throw_away"), Act.THROW_AWAY)


class RestoredLine(Card):
    """One line above the content: what stands below waits to be accepted."""

    commanded = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__(look, Tone.SOFT)
        space = look.tokens.space
        self.body.setContentsMargins(space["md"], space["xs"], space["xs"], space["xs"])
        self._words, self._button = Text(Role.STRONG, wraps=True), ActionButton(look)
        self._button.commanded.connect(self.commanded)
        row = QHBoxLayout()
        row.setSpacing(space["sm"])
        row.addWidget(Icon(look, "clock", "text"), 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self._words, 1)
        row.addWidget(self._button)
        self.body.addLayout(row)

    def show_words(self, words: Words) -> None:
        """Say since when."""
        said = self._look.say(words)
        self._words.setText(said)
        self.setAccessibleName(said)
        self._button.render_action(_THROW_AWAY)
