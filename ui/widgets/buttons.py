"""Choices that are pressed: toggles and chips."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLayout, QLayoutItem, QSizePolicy, QWidget

from ui.presenters.lists import Chip
from ui.presenters.parts import Choice
from ui.presenters.presenter import CHOICES, Message
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.layout import Pool, column, grid, present
from ui.widgets.marks import BOX, LEFT, circle, ground, key_cap, key_cap_width, painter_on, tick_box, write

# A button that is on or off, with the key that turns it, and several of them side by side.
_TOGGLE_PADDING = 16
_TOGGLE_GAP = 10
_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class Mark(Enum):
    """What stands before the word: several may be chosen, one of them, or, where room is dear, nothing."""

    BOX = "box"
    CIRCLE = "circle"
    NONE = "none"  # the tick stands in place of the key


class ToggleButton(QAbstractButton):
    """Shows what `render_toggle` says; a press changes nothing by itself, whoever hears `clicked` decides."""

    def __init__(self, theming: ThemeContext, mark: Mark = Mark.BOX) -> None:
        super().__init__()
        self._theming = theming
        self._mark = mark
        self._cap = ""
        self._is_on = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def render_toggle(self, words: Message, *, is_on: bool, cap: str = "") -> None:
        """Show a word, whether it is chosen, and its key."""
        self._cap, self._is_on = cap, is_on
        self.setText(self._theming.say(words))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription("✓" if is_on else "")
        self.updateGeometry()
        self.update()

    @property
    def is_on(self) -> bool:
        """Return whether it shows as chosen."""
        return self._is_on

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        width = QFontMetricsF(self._font()).horizontalAdvance(self.text()) + 2 * _TOGGLE_PADDING
        if self._mark is not Mark.NONE:
            width += BOX + 2 * _TOGGLE_GAP
        if self._cap:
            width += _TOGGLE_GAP + key_cap_width(self._theming.theme, self._cap)
        return QSize(round(width) + 4, self._theming.tokens.size["button"])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, painter = self._theming.theme, painter_on(self)
        fill = theme.colour("accent_soft" if self._is_on else "page" if self.underMouse() else "surface")
        line = theme.colour("primary" if self._is_on else "outline_strong")
        ground(painter, self, theme, fill, line)
        middle = self.height() / 2
        left, right = float(_TOGGLE_PADDING), float(self.width() - _TOGGLE_PADDING)
        if self._mark is not Mark.NONE:
            paint = tick_box if self._mark is Mark.BOX else circle
            paint(painter, theme, _TOGGLE_PADDING, middle, is_on=self._is_on)
            left += BOX + _TOGGLE_GAP
        if self._is_on and self._mark is Mark.NONE:
            right -= BOX
            draw_icon(painter, "check", theme.colour("primary"), right, middle - BOX / 2, BOX)
        elif self._cap:
            right -= key_cap_width(theme, self._cap)
            key_cap(painter, theme, self._cap, right, middle, theme.colour("text_muted"))
        room = QRectF(left, 0, right - left - (4 if self._mark is Mark.NONE else _TOGGLE_GAP), self.height())
        side = LEFT
        if self._mark is Mark.NONE and not self._cap and not self._is_on and self.width() < self.sizeHint().width():
            room, side = QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter  # a sign alone needs no room beside it
        write(painter, room, self.text(), self._font(), theme.colour("text"), side)

    def _font(self) -> QFont:
        return self._theming.theme.font("text", QFont.Weight.DemiBold)


class ChoiceGrid(QWidget):
    """Toggles in columns, fewer where there is no room; `chosen` tells the name of the one that was pressed.

    With `has_keys` the first ten show the digit that chooses them; the screen hears it.
    """

    chosen = Signal(str)

    def __init__(
        self, theming: ThemeContext, columns: int = 4, mark: Mark = Mark.CIRCLE, *, has_keys: bool = False
    ) -> None:
        super().__init__()
        self._theming, self._most, self._columns = theming, columns, columns
        self._mark = mark
        self._keys = len(CHOICES) if has_keys else 0
        self._choices: tuple[Choice, ...] = ()
        self._buttons: list[ToggleButton] = []
        self._grid = grid(self, gap=theming.tokens.space["sm"], wide=range(columns))

    def render_choices(self, choices: tuple[Choice, ...], chosen: tuple[str, ...]) -> None:
        """Show choices; `chosen` are the names of those that are on."""
        self._choices = choices
        while len(self._buttons) < len(choices):
            at = len(self._buttons)
            button = ToggleButton(self._theming, self._mark)
            button.clicked.connect(lambda _checked=False, at=at: self.chosen.emit(self._choices[at].name))
            button.installEventFilter(self)
            self._buttons.append(button)
            self._grid.addWidget(button, at // self._columns, at % self._columns)
        first = next((at for at, choice in enumerate(choices) if choice.name in chosen), 0)
        has_keyboard = any(button.hasFocus() for button in self._buttons)
        for at, button in enumerate(self._buttons):
            present(button, at < len(choices))
            if at < len(choices):
                cap = str((at + 1) % 10) if at < self._keys else ""
                button.render_toggle(choices[at].words, is_on=choices[at].name in chosen, cap=cap)
                # One stop of the Tab key for the whole grid.
                if not has_keyboard:
                    button.setFocusPolicy(Qt.FocusPolicy.TabFocus if at == first else Qt.FocusPolicy.NoFocus)
        self._reflow()
        if self._buttons:
            self.setFocusProxy(self._buttons[min(first, len(self._buttons) - 1)])

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._reflow()

    def _reflow(self) -> None:
        """Stand in as many columns as the longest word leaves."""
        gap = self._grid.horizontalSpacing()
        shown = self._buttons[: len(self._choices)]
        widest = max((button.sizeHint().width() for button in shown), default=0) + gap
        columns = max(1, min(self._most, (self.width() + gap) // max(1, widest)))
        if columns == self._columns or not self.testAttribute(Qt.WidgetAttribute.WA_WState_Created):
            return
        self._columns = columns
        for at in range(self._most):
            self._grid.setColumnStretch(at, int(at < columns))
        for at, button in enumerate(self._buttons):
            self._grid.addWidget(button, at // columns, at % columns)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _STEPS:
            return self._walk(watched, *_STEPS[Qt.Key(event.key())])
        return False

    def _walk(self, button: QObject, down: int, right: int) -> bool:
        at = next(i for i, other in enumerate(self._buttons) if other is button)
        to = at + down * self._columns + right
        if 0 <= to < len(self._choices):
            self._buttons[at].setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._buttons[to].setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._buttons[to].setFocus(Qt.FocusReason.TabFocusReason)
        return True


# Chips above a list, in as many lines as they need: each a filter with its count; of a group one is on.

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
