"""What something is about: quiet labels, strong values."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.presenters.messages import Message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import grid
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class FactGrid(QWidget):
    """Lines of label and value; a value can be marked with the mouse."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._grid = grid(self, gap=(theming.tokens.space["md"], theming.tokens.space["xs"]), wide=(1,))
        self._lines: list[tuple[Text, Text]] = []

    def render_facts(self, facts: tuple[tuple[Message, Message], ...]) -> None:
        """Show facts; none take no place."""
        present(self, bool(facts))
        while len(self._lines) < len(facts):
            line = (Text(Role.MUTED), Text(Role.STRONG, wraps=True))
            line[1].setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)  # numbers are copied
            for column, text in enumerate(line):
                self._grid.addWidget(text, len(self._lines), column, Qt.AlignmentFlag.AlignTop)
            self._lines.append(line)
        for at, (label, value) in enumerate(self._lines):
            told = facts[at] if at < len(facts) else ("", "")
            label.show_text(self._theming.say(told[0]))
            value.show_text(self._theming.say(told[1]))
