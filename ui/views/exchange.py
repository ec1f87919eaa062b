"""Tukar data: the stick above, what came of the last file below it, the other laptops in the table."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog

from ui.presenters.exchange.exchange import (
    COLUMNS,
    ConflictPresenter,
    Conflicts,
    ConflictState,
    Exchanged,
    ExchangePresenter,
    ExchangeState,
)
from ui.presenters.presenter import message
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ListScreen
from ui.views.page_parts import PageParts, Params
from ui.views.screen import card_of, page
from ui.widgets.field import TextField
from ui.widgets.file_field import FileField
from ui.widgets.layout import Role, Text, column, present, row
from ui.widgets.numbers import NumberRow


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

    def _show_outcome(self, outcome: Exchanged | None) -> None:
        present(self._outcome, outcome is not None)
        if outcome is not None:
            say = self.theming.say
            self._outcome.set_title(say(outcome.title))
            self._spoken.show_text(outcome.code)
            self._numbers.render_numbers(outcome.numbers)
            present(self._numbers, bool(outcome.numbers))
            self._detail.show_text(say(outcome.detail))


# The pages of several laptops: exchange of files, what differs, and both sides of one difference.


class ConflictView(ListScreen[ConflictState]):
    """1 and 2 take a side, Ctrl O swaps a field, Enter keeps."""

    def __init__(self, theming: ThemeContext, presenter: ConflictPresenter) -> None:
        super().__init__(theming, presenter)
        self.table.selected.connect(presenter.select)
        page(column((self.table, 1), on=self.content), theming)

    def show_state(self, state: ConflictState) -> None:
        """Show the sides beside each other."""
        rows, empty, hint = state.rows, state.nothing, message("conflicts.search")
        self.show_rows(state.title, state.columns, rows, empty=empty, hint=hint, tags=state.tags, cursor=1)


def exchange_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `exchange`, `conflicts` and `conflict` (`kind`, `thing_id`)."""

    def exchange(_params: Params) -> Page:
        return at.page(ExchangePresenter(at.context(), at.tasks, at.navigator), ExchangeView)

    def conflict(params: Params) -> Page:
        kind, thing_id = params["kind"], params["thing_id"]
        return at.page(ConflictPresenter(at.context(), at.tasks, at.navigator, kind, thing_id), ConflictView)

    lists = at.lists({"conflicts": lambda now, _: Conflicts(now, at.navigator).screen()})
    return {"exchange": exchange, **lists, "conflict": conflict}
