"""Kegiatan baru: name, place and day at the left, SOP and mode at the right."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.presenters.messages import message
from ui.presenters.planning.new_activity import NewActivityState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.field import TextField
from ui.widgets.lines import LineList
from ui.widgets.text import Role, Text


class NewActivityView(Screen[NewActivityState]):
    """Tab walks, Space chooses SOP and mode, Enter begins."""

    type_field = Signal(str, str)
    choose_sop = Signal(str)
    choose_mode = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._fields = {name: TextField(theming) for name in ("name", "place", "on")}
        self._sop_head, self._mode_head = Text(Role.STRONG), Text(Role.STRONG)
        self._sops, self._modes = LineList(theming), LineList(theming)
        self._sops.toggled.connect(self.choose_sop)
        self._modes.toggled.connect(self.choose_mode)
        self._left, self._right = Card(theming), Card(theming)
        for name, field in self._fields.items():
            field.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            self._left.body.addWidget(field)
        self._left.body.addWidget(self._mode_head)
        self._left.body.addWidget(self._modes)
        self._left.body.addStretch(1)
        self._modes.setFixedHeight(100)
        right: QVBoxLayout = self._right.body
        right.addWidget(self._sop_head)
        right.addWidget(self._sops, 1)
        row = page(QHBoxLayout(self.content), theming)
        row.setSpacing(theming.tokens.space["lg"])
        row.addWidget(self._left, 1)
        row.addWidget(self._right, 1)
        self.setFocusProxy(self._fields["name"])

    def show_state(self, state: NewActivityState) -> None:
        """Show the form."""
        say = self.theming.say
        self._left.set_title(say(message("rencana.new_title")))
        for shown in state.fields:
            self._fields[shown.name].render_field(shown.label, shown.text, problem=shown.problem)
        self._mode_head.show_text(say(message("rencana.mode")))
        self._modes.render_lines(say(message("rencana.mode")), state.modes)
        self._sop_head.show_text(say(message("rencana.sop")))
        self._sops.render_lines(say(message("rencana.sop")), state.sops)
        for part in (self._left, self._right):
            part.setEnabled(state.may_plan)
        take_keyboard(self)
