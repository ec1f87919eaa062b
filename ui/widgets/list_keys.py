"""The line below a list: what its keys do, and buttons for which the bottom bar has no room."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.presenters.acts import Act
from ui.presenters.commands import Command
from ui.presenters.words import Words
from ui.runtime.look import Look
from ui.widgets.button import ActionButton
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class ListKeys(QWidget):
    """`commanded` tells which was pressed, `refused` why it does nothing."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._words, self._buttons = Text(Role.MUTED, wraps=True), list[ActionButton]()
        self._ways: tuple[Command, ...] = ()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(look.tokens.space["sm"])
        self._row.addWidget(self._words, 1)

    def render_keys(self, words: Words, ways: tuple[Command, ...]) -> None:
        """Show the words and the buttons."""
        self._ways = ways
        self._words.show_text(self._look.say(words))
        while len(self._buttons) < len(ways):
            button = ActionButton(self._look)
            button.commanded.connect(self.commanded)
            button.refused.connect(self.refused)
            self._buttons.append(button)
            self._row.addWidget(button)
        for at, button in enumerate(self._buttons):
            present(button, at < len(ways))
            if at < len(ways):
                button.render_action(ways[at])

    def perform(self, act: Act) -> bool:
        """Do what a key means; `False` when no button has it."""
        for at, way in enumerate(self._ways):
            if way.act is act:
                self._buttons[at].click()
                return True
        return False
