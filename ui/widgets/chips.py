"""Chips above a list: each a filter with its count; of a group one is on."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.presenters.lists import Chip
from ui.runtime.theme_context import ThemeContext
from ui.widgets.flow import Flow
from ui.widgets.layout import column
from ui.widgets.presence import Pool, present
from ui.widgets.toggle import Mark, ToggleButton

_HEIGHT = 40
_TICK, _SPARE = 28, 4


class _ChipButton(ToggleButton):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, Mark.NONE)
        self.setFixedHeight(_HEIGHT)
        self.name = ""

    def render_chip(self, chip: Chip) -> None:
        self.name = chip.name
        self.render_toggle(f"{self._theming.say(chip.words)} · {chip.count}", is_on=chip.is_on)
        # The tick of the one that is on stands beside its words, whichever it is.
        self.setMinimumWidth(self.sizeHint().width() + (_TICK if chip.is_on else _SPARE))


class ChipRows(QWidget):
    """Groups below each other. `chosen` tells the place of the group and the name of the chip."""

    chosen = Signal(int, str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._rows: list[Pool[_ChipButton]] = []
        self._column = column(on=self, gap=theming.tokens.space["xs"])

    def render_chips(self, chips: tuple[tuple[Chip, ...], ...]) -> None:
        """Show the groups; none take no place."""
        present(self, bool(chips))
        while len(self._rows) < len(chips):
            self._rows.append(self._new_row(len(self._rows)))
        for group, row in enumerate(self._rows):
            row.show(chips[group] if group < len(chips) else (), _ChipButton.render_chip)

    def _new_row(self, group: int) -> Pool[_ChipButton]:
        flow = Flow(self._theming.tokens.space["xs"])
        self._column.addLayout(flow)

        def chip() -> _ChipButton:
            button = _ChipButton(self._theming)
            button.clicked.connect(lambda: self.chosen.emit(group, button.name))
            return button

        return Pool(flow.addWidget, chip)
