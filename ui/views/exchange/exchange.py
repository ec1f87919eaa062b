"""Tukar data: the stick above, what came of the last file below it, the other laptops in the table."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog

from ui.presenters.exchange.exchange import COLUMNS, ExchangePresenter, ExchangeState, Outcome
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import card_of, page
from ui.views.list_screen import ListScreen
from ui.widgets.field import TextField
from ui.widgets.file_field import FileField
from ui.widgets.layout import column, row
from ui.widgets.numbers import NumberRow
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class ExchangeView(ListScreen[ExchangeState]):
    """The place of the stick has the keyboard at first; Enter reads, Ctrl B makes a file."""

    def __init__(self, theming: ThemeContext, presenter: ExchangePresenter) -> None:
        super().__init__(theming, presenter)
        self._place = FileField(theming, QFileDialog.FileMode.Directory)
        self._code = TextField(theming, max_length=30)
        self._place.edited.connect(presenter.type_place)
        self._code.edited.connect(presenter.type_code)
        fields = row((self._place, 3), (self._code, 2), gap=theming.tokens.space["md"])
        self._spoken, self._detail, self._numbers = Text(Role.NUMBER), Text(wraps=True), NumberRow(theming)
        self._outcome = card_of(theming, self._spoken, self._numbers, self._detail)
        page(column(fields, self._outcome, (self.table, 1), on=self.content), theming)
        self.setFocusProxy(self._place)
        self._wanted_code = False

    def show_state(self, state: ExchangeState) -> None:
        """Show the stick, the last file and the laptops."""
        self._place.render_field(message("exchange.place"), state.place, hint=message("exchange.place_hint"))
        present(self._code, state.wants_code)
        self._code.render_field(message("exchange.code"), state.code, hint=message("exchange.code_hint"))
        self._show_outcome(state.outcome)
        self.show_rows(
            message("exchange.title"),
            COLUMNS,
            state.rows,
            empty=state.nothing,
            hint=message("exchange.search"),
            tags=state.tags,
        )
        if state.wants_code and not self._wanted_code:
            self._code.setFocus()
        self._wanted_code = state.wants_code

    def _show_outcome(self, outcome: Outcome | None) -> None:
        present(self._outcome, outcome is not None)
        if outcome is not None:
            say = self.theming.say
            self._outcome.set_title(say(outcome.title))
            self._spoken.show_text(outcome.code)
            self._numbers.render_numbers(outcome.numbers)
            present(self._numbers, bool(outcome.numbers))
            self._detail.show_text(say(outcome.detail))
