"""The pages of a letter or a paper, one at a time, with which one it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.messages import Message, message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.page_view import PageView
from ui.widgets.text import Role, Text

_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
PAGE_KEYS = tuple(_STEPS)


class LetterPages(QWidget):
    """Shows a page as large as there is room; PgDn and PgUp turn."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._at = theming, 0
        self._pages: tuple[bytes, ...] = ()
        self._name: Message = ""
        self._page, self._count = PageView(theming), Text(Role.MUTED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theming.tokens.space["xs"])
        column.addWidget(self._page, 1)
        column.addWidget(self._count, 0, Qt.AlignmentFlag.AlignHCenter)

    @property
    def at(self) -> int:
        """Return which page is shown, from 0."""
        return self._at

    def render_pages(self, pages: tuple[bytes, ...], name: Message) -> None:
        """Show pages; those of another letter begin at the first, one that is drawn anew stays where it was."""
        self._at = min(self._at, max(0, len(pages) - 1)) if name == self._name else 0
        self._pages, self._name = pages, name
        self._show()

    def perform(self, act: Action) -> bool:
        """Turn a page; `False` for any other key."""
        if act in _STEPS:
            self.turn(_STEPS[act])
        return act in _STEPS

    def turn(self, step: int) -> None:
        """Turn by pages; beyond the ends nothing happens."""
        self._at = max(0, min(len(self._pages) - 1, self._at + step))
        self._show()

    def _show(self) -> None:
        self._page.show_page(self._pages[self._at] if self._pages else b"", self._name)
        several = len(self._pages) > 1
        words = message("paper.page", page=self._at + 1, pages=len(self._pages))
        self._count.show_text(self._theming.say(words) if several else "")
