"""The pages of a letter, one at a time, with which one it is."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.words import Words, phrase
from ui.runtime.look import Look
from ui.widgets.page_view import PageView
from ui.widgets.text import Role, Text


class LetterPages(QWidget):
    """Shows a page as large as there is room; `turn` goes on or back."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._at = look, 0
        self._pages: tuple[bytes, ...] = ()
        self._name: Words = ""
        self._page, self._count = PageView(look), Text(Role.MUTED)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look.tokens.space["xs"])
        column.addWidget(self._page, 1)
        column.addWidget(self._count, 0, Qt.AlignmentFlag.AlignHCenter)

    @property
    def at(self) -> int:
        """Return which page is shown, from 0."""
        return self._at

    def render_pages(self, pages: tuple[bytes, ...], name: Words) -> None:
        """Show pages; other ones begin at the first."""
        if pages != self._pages:
            self._pages, self._at = pages, 0
        self._name = name
        self._show()

    def turn(self, step: int) -> None:
        """Turn by pages; beyond the ends nothing happens."""
        self._at = max(0, min(len(self._pages) - 1, self._at + step))
        self._show()

    def _show(self) -> None:
        self._page.show_page(self._pages[self._at] if self._pages else b"", self._name)
        several = len(self._pages) > 1
        words = phrase("tte.page", page=self._at + 1, pages=len(self._pages))
        self._count.show_text(self._look.say(words) if several else "")
