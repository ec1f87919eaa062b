"""Kegiatan: filters above the list, or the month in its place."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from fieldkit.services.planning.list_activities import Show
from ui.presenters.actions import Action, shortcut_of
from ui.presenters.messages import message
from ui.presenters.planning.activities import COLUMNS, ActivitiesState
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import bare, page
from ui.views.list_screen import ListScreen
from ui.widgets.month import MonthGrid
from ui.widgets.presence import present
from ui.widgets.toggle import ToggleButton


class ActivitiesView(ListScreen[ActivitiesState]):
    """The list, or the month: whichever is shown has the keyboard."""

    show_filter = Signal(object)
    next_filter = Signal()
    next_sop = Signal()
    turn = Signal()
    new_request = Signal()
    new_plan = Signal()
    month_turned = Signal(object)
    day_chosen = Signal(object)
    day_opened = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, opens_rows=True)
        self._filters = {show: ToggleButton(theming) for show in Show}
        self._sop = ToggleButton(theming)
        self._month = MonthGrid(theming)
        self._list, filters = QWidget(), bare(QHBoxLayout(), theming.tokens.space["sm"])
        for show, button in self._filters.items():
            button.clicked.connect(lambda _checked=False, chosen=show: self.show_filter.emit(chosen))
            filters.addWidget(button)
        self._sop.clicked.connect(self.next_sop)
        filters.addWidget(self._sop)
        inside = bare(QVBoxLayout(self._list), theming.tokens.space["md"])
        inside.addLayout(filters)
        inside.addWidget(self.table, 1)
        column = page(QVBoxLayout(self.content), theming)
        column.addWidget(self._list, 1)
        column.addWidget(self._month, 1)
        self._month.turned.connect(self.month_turned)
        self._month.chosen.connect(self.day_chosen)
        self._month.opened.connect(self.day_opened)

    def show_state(self, state: ActivitiesState) -> None:
        """Show the list or the month."""
        is_month = state.month is not None
        self.setFocusProxy(self._month if is_month else self.table)
        present(self._month, is_month)
        present(self._list, not is_month)
        if state.month is not None:
            self._month.render_month(state.month)
            if not self._month.hasFocus():
                self.setFocus()
            return
        for way in state.filters:
            cap = self.theming.say(shortcut_of(Action.FILTER).cap) if way.is_on else ""
            self._filters[way.show].render_toggle(way.words, is_on=way.is_on, cap=cap)
        self._sop.render_toggle(state.sop, is_on=False, cap=self.theming.say(shortcut_of(Action.GROUP).cap))
        title, hint = message("kegiatan.title"), message("kegiatan.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)

    def perform(self, act: Action) -> bool:
        """Answer the keys of the filters, and those of lists."""
        is_list = self.state is not None and self.state.month is None
        match act:
            case Action.FILTER if is_list:
                self.next_filter.emit()
            case Action.GROUP if is_list:
                self.next_sop.emit()
            case _:
                return super().perform(act)
        return True
