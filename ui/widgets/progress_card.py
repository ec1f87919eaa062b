"""Long work with its counts, speed, time left and a way to stop it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.parts import Progress
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, fill, row
from ui.widgets.marks import painter_on, panel
from ui.widgets.presence import present
from ui.widgets.text import Role, Text


class ProgressBar(QWidget):
    """A bar from 0 to 1000 ‰."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._permille = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_permille(self, permille: int) -> None:
        """Fill the bar."""
        self._permille = max(0, min(1000, permille))
        self.setAccessibleName(f"{self._permille // 10} %")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(200, 14)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        rect = QRectF(0, 0, self.width(), 14)
        panel(painter, rect, 7, theme.colour("neutral_soft"), theme.colour("outline"), 1)
        if self._permille:
            rect.setWidth(max(14.0, self.width() * self._permille / 1000))
            panel(painter, rect, 7, theme.colour("primary"))


class ProgressCard(Card):
    """Shows a `Progress`."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._what = Text(Role.STRONG)
        self._detail = Text(Role.MUTED)
        self._bar = ProgressBar(theming)
        self._cancel = ActionButton(theming)
        self._cancel.commanded.connect(self.commanded)
        words = row(self._what, SPRING, self._detail, gap=theming.tokens.space["md"])
        fill(self.body, words, self._bar, row(SPRING, self._cancel))

    def render_progress(self, progress: Progress) -> None:
        """Show how far the work is."""
        self._what.setText(self._theming.say(progress.title))
        self._detail.show_text(self._theming.say(progress.detail))
        present(self._bar, progress.total > 0)
        self._bar.show_permille(progress.done * 1000 // progress.total if progress.total else 0)
        self._cancel.offer(progress.cancel)
