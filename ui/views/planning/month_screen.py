"""The month of the dinas on the whole screen."""

from __future__ import annotations

from ui.presenters.actions import Action
from ui.presenters.planning.month import MonthPresenter, MonthState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.layout import column
from ui.widgets.month import MonthGrid


class MonthView(Screen[MonthState]):
    """Arrows walk the days, PgUp and PgDn the months, Enter opens a day."""

    own_keys = (Action.REFRESH,)

    def __init__(self, theming: ThemeContext, presenter: MonthPresenter) -> None:
        super().__init__(theming)
        self._grid = MonthGrid(theming)
        self._grid.turned.connect(presenter.show_month)
        self._grid.chosen.connect(presenter.go_to)
        self._grid.opened.connect(presenter.open_day)
        page(column((self._grid, 1), on=self.content), theming)
        self.setFocusProxy(self._grid)

    def show_state(self, state: MonthState) -> None:
        """Show the month."""
        if state.month is not None:
            self._grid.render_month(state.month)
        take_keyboard(self)
