"""Many choices of a form: a list with ticks, of which only the lines that are seen are drawn up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.presenters.form import FormField
from ui.presenters.lines import Line, LinesOnDemand
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.field import FieldNote
from ui.widgets.layout import SPRING, column, row
from ui.widgets.lines import LineList
from ui.widgets.text import Role, Text

MANY = 40  # choices that still stand side by side
_WIDTH, _HIGH = 900, 330


class TickList(QWidget):
    """Arrows walk, Space ticks; `chosen` tells the name of the line."""

    chosen = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._label, self._count, self._lines = Text(Role.STRONG), Text(Role.MUTED), LineList(theming)
        self._lines.setFixedHeight(_HIGH)
        self._lines.toggled.connect(self.chosen)
        self._note = FieldNote(theming)
        head = row(self._label, SPRING, self._count)
        column(head, self._lines, self._note, on=self, gap=theming.tokens.space["xs"])
        self.setMaximumWidth(_WIDTH)
        self.setFocusProxy(self._lines)

    def show_field(self, field: FormField) -> None:
        """Show label, how many are ticked, and the lines."""
        label, choices, chosen = self._theming.say(field.label), field.choices, frozenset(field.chosen)
        self._label.setText(label)
        self.setAccessibleDescription(self._note.show_note(field.problem))
        self._count.setText(self._theming.say(message("formulir.ticked", count=len(chosen), total=len(choices))))

        def line(at: int) -> Line:
            return Line(choices[at].name, choices[at].words, is_on=choices[at].name in chosen)

        names = tuple(choice.name for choice in choices)
        self._lines.render_lines(label, LinesOnDemand(names, line, (choices, chosen)))
