"""The pages of a letter or a paper, one at a time, with which one it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.messages import Message, message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.page_reader import PageReader
from ui.widgets.page_view import PageView
from ui.widgets.text import Role, Text

_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
PAGE_KEYS = (*_STEPS, Action.READ)


class LetterPages(QWidget):
    """Shows a page as large as there is room; PgDn and PgUp turn, a click or Ctrl Space opens it to be read."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._at = theming, 0
        self._pages: tuple[bytes, ...] = ()
        self._name: Message = ""
        self._page, self._count, self._hint = PageView(theming), Text(Role.MUTED), Text(Role.MUTED)
        self._page.setCursor(Qt.CursorShape.PointingHandCursor)
        self._page.pressed.connect(self.read)
        self._reader: PageReader | None = None
        below = ((line, 0, Qt.AlignmentFlag.AlignHCenter) for line in (self._count, self._hint))
        column((self._page, 1), *below, on=self, gap=theming.tokens.space["xs"])

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
        """Turn a page or open it; `False` for any other key."""
        if act in _STEPS:
            self.turn(_STEPS[act])
        elif act is Action.READ:
            self.read()
        return act in PAGE_KEYS

    def read(self) -> None:
        """Open the page over the whole window."""
        if self._page.has_picture:
            reader = self._reader = PageReader(self._theming, self.window())
            reader.turned.connect(self.turn)
            reader.closed.connect(self._put_away)
            self._open_page(reader)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().hideEvent(event)
        if self._reader is not None:
            self._reader.close_overlay()

    def _put_away(self) -> None:
        self._reader = None

    def _open_page(self, reader: PageReader) -> None:
        reader.read(self._pages[self._at], self._name, self._count.text())

    def turn(self, step: int) -> None:
        """Turn by pages; beyond the ends nothing happens."""
        self._at = max(0, min(len(self._pages) - 1, self._at + step))
        self._show()

    def _show(self) -> None:
        self._page.show_page(self._pages[self._at] if self._pages else b"", self._name)
        several = len(self._pages) > 1
        words = message("paper.page", page=self._at + 1, pages=len(self._pages))
        self._count.show_text(self._theming.say(words) if several else "")
        self._hint.show_text(self._theming.say(message("ui.reader.open")) if self._page.has_picture else "")
        if self._reader is not None:
            self._open_page(self._reader)
