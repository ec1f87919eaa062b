"""Pegawai: the list at the left, the form of one person at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout

from ui.presenters.people.staff import COLUMNS, StaffState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.field import TextField
from ui.widgets.lines import LineList
from ui.widgets.text import Role, Text

_FORM = 420


class StaffView(ListScreen[StaffState]):
    """Tab goes from the list into the form; Enter saves."""

    begin_new = Signal()
    remove = Signal()
    type_field = Signal(str, str)
    choose_account = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._form = Card(look)
        self._form.setFixedWidth(_FORM)
        self._fields = {name: TextField(look) for name in ("name", "nip", "pangkat", "jabatan")}
        self._account_head, self._accounts = Text(Role.STRONG), LineList(look)
        self._accounts.toggled.connect(self.choose_account)
        for name, field in self._fields.items():
            field.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            self._form.body.addWidget(field)
        self._form.body.addWidget(self._account_head)
        self._form.body.addWidget(self._accounts, 1)
        row = page(QHBoxLayout(self.content), look)
        row.setSpacing(look.tokens.space["lg"])
        row.addWidget(self.table, 1)
        row.addWidget(self._form)
        self.begin_new.connect(self._fields["name"].setFocus)

    def show_state(self, state: StaffState) -> None:
        """Show list and form."""
        self._form.set_title(self.look.say(state.title))
        for shown in state.fields:
            self._fields[shown.name].render_field(shown.label, shown.text, problem=shown.problem)
        self._account_head.show_text(self.look.say(phrase("pegawai.account")))
        self._accounts.render_lines(self.look.say(phrase("pegawai.account")), state.accounts)
        self._form.setEnabled(state.may_write)
        self.show_rows(
            phrase("pegawai.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=phrase("pegawai.hint"),
            cursor=state.cursor,
        )
