"""Lines of label and value: quality per finger, facts; and beside them advice and attempts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.commands import Command
from ui.presenters.figures import Attempt, QualityRow
from ui.presenters.messages import Message
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, fill, grid, row
from ui.widgets.presence import LastShown, Pool, present
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text


class QualityRows(QWidget):
    """Lines of label, number, the device's own number where it has one, and word."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        gap = theming.tokens.space["sm"]
        self._grid = grid(self, gap=(gap + 4, gap - 2), wide=(0,))  # the review has nine rows above the PIN
        self._lines: list[tuple[Text, Text, Text, TagLabel]] = []
        self._last = LastShown(theming)

    def render_rows(self, rows: tuple[QualityRow, ...]) -> None:
        """Show rows."""
        if self._last.is_same(rows):
            return
        while len(self._lines) < len(rows):
            line = (Text(wraps=True), Text(Role.STRONG), Text(Role.MUTED), TagLabel(self._theming))
            for place, widget in enumerate(line):
                self._grid.addWidget(widget, len(self._lines), place, Qt.AlignmentFlag.AlignVCenter)
            self._lines.append(line)
        for index, (label, value, beside, tag) in enumerate(self._lines):
            row = rows[index] if index < len(rows) else None
            label.show_text(self._theming.say(row.label) if row else "")
            value.show_text(row.value if row else "")
            beside.show_text(self._theming.say(row.beside) if row else "")
            tag.render_tag(row.tag if row else None)
            if row:
                value.set_tone(row.tag.tone)
                # Beside numbers the tags stand in a column, alone at the right edge.
                side = Qt.AlignmentFlag.AlignLeft if row.value else Qt.AlignmentFlag.AlignRight
                self._grid.setAlignment(tag, side | Qt.AlignmentFlag.AlignVCenter)


class Advice(Card):
    """One short hint: what is wrong and what helps, with a button beside it, or several below."""

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Tone.CAUTION)
        self._what = Text(Role.STRONG, wraps=True)
        self._hint = Text(wraps=True)
        self._button = ActionButton(theming)
        self._button.commanded.connect(self.commanded)
        words, below = column(self._what, self._hint, gap=theming.tokens.space["xs"]), row(SPRING)
        beside = (self._button, 0, Qt.AlignmentFlag.AlignVCenter)
        below.setSpacing(theming.tokens.space["sm"])
        fill(self.body, row((words, 1), beside, gap=theming.tokens.space["md"]), below)
        self._more = Pool(below.addWidget, self._new_button)

    def render_advice(
        self,
        title: Message,
        hint: Message = "",
        tone: Tone = Tone.CAUTION,
        action: Command | None = None,
        more: tuple[Command, ...] = (),
    ) -> None:
        """Show a hint; an empty title takes no place, and a problem without a hint says what is safe and what helps."""
        self.set_tone(tone)
        self._what.show_text(self._theming.say(title))
        told = self._theming.catalog.explain(title) if isinstance(title, Problem) and not hint else None
        self._hint.show_text(f"{told.safe} {told.do}" if told else self._theming.say(hint))
        self._button.offer(action)
        self._more.show(more, ActionButton.render_action)
        present(self, bool(self._theming.say(title)))

    def _new_button(self) -> ActionButton:
        button = ActionButton(self._theming)
        button.commanded.connect(self.commanded)
        button.refused.connect(self.refused)
        return button


class Attempts(QWidget):
    """The attempts of a step, the newest last, divided by fine lines."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._lines = Pool(column(on=self, gap=0).addWidget, lambda: _AttemptLine(theming))
        self._last = LastShown(theming)

    def render_attempts(self, attempts: tuple[Attempt, ...]) -> None:
        """Show attempts."""
        if not self._last.is_same(attempts):
            self._lines.show(attempts, _AttemptLine.render_attempt)


class _AttemptLine(QWidget):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._text, self._tag = theming, Text(Role.STRONG, wraps=True), TagLabel(theming)
        column(Rule(theming), row((self._text, 1), self._tag, margins=(0, 10, 0, 10)), on=self, gap=0)

    def render_attempt(self, attempt: Attempt) -> None:
        self._text.setText("\n".join(filter(None, map(self._theming.say, (attempt.title, attempt.note)))))
        self._tag.render_tag(attempt.tag)


class Rule(QFrame):
    """A fine dividing line."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self.setFixedHeight(1)
        self.setAutoFillBackground(True)
        self._theming = theming
        self._colour()
        theming.theme.changed.connect(self._colour)

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(self.backgroundRole(), self._theming.theme.colour("outline"))
        self.setPalette(palette)


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
            for place, text in enumerate(line):
                self._grid.addWidget(text, len(self._lines), place, Qt.AlignmentFlag.AlignTop)
            self._lines.append(line)
        for at, (label, value) in enumerate(self._lines):
            told = facts[at] if at < len(facts) else ("", "")
            label.show_text(self._theming.say(told[0]))
            value.show_text(self._theming.say(told[1]))
