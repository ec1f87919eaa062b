"""Kartu kunjungan: the person and what calms at the left, the visit and its outcome at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from fieldkit.domain.visits import Outcome
from ui.presenters.actions import CHOICES, Action
from ui.presenters.figures import Number
from ui.presenters.messages import message
from ui.presenters.parts import Choice, Tone
from ui.presenters.visits.visit import VisitState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choice_grid import ChoiceGrid
from ui.widgets.fact_grid import FactGrid
from ui.widgets.field import TextField
from ui.widgets.lines import LineList
from ui.widgets.numbers import NumberRow
from ui.widgets.presence import present
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text
from ui.widgets.toggle import ToggleButton

_LEFT = 400
_TAGS = 2  # in a line
_ANY = tuple(Choice(outcome.value, "") for outcome in Outcome)
_COLUMNS = 6
_PLACES = {  # line, column, columns
    "companion": (0, 0, 3),
    "note": (0, 3, 3),
    "revisit_on": (1, 2, 2),
    "revisit_note": (1, 4, 2),
    "safety": (2, 0, 6),
}


class VisitView(Screen[VisitState]):
    """1 … 0 choose the outcome, Tab walks through it and the fields, Enter does what comes next."""

    refresh = Signal()
    choose = Signal(str)
    type_field = Signal(str, str)
    toggle_revisit = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._fields: dict[str, TextField] = {}
        row = page(QHBoxLayout(self.content), theming)
        row.setSpacing(theming.tokens.space["lg"])
        row.addWidget(self._left())
        row.addWidget(self._right(), 1)

    def show_state(self, state: VisitState) -> None:
        """Show the card and the visit that goes on, or those before."""
        say = self.theming.say
        is_open = bool(state.outcomes)
        self._who.set_title(state.name)
        self._tags.render_tags(state.tags[:_TAGS])
        self._more.render_tags(state.tags[_TAGS:])
        present(self._more, len(state.tags) > _TAGS)
        self._facts.render_facts(state.facts)
        self._private.set_title(say(message("field.safety_title")))
        lines = [f"• {line}" for line in state.safety]
        self._safety.show_text("\n".join(lines) if lines else say(state.safety_note))
        self._timer.set_tone(state.timer_tone if is_open else Tone.NEUTRAL)
        self._minutes.render_numbers((Number(state.timer, state.timer_words, state.timer_tone),))
        present(self._timer, is_open)
        self._show_visit(state, is_open=is_open)
        present(self._before, not is_open)
        self._before.set_title(say(message("field.before")))
        self._none.show_text("" if state.history else say(message("field.no_visit")))
        self._lines.render_lines(say(message("field.before")), state.history)
        present(self._lines, bool(state.history))
        self.setFocusProxy(self._outcomes if is_open else self._lines)
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Let the digits choose an outcome; F5 reads the card anew."""
        state = self.state
        if act is Action.REFRESH:
            self.refresh.emit()
            return True
        if state is None or not state.may_write or act not in CHOICES or CHOICES.index(act) >= len(state.outcomes):
            return False
        self.choose.emit(state.outcomes[CHOICES.index(act)].name)
        return True

    def _show_visit(self, state: VisitState, *, is_open: bool) -> None:
        say = self.theming.say
        for part in (self._ending, self._telling):
            present(part, is_open)
            part.setEnabled(state.may_write)
        self._ending.set_title(say(message("field.outcome_title")))
        self._outcomes.render_choices(state.outcomes, (state.chosen,) if state.chosen else ())
        self._revisit.render_toggle(message("field.wants_revisit"), is_on=state.wants_revisit)
        self._revisit.setMinimumWidth(self._revisit.sizeHint().width())
        shown = {field.name: field for field in state.fields}
        present(self._revisit, state.may_wish_revisit)
        for name, widget in self._fields.items():
            present(widget, name in shown)
            if name in shown:
                told = shown[name]
                widget.render_field(told.label, told.text, problem=told.problem, hint=told.hint)

    def _left(self) -> QWidget:
        theming, side = self.theming, QWidget()
        side.setFixedWidth(_LEFT)
        column = bare(QVBoxLayout(side), theming.tokens.space["md"])
        self._who, self._facts = Card(theming), FactGrid(theming)
        self._tags, self._more = TagRow(theming), TagRow(theming)
        for part in (self._tags, self._more, self._facts):
            self._who.body.addWidget(part)
        self._private, self._safety = Card(theming, Tone.CAUTION), Text(wraps=True)
        self._private.body.addWidget(self._safety)
        self._timer, self._minutes = Card(theming), NumberRow(theming)
        self._timer.body.addWidget(self._minutes)
        column.addWidget(self._timer)
        column.addWidget(self._who)
        column.addWidget(self._private)
        column.addStretch(1)
        return side

    def _right(self) -> QWidget:
        theming, side = self.theming, QWidget()
        column = bare(QVBoxLayout(side), theming.tokens.space["md"])
        self._ending, self._outcomes = Card(theming), ChoiceGrid(theming, columns=3, has_keys=True)
        self._outcomes.chosen.connect(self.choose)
        self._outcomes.render_choices(_ANY, ())  # now, so that Tab comes by them before the fields below
        self._ending.body.addWidget(self._outcomes)
        self._telling = self._telling_card()
        self._before, self._none, self._lines = Card(theming), Text(Role.MUTED, wraps=True), LineList(theming)
        self._before.body.addWidget(self._none)
        self._before.body.addWidget(self._lines, 1)
        self._before.body.addStretch(0)
        column.addWidget(self._ending)
        column.addWidget(self._telling)
        column.addWidget(self._before, 1)
        column.addStretch(0)
        return side

    def _telling_card(self) -> QWidget:
        theming, card = self.theming, Card(self.theming)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theming.tokens.space["md"])
        grid.setVerticalSpacing(theming.tokens.space["sm"])
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        for name, (line, column, span) in _PLACES.items():
            if name == "revisit_on":  # Tab comes by the wish before its day
                self._revisit = ToggleButton(theming)
                self._revisit.clicked.connect(self.toggle_revisit)
                grid.addWidget(self._revisit, line, 0, 1, column, Qt.AlignmentFlag.AlignBottom)
            field = self._fields[name] = TextField(theming)
            field.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            grid.addWidget(field, line, column, 1, span, Qt.AlignmentFlag.AlignTop)
        card.body.addLayout(grid)
        return card
