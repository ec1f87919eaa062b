"""A word at the lower edge that goes by itself; a discard can be undone from it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QTimer, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from ui.presenters.commands import Command
from ui.presenters.messages import message
from ui.presenters.parts import Toast, Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.layout import SPRING, row
from ui.widgets.marks import TONE_ICONS, painter_on, panel, tone_icon
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

WORD_MS = 4_000
UNDO_MS = 10_000


class ToastBox(QWidget):
    """Shows a `Toast` for four seconds, one with undo for ten with the seconds that are left."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._theming = theming
        self._toast: Toast | None = None  # as its screen has it now
        self._tone = Tone.NEUTRAL  # of what is read here, which outlives that
        self._left_ms = 0
        self._words, self._left, self._undo = Text(Role.STRONG), Text(), ActionButton(theming)
        self._undo.commanded.connect(self._press)
        self._row = row(self._words, SPRING, self._left, self._undo, on=self, gap=theming.tokens.space["md"])
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tick)
        self.setVisible(False)

    def render_toast(self, toast: Toast | None) -> None:
        """Show a toast that was not shown yet; the same one again does nothing."""
        if toast is None or toast == self._toast:
            self._toast = toast
            return
        self._toast = toast
        self._left_ms = UNDO_MS if toast.undo else WORD_MS
        self._words.setText(self._theming.say(toast.words))
        self._tone = toast.tone
        self._words.set_tone(toast.tone)
        inset = 48 if toast.tone in TONE_ICONS else 20
        self._row.setContentsMargins(inset, 10, 20, 10)
        self._undo.offer(toast.undo)
        present(self._left, toast.undo is not None)
        self._count()
        self._second.start()
        self.setAccessibleName(self._words.text())
        self.place()
        self.show()
        self.raise_()

    @property
    def undo(self) -> Command | None:
        """Return the undo that is still possible."""
        return self._toast.undo if self.isVisible() and self._toast else None

    def press(self) -> None:
        """Take back what the toast tells, as its button does."""
        if (undo := self.undo) is not None:
            self._press(undo)

    def dismiss(self) -> None:
        """Take the toast away."""
        self._second.stop()
        self.hide()

    def place(self) -> None:
        """Stand in the middle above the bottom bar, or below the status bar where it would cover a button."""
        host = self.parentWidget()
        if host is None:
            return
        self.adjustSize()
        width = min(max(420, self.sizeHint().width()), host.width() - 48)
        size = self._theming.tokens.size
        low = QRect((host.width() - width) // 2, host.height() - size["bar"] - self.height() - 12, width, self.height())
        high = QRect(low.left(), size["strip"] + 12, width, self.height())
        self.setGeometry(high if self._covers(host, low) and not self._covers(host, high) else low)

    def _covers(self, host: QWidget, place: QRect) -> bool:
        """Return whether something would lie under it that is pressed or typed into."""
        parts: list[QWidget] = [*host.findChildren(QAbstractButton), *host.findChildren(QLineEdit)]
        seen = (part for part in parts if part.isVisible() and not self.isAncestorOf(part))
        return any(part.visibleRegion().translated(part.mapTo(host, QPoint())).intersects(place) for part in seen)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, tone = self._theming.theme, self._tone
        painter = painter_on(self)
        panel(painter, QRectF(self.rect()), theme.tokens.radius["card"], theme.ground(tone), theme.ink(tone), 2)
        tone_icon(painter, theme, tone, 20, self.height() / 2, 20)

    def _tick(self) -> None:
        self._left_ms -= self._second.interval()
        if self._left_ms <= 0:
            self.dismiss()
        else:
            self._count()

    def _count(self) -> None:
        self._left.setText(self._theming.say(message("ui.toast.left", seconds=self._left_ms // 1000)))

    def _press(self, undo: Command) -> None:
        self.dismiss()
        self.commanded.emit(undo)
