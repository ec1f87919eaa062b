"""The one view of all list screens: chips and table at the left, panels at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.lists import Hint, ListState
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.runtime.shortcuts import act_of
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import bare, page
from ui.views.screen import Screen
from ui.widgets.chips import ChipRows
from ui.widgets.panels import Panels
from ui.widgets.presence import present
from ui.widgets.progress_card import ProgressCard
from ui.widgets.table_card import TableCard
from ui.widgets.text import Role, Text

_ROOM_FOR_SIDE = 1200

LIST_KEYS = (Action.SEARCH, Action.FILTER, Action.SORT, Action.REFRESH)
TICK_KEYS = (Action.CAPTURE, Action.TICK_ALL)


class ListView(Screen[ListState]):
    """Arrows move, Space ticks; any other letter or digit that no button has begins a search."""

    search = Signal(str)
    select = Signal(str)
    tick = Signal(str)
    tick_current = Signal()
    tick_all = Signal()
    choose = Signal(int, str)
    next_filter = Signal(int)
    sort = Signal(int)
    sort_next = Signal()
    refresh = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        space = theming.tokens.space
        self.table, self._chips, self.side = TableCard(theming, opens_rows=False), ChipRows(theming), Panels(theming)
        self.hints, self._progress = (
            Panels(theming),
            ProgressCard(theming),
        )  # hints stand here where none are at the side
        self._keys = Text(Role.MUTED)
        self.table.searched.connect(self.search)
        self.table.selected.connect(self.select)
        self.table.ticked.connect(self.tick)
        self.table.sorted_by.connect(self.sort)
        self.table.opened.connect(self._open)
        self.table.commanded.connect(self.command)
        self._chips.chosen.connect(self.choose)
        self.setFocusProxy(self.table)
        self.side.setFixedWidth(theming.tokens.size["side"])
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
        self._shown: object = None

    def show_state(self, state: ListState) -> None:
        """Show the list. The rows are laid anew only when they differ."""
        is_beside = state.progress is not None and state.stage is not Stage.BUSY  # then it lies over all of it
        present(self._progress, is_beside)
        if state.progress is not None and is_beside:
            self._progress.render_progress(state.progress)
        self._chips.render_chips(state.chips)
        self.side.render_panels(state.panels)
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
        self._make_room()
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return LIST_KEYS if self.state is None or not self.state.has_ticks else (*LIST_KEYS, *TICK_KEYS)

    def perform(self, act: Action) -> bool:
        """Answer the keys of lists."""
        match act:
            case Action.SEARCH:
                self.table.search()
            case Action.REFRESH:
                self.refresh.emit()
            case Action.CAPTURE if self.state is not None and self.state.has_ticks:
                self.tick_current.emit()
            case Action.TICK_ALL if self.state is not None and self.state.has_ticks:
                self.tick_all.emit()
            case Action.FILTER | Action.GROUP if self.state is not None and len(self.state.chips) > (
                act is Action.GROUP
            ):
                self.next_filter.emit(int(act is Action.GROUP))
            case Action.SORT:
                self.sort_next.emit()
            case _:
                return False
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        text, act = event.text(), act_of(event)
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        if is_plain and text.isprintable() and text.strip() and not self._is_in_bar(act):
            self.table.type_on(text)
        else:
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._make_room()

    def _open(self, _name: str) -> None:
        """Do what Enter does: the row that was clicked twice is under the cursor."""
        enter = next((each for each in self._bar_commands() if each.act is Action.ACCEPT), None)
        if enter is not None and enter.refused:
            self.refused.emit(self.theming.say(enter.refused))
        elif enter is not None:
            self.command(enter)

    def _is_in_bar(self, act: Action | None) -> bool:
        return act is not None and any(each.act is act for each in self._bar_commands())

    def _bar_commands(self) -> tuple[Command, ...]:
        return self.state.bar.actions if self.state is not None else ()

    def _make_room(self) -> None:
        """Let the panels give way where the window is small, all but the hints: they may warn.

        Hints alone never stand at the side, where they would come and go with the cursor and push the columns about.
        """
        panels = self.state.panels if self.state is not None else ()
        hints = [panel for panel in panels if isinstance(panel, Hint)]
        has_side = self.width() >= _ROOM_FOR_SIDE and len(hints) < len(panels)
        present(self.side, has_side)
        present(self.hints, bool(hints) and not has_side)
