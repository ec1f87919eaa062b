"""A form on one card: Tab walks, Enter keeps, Esc leaves."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.form import FormField, FormState
from ui.runtime.look import Look
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choice_grid import ChoiceGrid
from ui.widgets.field import TextField
from ui.widgets.text import Role, Text

_WIDTH = 900
_LONG = 24  # letters of a choice that does not fit into a quarter of the window


class FormView(Screen[FormState]):
    """Fields are built once, when they are known; after that they only follow the state."""

    accept = Signal()
    type = Signal(str, str)
    choose = Signal(str, str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._title, self._hint, self._card = Text(Role.TITLE), Text(Role.MUTED, wraps=True), Card(look)
        self._fields: dict[str, TextField | _Choosing] = {}
        column = page(QVBoxLayout(self.content), look)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        column.addWidget(self._card)
        column.addStretch(1)
        self._has_begun = False

    def show_state(self, state: FormState) -> None:
        """Show the fields."""
        self._title.setText(self.look.say(state.title))
        self._hint.show_text(self.look.say(state.hint))
        for field in state.fields:
            self._show(field)
        if state.fields and not self._has_begun:
            self._has_begun = True
            self._fields[state.fields[0].name].setFocus(Qt.FocusReason.TabFocusReason)

    def _show(self, field: FormField) -> None:
        widget = self._fields.get(field.name) or self._build(field)
        if isinstance(widget, TextField):
            widget.render_field(field.label, field.text, hint=field.hint)
        else:
            widget.show_field(field)

    def _build(self, field: FormField) -> TextField | _Choosing:
        widget: TextField | _Choosing = _Choosing(self.look, field) if field.choices else TextField(self.look)
        if isinstance(widget, TextField):
            widget.setMaximumWidth(_WIDTH)
            widget.edited.connect(lambda text, name=field.name: self.type.emit(name, text))
        else:
            widget.grid.chosen.connect(lambda choice, name=field.name: self.choose.emit(name, choice))
        self._fields[field.name] = widget
        self._card.body.addWidget(widget)
        return widget


class _Choosing(QWidget):
    """A field that is chosen from, with its label."""

    def __init__(self, look: Look, field: FormField) -> None:
        super().__init__()
        self._look = look
        is_long = any(len(look.say(choice.words)) > _LONG for choice in field.choices)
        self._label, self.grid = Text(Role.STRONG), ChoiceGrid(look, columns=2 if is_long else 4)
        column = bare(QVBoxLayout(self), look.tokens.space["xs"])
        column.addWidget(self._label)
        column.addWidget(self.grid)
        self.setFocusProxy(self.grid)

    def show_field(self, field: FormField) -> None:
        """Show label and choices."""
        self._label.setText(self._look.say(field.label))
        self.grid.render_choices(field.choices, field.chosen)
