"""The line that says: this was typed before and is not accepted yet; and the button that throws it away."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.layout import row
from ui.widgets.problem_card import Icon
from ui.widgets.text import Role, Text


class RestoredLine(Card):
    """One line above the content: what stands below waits to be accepted."""

    thrown = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Tone.SOFT)
        space = theming.tokens.space
        self.body.setContentsMargins(space["md"], space["xs"], space["xs"], space["xs"])
        self._words, self._button = Text(Role.STRONG, wraps=True), ActionButton(theming)
        self._button.commanded.connect(lambda _command: self.thrown.emit())
        icon = (Icon(theming, "clock", "text"), 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(row(icon, (self._words, 1), self._button, gap=space["sm"]))

    def show_words(self, words: Message) -> None:
        """Say since when."""
        said = self._theming.say(words)
        self._words.setText(said)
        self.setAccessibleName(said)
        self._button.render_action(Command("throw_away", message("isian.throw_away"), Action.THROW_AWAY))
