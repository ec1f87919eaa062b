"""The window for those who wait: the number that is called, as large as it goes, and who is next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QCloseEvent, QColor, QFont, QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QScreen
from PySide6.QtWidgets import QWidget

from fieldkit.domain.cards.printing_day import QueueBoard
from ui.presenters.cards.queue_board import QueueBoardPresenter
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext

_SIZE = (960, 600)
_LINES = (0.09, 0.56, 0.08, 0.17)  # of the height: head, number, head, next; the rest is air


class QueueBoardWindow(QWidget):
    """Belongs to the window of the program and goes with it; Esc closes it alone."""

    def __init__(self, theming: ThemeContext, owner: QWidget, presenter: QueueBoardPresenter) -> None:
        super().__init__(owner, Qt.WindowType.Window)
        self._theming, self._owner, self._presenter, self._board = theming, owner, presenter, presenter.state
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, on=False)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle(theming.say(message("antrean.board")))
        presenter.listen(self.render_board)
        presenter.start()

    def open(self) -> None:
        """Show it whole on another screen where there is one, else as a window beside the program's."""
        other = another(QGuiApplication.screens(), self._owner.screen())
        if other is None:
            self.resize(*_SIZE)
            self.show()
        else:
            self.setGeometry(other.geometry())
            self.showFullScreen()

    def render_board(self, board: QueueBoard) -> None:
        """Show the numbers."""
        self._board = board
        self.update()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 – Qt's name
        """Follow the store no more."""
        self._presenter.stop()
        self._presenter.deafen()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        """Close with Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        """Draw four lines: they grow with the window."""
        board, say, colour = self._board, self._theming.say, self._theming.tokens.colours()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colour["surface"]))
        current = f"{board.current:03}" if board.current is not None else "–"
        following = "   ".join(f"{number:03}" for number in board.following) or "–"
        lines = (
            (say(message("antrean.board_now")), "text_muted"),
            (current, "accent"),
            (say(message("antrean.board_next", count=board.waiting)), "text_muted"),
            (following, "text"),
        )
        top = self.height() * (1 - sum(_LINES)) / 2
        for (words, tone), share in zip(lines, _LINES, strict=True):
            height = self.height() * share
            self._draw(painter, QRectF(0, top, self.width(), height), words, QColor(colour[tone]))
            top += height
        painter.end()

    def _draw(self, painter: QPainter, place: QRectF, words: str, colour: QColor) -> None:
        """Draw a line as large as its place lets it be."""
        font = QFont(self.font())
        font.setWeight(QFont.Weight.Bold)
        font.setPixelSize(max(8, round(place.height() * 0.8)))
        painter.setFont(font)
        wide = painter.fontMetrics().horizontalAdvance(words)
        if wide > place.width() * 0.94:
            font.setPixelSize(max(8, round(font.pixelSize() * place.width() * 0.94 / wide)))
            painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)


def another(screens: Sequence[QScreen], own: QScreen) -> QScreen | None:
    """Return a screen that the program's window is not on, None where there is only one."""
    return next((screen for screen in screens if screen is not own), None)


def toggle_board(theming: ThemeContext, owner: QWidget, presenter: QueueBoardPresenter) -> None:
    """Open the window, or close the one that is open."""
    there = owner.findChild(QueueBoardWindow)
    if there is not None:
        there.close()
    else:
        QueueBoardWindow(theming, owner, presenter).open()
