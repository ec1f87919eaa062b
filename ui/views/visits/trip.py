"""Perjalanan: the times of the way at the left, coordination and company at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.presenters.actions import Action
from ui.presenters.messages import message
from ui.presenters.visits.trip import LEGS, MODES, TripState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choice_grid import ChoiceGrid
from ui.widgets.fact_grid import FactGrid
from ui.widgets.field import TextField
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text
from ui.widgets.toggle import ToggleButton

_LEFT = 440
_LINES = (("met", "jabatan"), ("agreed",), ("companions",), ("escort",), ("note",))


class TripView(Screen[TripState]):
    """Enter notes the next time, Tab walks through the page, PgUp and PgDn turn to other trips."""

    refresh = Signal()
    next_step = Signal()
    previous_step = Signal()
    type_field = Signal(str, str)
    choose_mode = Signal(str)
    toggle_escort = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._fields: dict[str, TextField] = {}
        row = page(QHBoxLayout(self.content), theming)
        row.setSpacing(theming.tokens.space["lg"])
        row.addWidget(self._times(), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._company(), 1, Qt.AlignmentFlag.AlignTop)
        self.setFocusProxy(self._fields[LEGS[0]])

    def show_state(self, state: TripState) -> None:
        """Show the page."""
        say = self.theming.say
        self._way.set_title(say(message("field.trip_title")))
        self._around.set_title(say(message("field.company_title")))
        self._tag.render_tag(state.tag)
        for shown in (*state.legs, *state.fields):
            self._fields[shown.name].render_field(shown.label, shown.text, problem=shown.problem, hint=shown.hint)
        self._facts.render_facts(state.facts)
        self._mode_head.show_text(say(message("rencana.mode")))
        self._mode.render_choices(MODES, (state.mode,))
        self._mode_about.show_text(say(message(f"field.mode_about_{state.mode}")))
        self._escort.render_toggle(message("act.escort"), is_on=state.wants_escort)
        self._escort.setMinimumWidth(self._escort.sizeHint().width())
        for part in (self._way, self._around):
            part.setEnabled(state.may_write)
        self._fields["escort"].setEnabled(state.wants_escort)
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Answer the keys that no button shows."""
        match act:
            case Action.NEXT_STEP:
                self.next_step.emit()
            case Action.PREVIOUS_STEP:
                self.previous_step.emit()
            case Action.REFRESH:
                self.refresh.emit()
            case Action.ESCORT:
                self.toggle_escort.emit()
            case _:
                return False
        return True

    def _times(self) -> Card:
        self._way, self._tag, self._facts = Card(self.theming), TagLabel(self.theming), FactGrid(self.theming)
        self._way.setFixedWidth(_LEFT)
        self._mode_head, self._mode_about = Text(Role.STRONG), Text(Role.MUTED, wraps=True)
        self._way.body.addWidget(self._tag)
        for name in LEGS:
            self._way.body.addWidget(self._field(name))
        self._mode = ChoiceGrid(self.theming, columns=2)
        self._mode.chosen.connect(self.choose_mode)
        self._mode.render_choices(MODES, ())  # now, so that Tab comes by it before the fields at the right
        self._way.body.addWidget(self._facts)
        self._way.body.addWidget(self._mode_head)
        self._way.body.addWidget(self._mode)
        self._way.body.addWidget(self._mode_about)
        return self._way

    def _company(self) -> Card:
        self._around = Card(self.theming)
        body: QVBoxLayout = self._around.body
        for names in _LINES:
            grid = QGridLayout()
            grid.setHorizontalSpacing(self.theming.tokens.space["md"])
            for at, name in enumerate(names):
                grid.addWidget(self._field(name), 0, at)
                grid.setColumnStretch(at, 1)
            if names == ("escort",):
                self._escort = ToggleButton(self.theming)
                self._escort.clicked.connect(self.toggle_escort)
                grid.addWidget(self._escort, 0, 1, Qt.AlignmentFlag.AlignBottom)
            body.addLayout(grid)
        return self._around

    def _field(self, name: str) -> TextField:
        field = self._fields[name] = TextField(self.theming)
        field.edited.connect(lambda text: self.type_field.emit(name, text))
        return field
