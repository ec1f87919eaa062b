"""Choices side by side: Tab comes to the grid once, arrows walk, Space chooses."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.presenters.actions import CHOICES
from ui.presenters.parts import Choice
from ui.runtime.theme_context import ThemeContext
from ui.widgets.presence import present
from ui.widgets.toggle import Mark, ToggleButton

_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


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
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theming.tokens.space["sm"])
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

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
        for column in range(self._most):
            self._grid.setColumnStretch(column, int(column < columns))
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
