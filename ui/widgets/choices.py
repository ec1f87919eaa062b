"""A list of which one is chosen: big lines, arrows and number keys."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.presenters.parts import Choice
from ui.presenters.presenter import CHOICES, Action
from ui.runtime.theme import ThemeContext
from ui.widgets.layout import grid, present
from ui.widgets.marks import circle, ground, key_cap, key_cap_width, painter_on, write, write_whole

_LEFT = 52
_RIGHT = 56
_COLUMNS = 2


class ChoiceLine(QAbstractButton):
    """One line with its circle."""

    def __init__(self, theming: ThemeContext, least: int) -> None:
        super().__init__()
        self._theming, self._cap, self._least = theming, "", least
        self._choice, self._second = Choice("", ""), ""
        self._heights: dict[int, int] = {}  # by width: Qt asks a dozen times while a window opens
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def render_choice(self, choice: Choice, *, chosen: bool, cap: str) -> None:
        """Show a choice; `cap` is the key that chooses it, "" without one."""
        self._cap = cap
        self._choice, self._second = choice, self._theming.say(choice.refused or choice.detail)
        self._heights = {}
        self.setText(self._theming.say(choice.words))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(self._second)
        self.setToolTip(self._theming.say(choice.refused))
        self.setChecked(chosen)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(320, self.heightForWidth(320))

    def hasHeightForWidth(self) -> bool:  # noqa: N802, D102 – Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802, D102 – Qt's name
        if not self._second:
            return self._least
        if width not in self._heights:
            metrics = QFontMetrics(self._theming.theme.font("text"))
            room = QRect(0, 0, width - _LEFT - _RIGHT, 10_000)
            words = metrics.boundingRect(room, Qt.TextFlag.TextWordWrap, self._second)
            self._heights[width] = 34 + words.height() + 12
        return self._heights[width]

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, painter = self._theming.theme, painter_on(self)
        fill = theme.colour("accent_soft" if self.isChecked() else "page" if self.underMouse() else "surface")
        line = theme.colour("primary" if self.isChecked() else "outline_strong")
        ground(painter, self, theme, fill, line)
        middle = self.height() / 2
        circle(painter, theme, 16, middle, is_on=self.isChecked())
        if self._cap:
            x = self.width() - 16 - key_cap_width(theme, self._cap)
            key_cap(painter, theme, self._cap, x, middle, theme.colour("text_muted"))
        self._paint_words(painter, QRectF(_LEFT, 0, self.width() - _LEFT - _RIGHT, self.height()))

    def _paint_words(self, painter: QPainter, rect: QRectF) -> None:
        theme = self._theming.theme
        second = self._second
        quiet = theme.colour("text_muted")
        ink = quiet if self._choice.refused else theme.colour("text")
        first = QRectF(rect.left(), rect.top() + 10, rect.width(), 24) if second else rect
        write(painter, first, self.text(), theme.font("text", QFont.Weight.DemiBold), ink)
        if second:
            below = QRectF(rect.left(), rect.top() + 34, rect.width(), rect.height() - 34)
            write_whole(painter, below, second, theme.font("text"), quiet, Qt.TextFlag.TextWordWrap)


_TAKEN = frozenset(act.key for act in Action)  # what means something else on every screen
_CLOSE = 2  # px between the lines of a dense list that is longer than the digits reach


class ChoiceList(QWidget):
    """Choices below each other; `chosen` tells the name, `refused` why a line cannot be chosen.

    With `most_rows` a longer list stands in two columns, read downwards. A dense list has its lines only as high as a
    finger needs, for screens where ten of them stand beside something else.
    """

    chosen = Signal(str)
    refused = Signal(str)

    def __init__(
        self, theming: ThemeContext, *, has_keys: bool = True, most_rows: int = 0, is_dense: bool = False
    ) -> None:
        super().__init__()
        self._theming = theming
        self._has_keys = has_keys  # not where a field beside it takes the digits
        self._choices: tuple[Choice, ...] = ()
        self._current = ""
        self._lines: list[ChoiceLine] = []
        self._caps: tuple[str, ...] = ()
        self._most_rows, self._rows = most_rows, 0
        self._is_dense = is_dense
        self._least = theming.tokens.size["target" if is_dense else "row"]
        self._grid = grid(self, gap=theming.tokens.space["xs" if is_dense else "sm"])

    def render_choices(self, choices: tuple[Choice, ...], current: str = "") -> None:
        """Show choices; `current` is the name of the chosen one."""
        self._choices, self._current = choices, current
        while len(self._lines) < len(choices):
            index = len(self._lines)
            line = ChoiceLine(self._theming, self._least)
            line.clicked.connect(lambda _checked=False, at=index: self.choose(at))
            self._lines.append(line)
        if self._is_dense:
            self._grid.setSpacing(_CLOSE if len(choices) > len(CHOICES) else self._theming.tokens.space["xs"])
        self._place(len(choices))
        self._caps = _caps([self._theming.say(choice.words) for choice in choices]) if self._has_keys else ()
        for index, line in enumerate(self._lines):
            present(line, index < len(choices))
            if index < len(choices):
                cap = self._caps[index] if self._caps else ""
                line.render_choice(choices[index], chosen=choices[index].name == current, cap=cap)
        if self._lines:
            self.setFocusProxy(self._lines[0])

    @property
    def chosen_line(self) -> QWidget | None:
        """Return the line that is chosen, to bring it into sight."""
        return next((line for line in self._lines if line.isChecked()), None)

    def choose(self, index: int) -> bool:
        """Choose a line by its place from 0, as the number keys do; `False` when there is none."""
        if not 0 <= index < len(self._choices):
            return False
        choice = self._choices[index]
        # The circle shows the state, not the press: a presenter may refuse.
        self._lines[index].setChecked(choice.name == self._current)
        if choice.refused:
            self.refused.emit(self._theming.say(choice.refused))
        else:
            self.chosen.emit(choice.name)
        return True

    def choose_by_letter(self, letter: str) -> bool:
        """Choose the line beyond the tenth that shows this letter; `False` when none does."""
        letter = letter.upper()
        return letter.isalpha() and letter in self._caps and self.choose(self._caps.index(letter))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is None:
            event.ignore()
            return
        focused = next((i for i, line in enumerate(self._lines) if line.hasFocus()), -1)
        target = max(0, min(len(self._choices) - 1, focused + step))
        self._lines[target].setFocus(Qt.FocusReason.TabFocusReason)

    def _place(self, count: int) -> None:
        rows = count if count <= self._most_rows or not self._most_rows else -(-count // _COLUMNS)
        if rows == self._rows and self._grid.count() == len(self._lines):
            return
        self._rows = rows
        for index, line in enumerate(self._lines):
            self._grid.addWidget(line, index % max(rows, 1), index // max(rows, 1))


def _caps(words: list[str]) -> tuple[str, ...]:
    """Return the key of each line: digits for the first ten, then a letter of its own words that nothing else has."""
    caps = [str((at + 1) % 10) for at in range(min(len(words), len(CHOICES)))]
    for text in words[len(CHOICES) :]:
        letters = (mark for mark in text.upper() if mark.isascii() and mark.isalpha())
        caps.append(next((letter for letter in letters if letter not in (*caps, *_TAKEN)), ""))
    return tuple(caps)
