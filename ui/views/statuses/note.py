"""A status from SIAK: its fields at the left, what it means and what was said before at the right."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QVBoxLayout, QWidget

from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.statuses.note import StatusNoteState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choice_grid import ChoiceGrid
from ui.widgets.field import TextField
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import Timeline
from ui.widgets.text import Role, Text

_FIELDS = ("code", "at", "reason")
_SIDE = 460


class StatusNoteView(Screen[StatusNoteState]):
    """Tab walks through fields and usual codes, Space takes a code, Enter keeps."""

    type_field = Signal(str, str)
    choose_code = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        space = theming.tokens.space
        self._title, self._person = Text(Role.TITLE), Text(Role.MUTED)
        self._card, self._usual_head, self._usual = Card(theming), Text(Role.STRONG), ChoiceGrid(theming, columns=2)
        self._usual.chosen.connect(self.choose_code)
        self._fields = {name: TextField(theming) for name in _FIELDS}
        for name, field in self._fields.items():
            field.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            self._card.body.addWidget(field)
            if name == "code":
                self._card.body.addWidget(self._usual_head)
                self._card.body.addWidget(self._usual)
        self._meaning, self._doubt = Advice(theming), Advice(theming)
        self._before, self._history = Card(theming), Timeline(theming)
        self._before.setFixedWidth(_SIDE)
        self._before.body.addWidget(self._history)
        column = page(QVBoxLayout(self.content), theming)
        column.addWidget(self._title)
        column.addWidget(self._person)
        left, right = bare(QVBoxLayout(), space["md"]), bare(QVBoxLayout(), space["md"])
        left.addWidget(self._card)
        left.addStretch(1)
        for widget in (self._doubt, self._meaning):
            widget.setFixedWidth(_SIDE)
            right.addWidget(widget)
        right.addWidget(self._before)
        right.addStretch(1)
        row = bare(QHBoxLayout(), space["lg"])
        row.addLayout(left, 1)
        row.addLayout(right)
        column.addLayout(row, 1)
        self.setFocusProxy(self._fields["code"])
        self._has_begun = False

    def show_state(self, state: StatusNoteState) -> None:
        """Show fields, meaning and history."""
        say = self.theming.say
        self._title.setText(say(message("status.note_title")))
        self._person.show_text(say(state.person))
        for shown in state.fields:
            self._fields[shown.name].render_field(
                shown.label, shown.text, problem=shown.problem, hint=shown.hint, refused=shown.refused
            )
        self._usual_head.show_text(say(message("status.usual")) if state.usual else "")
        self._usual.render_choices(state.usual, (state.chosen,))
        present(self._usual, bool(state.usual) and not state.kept)
        self._meaning.render_advice(state.meaning, state.todo, Tone.SOFT)
        self._doubt.render_advice(state.kept or (message("status.doubt_tag") if state.doubt else ""), state.doubt)
        self._before.set_title(say(message("status.before")))
        self._history.render_steps(state.history)
        present(self._before, bool(state.history))
        if not self._has_begun:
            self._has_begun = True
            order = (self._fields["code"], *self._usual.findChildren(QAbstractButton), self._fields["at"])
            for before, after in pairwise(order):  # the codes came to be after the fields
                QWidget.setTabOrder(before, after)
            self._fields["code"].setFocus(Qt.FocusReason.TabFocusReason)
