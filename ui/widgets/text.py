"""Lines of text by their role."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ui.presenters.parts import Tone
from ui.widgets.presence import present


class Role(StrEnum):
    """The roles of text; the stylesheet gives each its size and weight."""

    PLAIN = "plain"
    LEAD = "lead"  # to be read out to somebody
    MUTED = "muted"
    STRONG = "strong"
    SECTION = "section"
    TITLE = "title"
    NUMBER = "number"


def mark(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the stylesheet asks for, and dress the widget anew when it changed."""
    if (widget.property(name) or "") == value:
        return
    widget.setProperty(name, value)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Text(QLabel):
    """Plain text; `wraps` lets it grow downwards instead of sideways."""

    def __init__(self, role: Role = Role.PLAIN, text: str = "", *, wraps: bool = False) -> None:
        super().__init__(text)
        self.setProperty("role", role.value)
        self.setProperty("tone", Tone.NEUTRAL.value)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wraps)
        if wraps:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def show_text(self, text: str) -> None:
        """Show a text; an empty one takes no place."""
        if text != self.text():
            self.setText(text)
        present(self, bool(text))

    def set_tone(self, tone: Tone) -> None:
        """Colour the text by a tone; the word must say the same."""
        mark(self, "tone", tone.value)


class ElidedText(QLabel):
    """One line that gives way: what does not fit ends in "…" and is told in full on hovering."""

    def __init__(self, role: Role = Role.PLAIN) -> None:
        super().__init__()
        self.setProperty("role", role.value)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.setToolTip(self.text() if shown != self.text() else "")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
