"""The one view of all list screens: chips and table at the left, panels at the right."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.presenters.actions import Action
from ui.presenters.list_presenter import ListPresenter
from ui.presenters.lists import Hint, ListState
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.list_screen import ROOM_FOR_SIDE, ListScreen
from ui.widgets.chips import ChipRows
from ui.widgets.panels import Panels
from ui.widgets.presence import present
from ui.widgets.progress_card import ProgressCard
from ui.widgets.text import Role, Text

LIST_KEYS = (Action.SEARCH, Action.FILTER, Action.SORT, Action.REFRESH)
TICK_KEYS = (Action.CAPTURE, Action.TICK_ALL)


class ListView(ListScreen[ListState]):
    """Arrows move, Space ticks; any other letter or digit that no button has begins a search."""

    def __init__(self, theming: ThemeContext, presenter: ListPresenter[Any]) -> None:
        panels = Panels(theming)
        super().__init__(theming, presenter, side=panels)
        self._presenter, self.panels, space = presenter, panels, theming.tokens.space
        self._chips, self._keys = ChipRows(theming), Text(Role.MUTED)
        self.hints, self._progress = Panels(theming), ProgressCard(theming)  # hints, where none are at the side
        self.table.selected.connect(presenter.select)
        self.table.ticked.connect(presenter.tick)
        self.table.sorted_by.connect(presenter.sort)
        self.table.opened.connect(self._open)
        self.table.commanded.connect(self.command)
        self._chips.chosen.connect(presenter.choose)
        left = bare(QVBoxLayout(), space["sm"])
        left.addWidget(self._progress)
        left.addWidget(self._chips)
        left.addWidget(self.table, 1)
        left.addWidget(self.hints)
        left.addWidget(self._keys)
        row = page(QHBoxLayout(self.content), theming)
        row.setSpacing(space["lg"])
        row.addLayout(left, 1)
        row.addWidget(self.side)

    def show_state(self, state: ListState) -> None:
        """Show the list. The rows are laid anew only when they differ."""
        is_beside = state.progress is not None and state.stage is not Stage.BUSY  # then it lies over all of it
        present(self._progress, is_beside)
        if state.progress is not None and is_beside:
            self._progress.render_progress(state.progress)
        self._chips.render_chips(state.chips)
        self.panels.render_panels(state.panels)
        self.hints.render_panels(tuple(panel for panel in state.panels if isinstance(panel, Hint)))
        self._keys.show_text(self.theming.say(message("ui.list.keys")) if state.has_ticks and state.rows.count else "")
        shown = (state.rows, state.tags, state.nothing, state.order, self.theming.catalog.language)
        if shown != self._shown:
            self._shown = shown
            self.table.render_table(
                state.title,
                state.columns,
                state.rows,
                empty=state.nothing,
                tags=state.tags,
                search_hint=state.hint,
                cursor=state.cursor,
                has_ticks=state.has_ticks,
            )
            self.table.show_order(state.order, can_sort=bool(state.rows.count))
        self.make_room()
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return LIST_KEYS if self.state is None or not self.state.has_ticks else (*LIST_KEYS, *TICK_KEYS)

    def perform(self, act: Action) -> bool:
        """Answer the keys of lists."""
        match act:
            case Action.CAPTURE if self.state is not None and self.state.has_ticks:
                self._presenter.tick_current()
            case Action.TICK_ALL if self.state is not None and self.state.has_ticks:
                self._presenter.tick_all()
            case Action.FILTER | Action.GROUP if self.state is not None and len(self.state.chips) > (
                act is Action.GROUP
            ):
                self._presenter.next_filter(int(act is Action.GROUP))
            case Action.SORT:
                self._presenter.sort_next()
            case _:
                return super().perform(act)
        return True

    def _open(self, _name: str) -> None:
        """Do what Enter does: the row that was clicked twice is under the cursor."""
        enter = next((each for each in self.bar_commands() if each.act is Action.ACCEPT), None)
        if enter is not None and enter.refused:
            self.refused.emit(self.theming.say(enter.refused))
        elif enter is not None:
            self.command(enter)

    def make_room(self) -> None:
        """Let the panels give way where the window is small, all but the hints: they may warn.

        Hints alone never stand at the side, where they would come and go with the cursor and push the columns about.
        """
        panels = self.state.panels if self.state is not None else ()
        hints = [panel for panel in panels if isinstance(panel, Hint)]
        has_side = self.width() >= ROOM_FOR_SIDE and len(hints) < len(panels)
        present(self.side, has_side)
        present(self.hints, bool(hints) and not has_side)
