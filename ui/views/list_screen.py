"""What screens with a list have in common: the keyboard in the table, letters that search at once."""

from __future__ import annotations

from typing import ClassVar, Protocol, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.figures import Column, Rows
from ui.presenters.messages import Message
from ui.presenters.parts import Empty, Tag, ViewState
from ui.runtime.shortcuts import act_of
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.layout import SPRING, column, row
from ui.widgets.presence import present
from ui.widgets.table_card import TableCard

S = TypeVar("S", bound=ViewState)

ROOM_FOR_SIDE = 1200


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
