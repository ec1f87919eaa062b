"""A form on one card: Tab walks, Enter keeps, Esc leaves."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.presenters.form import FormState, Wrong
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.form_fields import FormFields
from ui.widgets.text import Role, Text


class FormView(Screen[FormState]):
    """The first field has the keyboard as soon as the fields are known."""

    type = Signal(str, str)
    choose = Signal(str, str)

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming)
        self._title, self._hint, self._fields = (
            Text(Role.TITLE),
            Text(Role.MUTED, wraps=True),
            FormFields(theming, wide),
        )
        self._fields.typed.connect(self.type)
        self._fields.chosen.connect(self.choose)
        column = self.column = page(QVBoxLayout(self.content), theming)
        column.addWidget(self._title)
        column.addWidget(self._hint)
        column.addWidget(self._fields)
        column.addStretch(1)
        self._has_begun = False
        self._wrong: Wrong | None = None

    def show_state(self, state: FormState) -> None:
        """Show the fields."""
        self._title.setText(self.theming.say(state.title))
        self._hint.show_text(self.theming.say(state.hint))
        self._fields.render_fields(state.fields)
        if state.fields and not self._has_begun:
            self._has_begun = True
            self._fields.take_keyboard(state.fields[0].name)
        if state.wrong is not None and state.wrong != self._wrong:
            self._fields.take_keyboard(state.wrong.name)
        self._wrong = state.wrong
