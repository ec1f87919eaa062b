"""A layout that goes on in the next line where a line is full."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem


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
