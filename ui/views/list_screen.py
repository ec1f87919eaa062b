"""What screens with a list have in common: the keyboard in the table, letters that search at once."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from ui.presenters.figures import Column, Rows
from ui.presenters.lists import Hint, ListPresenter, ListState
from ui.presenters.parts import Empty, Stage, Tag, ViewState
from ui.presenters.planning.steps import TimelineState
from ui.presenters.presenter import Action, Command, Message, message
from ui.runtime.navigation import act_of
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, bare, page, take_keyboard
from ui.widgets.buttons import ChipRows
from ui.widgets.cards import Card, ProgressCard
from ui.widgets.layout import SPRING, ElidedText, Role, Text, column, fill, present, row
from ui.widgets.numbers import FactList, WayList
from ui.widgets.panels import Panels
from ui.widgets.quality_panel import SopTimeline
from ui.widgets.table_card import TableCard
from ui.widgets.tags import TagLabel
from ui.widgets.touch import ScrollDown

S = TypeVar("S", bound=ViewState)

ROOM_FOR_SIDE = 1140


class Searched(Protocol):
    """A presenter whose rows are searched."""

    def search(self, text: str) -> None:
        """Show those that match what was typed so far."""


class ListScreen(Screen[S]):
    """A screen around one table. Arrows move, any other letter or digit begins a search."""

    own_keys: ClassVar[tuple[Action, ...]] = (Action.SEARCH, Action.REFRESH)

    def __init__(
        self, theming: ThemeContext, presenter: Searched, *, opens_rows: bool = False, side: QWidget | None = None
    ) -> None:
        super().__init__(theming)
        self.table = TableCard(theming, opens_rows=opens_rows)
        self.table.searched.connect(presenter.search)
        self.setFocusProxy(self.table)
        self.side = side or QWidget()  # counts and details; it gives way where the window is small
        self.side.setFixedWidth(theming.tokens.size["side"])
        self._shown: object = None

    def lay_out_with_side(self, left: QLayout, *details: QWidget) -> None:
        """Put the list at the left and these below each other at the right."""
        column(*details, SPRING, on=self.side, gap=self.theming.tokens.space["md"])
        page(row((left, 1), self.side, on=self.content), self.theming, "lg")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self.make_room()

    def make_room(self) -> None:
        """Let what stands at the side give way where the window is small."""
        present(self.side, self.side.parentWidget() is not None and self.width() >= ROOM_FOR_SIDE)

    def show_rows(
        self,
        title: Message,
        columns: tuple[Column, ...],
        rows: Rows,
        *,
        empty: Empty,
        hint: Message,
        tags: tuple[Tag, ...] = (),
        cursor: int = 0,
    ) -> None:
        """Show the table. The rows are laid anew only when they differ, so the cursor stays where it is."""
        state = (rows, tags, empty, self.theming.catalog.language)
        is_first = self._shown is None
        if state != self._shown:
            self._shown = state
            self.table.render_table(title, columns, rows, empty=empty, tags=tags, search_hint=hint)
        if is_first and rows.count:
            self.table.stand_on(cursor)
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Answer the keys of lists."""
        if act is not Action.SEARCH:
            return super().perform(act)
        self.table.search()
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        text, act = event.text(), act_of(event)
        is_plain = not event.modifiers() & ~(Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier)
        is_in_bar = act is not None and any(command.act is act for command in self.bar_commands())
        if is_plain and text.isprintable() and text.strip() and not is_in_bar:
            self.table.type_on(text)
        else:
            event.ignore()

    def bar_commands(self) -> tuple[Command, ...]:
        """Return what the bottom bar offers now."""
        return self.state.bar.actions if self.state is not None else ()


# The one view of all list screens: chips and table at the left, panels at the right.

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


# What screens along an SOP have in common: head and timeline at the left, what is to know and to do at the right.

SIDE = 464
_TURNS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
TS = TypeVar("TS", bound=TimelineState)


class Walked(Protocol):
    """A presenter whose cursor goes from step to step."""

    def next_step(self, by: int) -> None:
        """Move the cursor."""


class TimelineScreen(Screen[TS]):
    """Arrows move along the timeline, PgUp and PgDn scroll the facts, the digits do what the ways offer."""

    own_keys = (*_TURNS, Action.REFRESH)

    def __init__(self, theming: ThemeContext, presenter: Walked) -> None:
        super().__init__(theming)
        self._tag = TagLabel(theming)
        self._title, self._subtitle = Text(Role.TITLE, wraps=True), Text(Role.MUTED, wraps=True)
        self._sop, self._timeline, self._steps = ElidedText(Role.MUTED), SopTimeline(theming), Card(theming)
        self._now, self._now_card = Text(Role.STRONG, wraps=True), Card(theming)
        self._facts, self._ways = FactList(theming), WayList(theming)
        self._now_card.body.setContentsMargins(12, 8, 12, 8)
        self._now_card.body.addWidget(self._now)
        self._timeline.moved.connect(presenter.next_step)
        self._ways.commanded.connect(self.command)
        self._head = row(gap=theming.tokens.space["lg"])  # the words; a screen adds what stands beside them

    def lay_out(self, side: QWidget) -> None:
        """Put head and timeline at the left and `side` at the right."""
        space = self.theming.tokens.space
        head = Card(self.theming)
        self._head.insertLayout(0, column(self._tag, self._title, self._subtitle, gap=space["xs"]), 3)
        head.body.addLayout(self._head)
        self._steps.body.setContentsMargins(4, space["md"], 4, space["sm"])
        fill(self._steps.body, row(self._sop, gap=0, margins=(16, 0, 16, 0)), (self._timeline, 1))
        side.setFixedWidth(SIDE)
        left = column(head, (self._steps, 1), gap=space["md"])
        page(row((left, 1), side, on=self.content), self.theming)

    def scrolling_facts(self, *above: QWidget) -> QScrollArea:
        """Return the facts, below other parts, as what the page keys scroll."""
        inside = QWidget()
        column(*above, self._facts, SPRING, on=inside, gap=self.theming.tokens.space["sm"])
        self._info = ScrollDown(inside)
        return self._info

    def show_state(self, state: TS) -> None:
        """Show head and timeline."""
        self._tag.render_tag(state.tag)
        self._title.show_text(self.theming.say(state.title))
        self._subtitle.show_text(self.theming.say(state.subtitle))
        self._sop.setText(self.theming.say(state.sop))
        self._timeline.render_timeline(state.steps, state.cursor)

    def perform(self, act: Action) -> bool:
        """Scroll the facts, or read anew."""
        if act not in _TURNS:
            return super().perform(act)
        bar = self._info.verticalScrollBar()
        bar.setValue(bar.value() + _TURNS[act] * bar.pageStep())
        return True
