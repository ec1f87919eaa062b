"""Evaluasi: four lists to write, the numbers beside them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout

from ui.presenters.reports.evaluation import NAMES, EvaluationState
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text
from ui.widgets.text_area import TextArea

_COLUMNS = 2


class EvaluationView(Screen[EvaluationState]):
    """Tab walks through the lists, Enter begins a line, Ctrl Enter writes the report."""

    report = Signal()
    minutes = Signal()
    refresh = Signal()
    type_field = Signal(str, str)

    def __init__(self, look: Look) -> None:
        super().__init__(look)
        self._title, self._tags = Text(Role.TITLE), TagRow(look)
        self._card, self._numbers, self._late = Card(look), NumberCard(look), NumberCard(look)
        self._areas = {name: TextArea(look) for name in NAMES}
        grid = QGridLayout()
        grid.setSpacing(look.tokens.space["md"])
        for at, (name, area) in enumerate(self._areas.items()):
            area.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            grid.addWidget(area, at // _COLUMNS, at % _COLUMNS)
        self._card.body.addLayout(grid)
        self._card.body.addStretch(1)
        self._lay_out()
        self.setFocusProxy(self._areas[NAMES[0]])

    def _lay_out(self) -> None:
        space = self.look.tokens.space
        head = bare(QHBoxLayout(), space["md"])
        head.addWidget(self._title, 1)
        head.addWidget(self._tags)
        side = bare(QVBoxLayout(), space["md"])
        for card in (self._numbers, self._late):
            card.setFixedWidth(self.look.tokens.size["side"])
            side.addWidget(card)
        side.addStretch(1)
        row = bare(QHBoxLayout(), space["lg"])
        row.addWidget(self._card, 1)
        row.addLayout(side)
        column = page(QVBoxLayout(self.content), self.look)
        column.addLayout(head)
        column.addLayout(row, 1)

    def show_state(self, state: EvaluationState) -> None:
        """Show what is written and the numbers."""
        self._title.setText(self.look.say(state.title))
        self._tags.render_tags((state.tag,) if state.tag else ())
        for shown in state.fields:
            self._areas[shown.name].render_area(shown.label, shown.text, hint=shown.hint)
            self._areas[shown.name].setEnabled(state.may_write)
        self._numbers.render_numbers(phrase("evaluasi.numbers"), state.numbers)
        self._late.render_numbers(phrase("evaluasi.late"), state.late)
        present(self._late, bool(state.late))
