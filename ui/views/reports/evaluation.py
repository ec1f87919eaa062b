"""Evaluasi: four lists to write, the numbers beside them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from ui.presenters.messages import message
from ui.presenters.reports.evaluation import NAMES, EvaluationState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.number_card import NumberCard
from ui.widgets.presence import present
from ui.widgets.tag import TagRow
from ui.widgets.text import Role, Text
from ui.widgets.text_area import TextArea

_COLUMNS = 2


class EvaluationView(Screen[EvaluationState]):
    """Tab walks through the lists, Enter begins a line, Ctrl Enter writes the report."""

    type_field = Signal(str, str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._tags = Text(Role.TITLE), TagRow(theming)
        self._card, self._numbers, self._late = Card(theming), NumberCard(theming), NumberCard(theming)
        self._areas = {name: TextArea(theming) for name in NAMES}
        grid = QGridLayout()
        grid.setSpacing(theming.tokens.space["md"])
        for at, (name, area) in enumerate(self._areas.items()):
            area.edited.connect(lambda text, name=name: self.type_field.emit(name, text))
            grid.addWidget(area, at // _COLUMNS, at % _COLUMNS)
        fill(self._card.body, grid, SPRING)
        self._lay_out()
        self.setFocusProxy(self._areas[NAMES[0]])

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        for card in (self._numbers, self._late):
            card.setFixedWidth(self.theming.tokens.size["side"])
        head = row((self._title, 1), self._tags, gap=space["md"])
        side = column(self._numbers, self._late, SPRING, gap=space["md"])
        below = row((self._card, 1), side, gap=space["lg"])
        page(column(head, (below, 1), on=self.content), self.theming)

    def show_state(self, state: EvaluationState) -> None:
        """Show what is written and the numbers."""
        self._title.setText(self.theming.say(state.title))
        self._tags.render_tags((state.tag,) if state.tag else ())
        for shown in state.fields:
            self._areas[shown.name].show_field(shown)
            self._areas[shown.name].setEnabled(state.may_write)
        self._numbers.render_numbers(message("evaluasi.numbers"), state.numbers)
        self._late.render_numbers(message("evaluasi.late"), state.late)
        present(self._late, bool(state.late))
