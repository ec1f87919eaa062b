"""The month of the dinas on the whole screen, and Kalender dinas: the month beside the day under the cursor."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.messages import message
from ui.presenters.planning.calendar_days import CUTI, CalendarDaysPresenter, CalendarDaysState
from ui.presenters.planning.month import MonthPresenter, MonthState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.month import MonthGrid
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_SIDE = 380
_CHANGES_SHOWN = 6


class CalendarDaysView(Screen[CalendarDaysState]):
    """Arrows walk over the days, Tab goes to the reason, Enter turns the day around."""

    def __init__(self, theming: ThemeContext, presenter: CalendarDaysPresenter) -> None:
        super().__init__(theming)
        self._month = MonthGrid(theming)
        self._month.chosen.connect(presenter.go_to)
        self._month.turned.connect(presenter.turn)
        self._month.opened.connect(lambda _on: presenter.accept())
        self.setFocusProxy(self._month)
        self._day, self._reason = Card(theming), TextField(theming)
        self._about, self._visits = Text(wraps=True), Text(Role.MUTED, wraps=True)
        self._reason.edited.connect(presenter.type_reason)
        fill(self._day.body, self._about, self._visits, self._reason)
        self._cuti_head, self._cuti = Text(Role.SECTION), ChoiceList(theming, has_keys=False)
        self._cuti.chosen.connect(presenter.choose_cuti)
        self._confirm = ActionButton(theming)
        self._confirm.commanded.connect(self.command)
        self._changes, self._lines = Card(theming), Text(wraps=True)
        self._changes.body.addWidget(self._lines)
        side = QWidget()
        side.setFixedWidth(_SIDE)
        parts = (self._day, self._confirm, self._cuti_head, self._cuti, self._changes, SPRING)
        column(*parts, on=side, gap=theming.tokens.space["md"])
        page(row((self._month, 1), side, on=self.content), theming, "lg")

    def show_state(self, state: CalendarDaysState) -> None:
        """Show month and day."""
        say = self.theming.say
        if state.month is not None:
            self._month.render_month(state.month)
        self._day.set_title(say(state.day))
        self._about.show_text(say(state.about))
        self._visits.show_text(say(state.visits))
        present(self._reason, state.may_keep and state.reason is not None)
        if state.reason is not None:
            self._reason.show_field(state.reason)
        self._confirm.offer(state.confirm)
        self._cuti_head.show_text(say(message("hari.cuti")))
        self._cuti.render_choices(CUTI, state.cuti)
        self._cuti.setEnabled(state.may_keep)
        self._changes.set_title(say(message("hari.changes")))
        lines = [say(words) for words in state.changes[-_CHANGES_SHOWN:]]
        self._lines.show_text("\n".join(lines) or say(message("hari.no_changes")))
        take_keyboard(self)


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
