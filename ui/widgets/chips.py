"""Chips above a list: each a filter with its count; of a group one is on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from ui.presenters.lists import Chip
from ui.runtime.look import Look
from ui.widgets.presence import present
from ui.widgets.toggle import ToggleButton

_HEIGHT = 40


class ChipRows(QWidget):
    """Groups below each other; one that is wider than the list goes on below. `chosen` tells group and chip."""

    chosen = Signal(int, str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._gap = look, look.tokens.space["xs"]
        self._chips: tuple[tuple[Chip, ...], ...] = ()
        self._rows: list[list[ToggleButton]] = []

    def render_chips(self, chips: tuple[tuple[Chip, ...], ...]) -> None:
        """Show the groups; none take no place."""
        self._chips = chips
        present(self, bool(chips))
        while len(self._rows) < len(chips):
            self._rows.append([])
        for group, buttons in enumerate(self._rows):
            shown = chips[group] if group < len(chips) else ()
            while len(buttons) < len(shown):
                button, at = ToggleButton(self._look, has_box=False), len(buttons)
                button.setParent(self)
                button.clicked.connect(lambda _checked=False, group=group, at=at: self._press(group, at))
                buttons.append(button)
            for at, button in enumerate(buttons):
                present(button, at < len(shown))
                if at < len(shown):
                    words = f"{self._look.say(shown[at].words)} · {shown[at].count}"
                    button.render_toggle(words, is_on=shown[at].is_on)
        self._lay_out()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(0, _HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        top = 0
        for buttons, chips in zip(self._rows, self._chips, strict=False):
            left = 0
            for button in buttons[: len(chips)]:
                width = button.sizeHint().width()
                if left and left + width > self.width():
                    left, top = 0, top + _HEIGHT + self._gap
                button.setGeometry(left, top, width, _HEIGHT)
                left += width + self._gap
            top += _HEIGHT + self._gap
        self.setFixedHeight(max(0, top - self._gap))

    def _press(self, group: int, at: int) -> None:
        self.chosen.emit(group, self._chips[group][at].name)
