"""Chips above a list, in as many lines as they need: each a filter with its count; of a group one is on."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from ui.presenters.lists import Chip
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import column
from ui.widgets.presence import Pool, present
from ui.widgets.toggle import Mark, ToggleButton

_HEIGHT = 40
_TICK, _SPARE = 28, 4


class Flow(QLayout):
    """Widgets from left to right as wide as they like, hidden ones left out; the height follows from the width."""

    def __init__(self, spacing: int) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._heights: dict[int, int] = {}  # by width; one change of a screen asks dozens of times
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802, D102 – Qt's name
        self._items.append(item)

    def count(self) -> int:  # noqa: D102 – Qt's name
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802, D102 – Qt asks past the end
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802, D102 – Qt asks past the end
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802, D102 – Qt's name
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802, D102 – Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802, D102 – Qt's name
        height = self._heights.get(width)
        if height is None:
            places = self._places(QRect(0, 0, width, 0))
            height = self._heights[width] = max((place.bottom() + 1 for _, place in places), default=0)
        return height

    def invalidate(self) -> None:  # noqa: D102 – Qt's name
        self._heights.clear()
        super().invalidate()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return self.minimumSize()

    def minimumSize(self) -> QSize:  # noqa: N802, D102 – Qt's name
        sizes = [item.minimumSize() for item in self._items if not item.isEmpty()]
        return QSize(*(max(map(of, sizes), default=0) for of in (QSize.width, QSize.height)))

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802, D102 – Qt's name
        super().setGeometry(rect)
        for item, place in self._places(rect):
            item.setGeometry(place)

    def _places(self, rect: QRect) -> list[tuple[QLayoutItem, QRect]]:
        """Return where each item goes, line after line."""
        x, y, line, places = rect.x(), rect.y(), 0, []
        for item in self._items:
            if item.isEmpty():
                continue
            size = item.sizeHint()
            if x > rect.x() and x + size.width() > rect.right() + 1:
                x, y, line = rect.x(), y + line + self.spacing(), 0
            places.append((item, QRect(x, y, size.width(), size.height())))
            x, line = x + size.width() + self.spacing(), max(line, size.height())
        return places


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
