"""A form beside what it is about: the fields at the left, the pages to be read at the right."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout

from ui.presenters.actions import Action
from ui.presenters.form import FormState
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.widgets.layout import SPRING, column, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

_ROOM_FOR_BOTH = 1000  # in a narrower window the pages stand below the fields
_LEAST = 520


class ReadingFormView(FormView):
    """PgDn and PgUp turn the pages, a click or Ctrl Space opens them over the window."""

    def __init__(self, theming: ThemeContext, wide: Mapping[str, int] | None = None) -> None:
        super().__init__(theming, wide)
        self._pages, self._note = LetterPages(theming), Text(Role.MUTED, wraps=True)
        self.column.removeWidget(self._fields)
        left = column(self._fields, SPRING, gap=0)
        right = column(self._note, (self._pages, 1), gap=theming.tokens.space["sm"])
        self._both = row((left, 3), (right, 2), gap=theming.tokens.space["lg"])
        self.column.insertLayout(self.column.count() - 1, self._both, 100)

    def show_state(self, state: FormState) -> None:
        """Show the fields, and the pages as soon as they are drawn."""
        super().show_state(state)
        self._note.show_text(self.theming.say(state.beside.note))
        present(self._pages, bool(state.beside.pages) and state.photo is None)
        self._pages.render_pages(state.beside.pages, state.title)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= _ROOM_FOR_BOTH
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._both.setDirection(beside if has_room else below)
        self._pages.setMinimumHeight(0 if has_room else _LEAST)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (*super().keys, *(PAGE_KEYS if self._pages.isVisible() else ()))

    def perform(self, act: Action) -> bool:
        """Turn a page or open it."""
        return super().perform(act) or self._pages.perform(act)
