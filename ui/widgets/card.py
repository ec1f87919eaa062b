"""A card: a white panel with a fine outline, or the ground of a tone."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.marks import painter_on, panel
from ui.widgets.text import Role, Text


class Card(QWidget):
    """Holds what belongs together; `body` is its layout. A tone colours ground and outline."""

    def __init__(self, theming: ThemeContext, tone: Tone = Tone.NEUTRAL) -> None:
        super().__init__()
        self._theming = theming
        self._tone = tone
        space = theming.tokens.space
        self.body = column(on=self, gap=space["sm"], margins=(20, space["md"], 20, space["md"]))
        self._title: Text | None = None

    def set_tone(self, tone: Tone) -> None:
        """Colour ground and outline."""
        if tone is not self._tone:
            self._tone = tone
            self.update()

    def set_title(self, text: str) -> None:
        """Show a section head above everything else."""
        if self._title is None:
            self._title = Text(Role.SECTION, wraps=True)
            self.body.insertWidget(0, self._title)
        self._title.show_text(text)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        is_plain = self._tone is Tone.NEUTRAL
        fill = theme.colour("surface") if is_plain else theme.ground(self._tone)
        line = theme.colour("outline") if is_plain else theme.ink(self._tone)
        tokens = theme.tokens
        panel(painter, QRectF(self.rect()), tokens.radius["card"], fill, line, tokens.line["card"])
