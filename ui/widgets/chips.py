"""Chips above a list: each a filter with its count; of a group one is on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.presenters.lists import Chip
from ui.runtime.theme_context import ThemeContext
from ui.widgets.flow import Flow
from ui.widgets.presence import present
from ui.widgets.toggle import Mark, ToggleButton

_HEIGHT = 40
_TICK, _SPARE = 28, 4


class ChipRows(QWidget):
    """Groups below each other. `chosen` tells the place of the group and the name of the chip."""

    chosen = Signal(int, str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._chips: tuple[tuple[Chip, ...], ...] = ()
        self._rows: list[tuple[Flow, list[ToggleButton]]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theming.tokens.space["xs"])

    def render_chips(self, chips: tuple[tuple[Chip, ...], ...]) -> None:
        """Show the groups; none take no place."""
        self._chips = chips
        present(self, bool(chips))
        while len(self._rows) < len(chips):
            row = Flow(self._theming.tokens.space["xs"])
            self._column.addLayout(row)
            self._rows.append((row, []))
        for group, (row, buttons) in enumerate(self._rows):
            shown = chips[group] if group < len(chips) else ()
            while len(buttons) < len(shown):
                button, at = ToggleButton(self._theming, Mark.NONE), len(buttons)
                button.setFixedHeight(_HEIGHT)
                button.clicked.connect(lambda _checked=False, group=group, at=at: self._press(group, at))
                row.addWidget(button)
                buttons.append(button)
            for at, button in enumerate(buttons):
                present(button, at < len(shown))
                if at < len(shown):
                    words = f"{self._theming.say(shown[at].words)} · {shown[at].count}"
                    button.render_toggle(words, is_on=shown[at].is_on)
                    # The tick of the one that is on stands beside its words, whichever it is.
                    button.setMinimumWidth(button.sizeHint().width() + (_TICK if shown[at].is_on else _SPARE))

    def _press(self, group: int, at: int) -> None:
        self.chosen.emit(group, self._chips[group][at].name)
