"""Perbedaan: both sides of one difference."""

from __future__ import annotations

from ui.presenters.exchange.conflict import ConflictState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.layout import column

_HINT = message("conflicts.search")


class ConflictView(ListScreen[ConflictState]):
    """1 and 2 take a side, Ctrl O swaps a field, Enter keeps."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        page(column((self.table, 1), on=self.content), theming)

    def show_state(self, state: ConflictState) -> None:
        """Show the sides beside each other."""
        rows, empty = state.rows, state.nothing
        self.show_rows(state.title, state.columns, rows, empty=empty, hint=_HINT, tags=state.tags, cursor=1)
