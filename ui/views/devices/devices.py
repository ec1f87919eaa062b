"""Perangkat: the list of devices and what puts one right."""

from __future__ import annotations

from ui.presenters.devices.devices import COLUMNS, DevicesPresenter, DevicesState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.layout import column
from ui.widgets.presence import present
from ui.widgets.problem_card import ProblemCard


class DevicesView(ListScreen[DevicesState]):
    """A row is a device; its trouble stands below the table."""

    def __init__(self, theming: ThemeContext, presenter: DevicesPresenter) -> None:
        super().__init__(theming, presenter)
        self.table.selected.connect(presenter.select)
        self._trouble = ProblemCard(theming, is_banner=True)
        page(column((self.table, 1), self._trouble, on=self.content), theming)

    def show_state(self, state: DevicesState) -> None:
        """Show the devices."""
        title, hint = message("common.devices"), message("perangkat.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)
        present(self._trouble, state.trouble is not None)
        if state.trouble is not None:
            self._trouble.render_problem(state.trouble)
